using System.Text.RegularExpressions;

namespace Edge.IntegrationTests.Ops;

/// <summary>
/// What an expression of PromQL names: metrics, and labels in selectors and groupings. By its tokens, not its grammar; that it is an expression at all
/// promtool sees.
/// </summary>
static partial class PromQuery
{
    static readonly string[] Words =
    [
        "and", "or", "unless", "atan2", "bool", "offset", "on", "ignoring", "group_left", "group_right", "by", "without", "inf", "nan", "start", "end",
    ];

    static readonly string[] Groupings = ["on", "ignoring", "group_left", "group_right", "by", "without"];

    /// <summary>Metrics with the labels that their selectors ask for, in order. A metric that is selected twice comes twice.</summary>
    public static IEnumerable<(string Metric, string[] Labels)> Selectors(string expression)
    {
        var tokens = Tokens(expression);
        for (var i = 0; i < tokens.Length; i++)
        {
            if (IsGrouping(tokens, i))
            {
                i = Array.IndexOf(tokens, ")", i);
                continue;
            }
            // A selector without a name would choose among all metrics; that nobody means.
            if (tokens[i] == "{")
                throw new FormatException($"A selector without a metric: {expression}");
            // Functions and aggregations: `rate(`, `sum(`, `sum by (`.
            if (!IsName(tokens[i]) || After(tokens, i) is "(" or "by" or "without" || Words.Contains(tokens[i], StringComparer.OrdinalIgnoreCase))
                continue;
            var isSelected = After(tokens, i) == "{";
            yield return (tokens[i], isSelected ? [.. NamesUntil(tokens, i + 2, "}")] : []);
            if (isSelected)
                i = Array.IndexOf(tokens, "}", i);
        }
    }

    /// <summary>Labels that are grouped and matched by.</summary>
    public static IEnumerable<string> Groups(string expression)
    {
        var tokens = Tokens(expression);
        return Enumerable.Range(0, tokens.Length).Where(i => IsGrouping(tokens, i)).SelectMany(i => NamesUntil(tokens, i + 2, ")"));
    }

    /// <summary>Without spaces, strings, ranges and comments.</summary>
    static string[] Tokens(string expression) =>
        [.. Token().Matches(expression).Select(static match => match.Value).Where(static token => !char.IsWhiteSpace(token[0]) && token[0] is not ('"' or '[' or '#'))];

    static bool IsGrouping(string[] tokens, int i) => Groupings.Contains(tokens[i], StringComparer.OrdinalIgnoreCase) && After(tokens, i) == "(";

    static string? After(string[] tokens, int i) => i + 1 < tokens.Length ? tokens[i + 1] : null;

    static bool IsName(string token) => char.IsAsciiLetter(token[0]) || token[0] is '_' or ':';

    static IEnumerable<string> NamesUntil(string[] tokens, int from, string end) => tokens.Skip(from).TakeWhile(token => token != end).Where(IsName);

    // A duration (5m) is no name, and a range is one token.
    [GeneratedRegex("""\s+|"(?:[^"\\]|\\.)*"|\[[^\]]*\]|#.*|[a-zA-Z_:][\w:]*|[\d.][\w.]*|\$\w+|.""")]
    private static partial Regex Token();
}
