using System.Text.RegularExpressions;
using Edge.Data;
using Edge.Hosting;

namespace Edge.IntegrationTests.Changes;

/// <summary>Every table and column that a public answer shows is watched, so that no new query is cached unheard of.</summary>
public sealed partial class WatchedTablesTests
{
    /// <summary>Not watched, on purpose: see 0003_changes.sql.</summary>
    static readonly string[] LivingByDuration = ["order_items"];

    static readonly string[] CachedFeatures = ["Product", "User", "Blog", "Story", "Opportunity", "Place"];

    static IEnumerable<QueryDefinition> CachedQueries => Edge.SqlCatalog.All
        .Where(static query => CachedFeatures.Contains(query.Name.Split('.')[0]));

    public static TheoryData<string> Tables => [.. CachedQueries.SelectMany(TablesOf).Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public void There_are_queries_to_look_at() =>
        Assert.Equal(["blogs", "categories", "opportunities", "order_items", "products", "stories", "user_locations", "users"], Tables.Select(static row => row.Data));

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task A_table_that_is_shown_is_watched(string table)
    {
        await using var database = await ChangeDatabase.Create();
        var triggers = await database.Scalar<string>(
            $"""
            select coalesce(string_agg(tgname, ' ' order by tgname), '') from pg_trigger
            where tgrelid = '{table}'::regclass and tgname like 'edge\_%' and tgenabled = 'A'
            """);
        if (LivingByDuration.Contains(table))
        {
            Assert.Empty(triggers);
            return;
        }
        Assert.Contains($"edge_changed_{table}", triggers, StringComparison.Ordinal);
        Assert.Contains($"edge_truncated_{table}", triggers, StringComparison.Ordinal);
        // Several subjects may share a table, each with its columns.
        var compared = await database.Scalar<string>(
            $"select string_agg(prosrc, ' ') from pg_trigger join pg_proc f on f.oid = tgfoid where tgrelid = '{table}'::regclass and starts_with(tgname, 'edge_changed_')");
        foreach (var column in ColumnsOf(table))
            Assert.Contains($"old.{column}", compared, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_subject_has_a_rule_and_every_rule_a_subject()
    {
        await using var database = await ChangeDatabase.Create();
        var subjects = await database.Scalar<string>(
            "select string_agg(substr(tgname, 14), ' ' order by tgname) from pg_trigger where tgname like 'edge\\_changed\\_%'");
        Assert.Equal(ChangeTags.Subjects.Order(StringComparer.Ordinal), subjects.Split(' '));
    }

    static IEnumerable<string> TablesOf(QueryDefinition query) => From().Matches(query.Sql)
        .Select(static match => match.Groups["table"].Value)
        .Except(Part().Matches(query.Sql).Select(static match => match.Groups["name"].Value));

    /// <summary>The columns of the table that any of the queries names: by its alias, or all of the answer's where it is the only table.</summary>
    static HashSet<string> ColumnsOf(string table)
    {
        var columns = new HashSet<string>();
        foreach (var query in CachedQueries)
            foreach (Match from in From().Matches(query.Sql).Where(match => match.Groups["table"].Value == table))
                if (from.Groups["alias"].Value is { Length: > 0 } alias)
                    columns.UnionWith(Regex.Matches(query.Sql, $@"\b{alias}\.(\w+)").Select(static match => match.Groups[1].Value));
                else if (From().Count(query.Sql) == 1)
                    columns.UnionWith(query.Statements.SelectMany(static statement => statement.Columns).Select(static column => column.Name));
        // Generated from name and description.
        columns.Remove("search");
        // Shown to admins only, past the cache (UserCache.List.IsForAnonymous).
        columns.Remove("email");
        return columns;
    }

    [GeneratedRegex(@"\b(?<name>\w+) as \(")]
    private static partial Regex Part();

    [GeneratedRegex(@"\b(from|join)\s+(?!lateral\b)(?<table>\w+)\b(?!\()(\s+(?!on\b|where\b|order\b|group\b|join\b|as\b)(?<alias>\w+))?")]
    private static partial Regex From();
}
