using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Testing;

namespace Edge.IntegrationTests.Ops;

/// <summary>One alert or recording rule, as its file spells it.</summary>
sealed record OpsRule(string Name, bool IsAlert, string Expression, string Text);

/// <summary>One panel, not a row.</summary>
sealed record OpsPanel(int Id, string Title, string[] Expressions, JsonElement Json);

/// <summary>What is in ops/. The YAML is read by its lines, as these files are laid out; promtool reads it as YAML.</summary>
static partial class OpsFiles
{
    public static string RulesPath => PathOf("prometheus", "edge.rules.yml");

    public static string[] RuleTestsPaths => [PathOf("prometheus", "edge.rules.test.yml"), PathOf("prometheus", "edge.rules.hours.test.yml")];

    public static IReadOnlyList<OpsRule> Rules { get; } =
    [
        .. Rule().Matches(File.ReadAllText(RulesPath)).Select(static rule => new OpsRule(
            rule.Groups["name"].Value, rule.Groups["kind"].Value == "alert", Expression().Match(rule.Value).Groups[1].Value.Trim(), rule.Value)),
    ];

    public static IEnumerable<OpsRule> Alerts => Rules.Where(static rule => rule.IsAlert);

    public static JsonElement Dashboard { get; } = JsonDocument.Parse(File.ReadAllText(PathOf("grafana", "edge.json"))).RootElement;

    public static IReadOnlyList<JsonElement> AllPanels { get; } = [.. Dashboard.GetProperty("panels").EnumerateArray().SelectMany(WithNested)];

    public static IReadOnlyList<OpsPanel> Panels { get; } =
    [
        .. AllPanels.Where(static panel => panel.GetProperty("type").GetString() != "row").Select(static panel => new OpsPanel(
            panel.GetProperty("id").GetInt32(), panel.GetProperty("title").GetString()!,
            [.. panel.GetProperty("targets").EnumerateArray().Select(static target => target.GetProperty("expr").GetString()!)], panel)),
    ];

    /// <summary>Of rules, panels and the dashboard's variables, with where they stand.</summary>
    public static IEnumerable<(string Where, string Expression)> Expressions =>
    [
        .. Rules.Select(static rule => (rule.Name, rule.Expression)),
        .. Panels.SelectMany(static panel => panel.Expressions.Select(expression => ($"panel {panel.Id.ToString(CultureInfo.InvariantCulture)}, {panel.Title}", expression))),
        .. Dashboard.GetProperty("templating").GetProperty("list").EnumerateArray()
            .Where(static variable => variable.GetProperty("type").GetString() == "query")
            .Select(static variable => ($"variable {variable.GetProperty("name").GetString()}", LabelValues().Match(variable.GetProperty("definition").GetString()!).Groups[1].Value)),
    ];

    static IEnumerable<JsonElement> WithNested(JsonElement panel) =>
        panel.TryGetProperty("panels", out var nested) ? [panel, .. nested.EnumerateArray()] : [panel];

    static string PathOf(string folder, string file) => Path.Combine(Repository.Root, "ops", folder, file);

    // Up to the next rule or group.
    [GeneratedRegex(@"^      - (?<kind>alert|record): (?<name>\S+)\n(?:        .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Rule();

    [GeneratedRegex(@"^        expr:(?: >-)?((?: .*)?\n(?:          .*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"^label_values\((.*), \w+\)$")]
    private static partial Regex LabelValues();
}
