using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.IntegrationTests.Cli;
using Edge.Testing;

namespace Edge.IntegrationTests.Ops;

/// <summary>Alert rules and the dashboard, held against promtool and against what a running instance measures.</summary>
public sealed partial class OpsTests
{
    /// <summary>Made by Prometheus itself.</summary>
    static readonly string[] OfPrometheus = ["up"];

    static readonly string[] OfEveryTarget = ["job", "instance"];

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_the_rules()
    {
        var (exitCode, output) = await Promtool("check", "rules", OpsFiles.RulesPath);
        Assert.True(exitCode == 0, output);
        // And all of them are seen by the tests here.
        Assert.Contains($"SUCCESS: {OpsFiles.Rules.Count} rules found", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_fire_when_they_should_and_only_then()
    {
        var (exitCode, output) = await Promtool(["test", "rules", .. OpsFiles.RuleTestsPaths]);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void Each_alert_has_a_case_that_fires_it_and_one_that_does_not()
    {
        var cases = OpsFiles.RuleTestsPaths.SelectMany(static path => Case().Matches(File.ReadAllText(path)))
            .Select(static match => (Alert: match.Groups["alert"].Value, Fires: match.Groups["none"].Length == 0)).ToHashSet();
        var alerts = OpsFiles.Alerts.Select(static alert => alert.Name).ToHashSet();
        // Nor a case of an alert that is called otherwise now: it would test nothing.
        Assert.Equal(
            alerts.SelectMany(static alert => new[] { (alert, false), (alert, true) }).Order(),
            cases.Order());
    }

    [Fact]
    public void Each_alert_says_how_urgent_it_is_and_what_to_do()
    {
        Assert.NotEmpty(OpsFiles.Alerts);
        Assert.All(OpsFiles.Alerts, static alert =>
        {
            Assert.Matches(@"\n        for: \d+[mh]\n", alert.Text);
            Assert.Matches(@"\n          severity: (page|ticket)\n", alert.Text);
            Assert.Matches(@"\n          summary: \S", alert.Text);
            Assert.Matches(@"\n          description: \S", alert.Text);
            Assert.Matches(@"\n          runbook: >-\n            Means: [^\n]+\n(            [^\n]+\n)*            Look: [^\n]+\n(            [^\n]+\n)*            Do: ", alert.Text);
        });
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "ops", "README.md"));
        Assert.Equal(
            OpsFiles.Alerts.Select(static alert => $"{alert.Name} {Severity().Match(alert.Text).Groups[1].Value}"),
            Row().Matches(readme).Select(static row => $"{row.Groups[1].Value} {row.Groups[2].Value}"));
    }

    [Fact]
    public void What_is_recorded_is_used()
    {
        var used = OpsFiles.Expressions.SelectMany(static at => PromQuery.Selectors(at.Expression)).Select(static selected => selected.Metric).ToHashSet();
        Assert.All(OpsFiles.Rules.Where(static rule => !rule.IsAlert), rule => Assert.Contains(rule.Name, used));
    }

    [Fact]
    public void Each_panel_has_a_title_a_description_a_unit_and_a_query()
    {
        var ids = OpsFiles.AllPanels.Select(static panel => panel.GetProperty("id").GetInt32()).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.NotEmpty(OpsFiles.Panels);
        Assert.All(OpsFiles.Panels, static panel =>
        {
            Assert.NotEmpty(panel.Title);
            Assert.NotEmpty(panel.Expressions);
            Assert.DoesNotContain("", panel.Expressions);
            Assert.NotEmpty(panel.Json.GetProperty("description").GetString()!);
            Assert.NotEmpty(panel.Json.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!);
            Assert.Equal("${datasource}", panel.Json.GetProperty("datasource").GetProperty("uid").GetString());
            var references = panel.Json.GetProperty("targets").EnumerateArray().Select(static target => target.GetProperty("refId").GetString()).ToList();
            Assert.Equal(references.Distinct(), references);
        });
    }

    [Fact]
    public void Every_query_of_the_dashboard_is_of_the_job_that_was_chosen() => Assert.All(
        OpsFiles.Panels.SelectMany(static panel => panel.Expressions),
        static expression => Assert.All(
            PromQuery.Selectors(expression), selected => Assert.True(selected.Labels.Contains("job"), $"{selected.Metric} of any job: {expression}")));

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_the_dashboard_s_queries()
    {
        // As rules, since promtool reads no dashboards. The other variables are parts of strings.
        var rules = new StringBuilder("groups:\n- name: panels\n  rules:\n");
        var count = 0;
        foreach (var (_, expression) in OpsFiles.Expressions)
            rules.Append(FormattableString.Invariant($"  - record: panel:{count++}\n    expr: "))
                .AppendLine(JsonSerializer.Serialize(expression.Replace("$__rate_interval", "5m", StringComparison.Ordinal)));
        var folder = Directory.CreateTempSubdirectory("edge-ops-");
        try
        {
            var file = Path.Combine(folder.FullName, "panels.yml");
            await File.WriteAllTextAsync(file, rules.ToString(), Cancel);
            var (exitCode, output) = await Promtool("check", "rules", file);
            Assert.True(exitCode == 0, output);
            Assert.Contains($"SUCCESS: {count} rules found", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Every_metric_and_label_that_is_named_exists()
    {
        var database = await SmallDatabase.WithData(Cancel);
        var redis = await SharedServers.Redis(Cancel);
        await using var edge = await ScrapedEdge.Start(
            EdgeRun.Binary, new Dictionary<string, string> { ["DATABASE_URL"] = database.Url, ["REDIS_URL"] = FormattableString.Invariant($"redis://127.0.0.1:{redis.Port}") }, Cancel);
        await edge.Call(["/api/products/1", "/api/products/1", "/api/products?limit=2"], Cancel);
        // These show from their first use on; all others always.
        var scraped = await edge.ScrapeWith(
            ["http_server_request_duration_seconds_count", "edge_db_query_duration_seconds_count", "edge_db_query_rows_total", "edge_redis_command_duration_seconds_count"], Cancel);
        var recorded = OpsFiles.Rules.Where(static rule => !rule.IsAlert).Select(static rule => rule.Name).ToHashSet();
        var labels = scraped.Labels.Values.SelectMany(static names => names).Concat(OfEveryTarget).ToHashSet();
        var wrong = new List<string>();
        foreach (var (where, expression) in OpsFiles.Expressions)
        {
            foreach (var (metric, asked) in PromQuery.Selectors(expression).Where(selected => !recorded.Contains(selected.Metric) && !OfPrometheus.Contains(selected.Metric)))
            {
                if (scraped.Labels.TryGetValue(metric, out var known))
                    wrong.AddRange(asked.Except(known).Except(OfEveryTarget).Select(label => $"{where}: {metric} has no label {label}"));
                else
                    wrong.Add($"{where}: there is no {metric}");
            }
            wrong.AddRange(PromQuery.Groups(expression).Except(labels).Select(label => $"{where}: nothing has a label {label}"));
        }
        // Runbooks send people to metrics by name, too.
        foreach (var alert in OpsFiles.Alerts)
            wrong.AddRange(MetricInText().Matches(alert.Text).Select(static match => match.Value)
                .Where(name => !scraped.Labels.ContainsKey(name) && !scraped.Labels.ContainsKey(name + "_count") && !labels.Contains(name))
                .Select(name => $"{alert.Name}: there is no {name}"));
        Assert.Empty(wrong);
    }

    static async Task<(int ExitCode, string Output)> Promtool(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex(@"^        alertname: (?<alert>\w+)\n        exp_alerts:(?<none> \[\])?$", RegexOptions.Multiline)]
    private static partial Regex Case();

    [GeneratedRegex(@"\n          severity: (\w+)\n")]
    private static partial Regex Severity();

    [GeneratedRegex(@"^\| `(\w+)` \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?<![\w:/])(edge|http|db|dotnet|kestrel)_[a-z_]+\b(?!:)")]
    private static partial Regex MetricInText();
}
