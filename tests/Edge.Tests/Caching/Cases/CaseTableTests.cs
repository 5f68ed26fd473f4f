using System.Text.RegularExpressions;
using Edge.Tests.House;

namespace Edge.Tests.Caching.Cases;

/// <summary>The table of cases is held against the facts that it names.</summary>
public sealed partial class CaseTableTests
{
    static string Table => Checkout.Files.Single(static file => file.Path == "docs/cache-cases.md").Text;

    [Fact]
    public void Each_fact_that_the_table_names_exists()
    {
        var facts = typeof(CaseTableTests).Assembly.GetTypes().SelectMany(static type => type.GetMethods()).Select(static method => method.Name).ToHashSet();
        var named = FactName().Matches(Table).Select(static match => match.Groups[1].Value).ToArray();
        Assert.True(named.Length > 50, $"only {named.Length} names were found");
        Assert.All(named, name => Assert.Contains(name, facts));
    }

    [Fact]
    public void Each_of_the_seventy_cases_has_a_row()
    {
        var rows = FirstCell().Matches(Table).SelectMany(static row => Number().Matches(row.Groups[1].Value)).Select(static number => int.Parse(number.Value)).Order();
        Assert.Equal(Enumerable.Range(1, 70), rows);
    }

    [GeneratedRegex(@"`(?:\w+\.)?([A-Z][a-z]*_\w+)`")]
    private static partial Regex FactName();

    [GeneratedRegex(@"^\| ([0-9★, ]+) \|", RegexOptions.Multiline)]
    private static partial Regex FirstCell();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
