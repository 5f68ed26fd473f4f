using Edge.Data;

namespace Edge.IntegrationTests.Queries;

public sealed class QueryPlanTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static async Task<List<string>> Mistakes(QueryDefinition query)
    {
        var source = await LargeDatabase.Source(Cancelled);
        return await new PlanChecker(source, await TypicalArguments.From(source, Cancelled)).Mistakes(query, Cancelled);
    }

    [Theory]
    [MemberData(nameof(Catalogue.Names), MemberType = typeof(Catalogue))]
    public async Task It_reads_no_large_table_from_end_to_end_without_a_reason(string name) =>
        Assert.Empty(await Mistakes(Catalogue.Query(name)));

    [Theory]
    [InlineData("select id from users where bio = $1", "users")]
    [InlineData("select id from products where description like '%' || $1", "products")]
    [InlineData("select count(*) from orders where shipping_address = $1", "orders")]
    [InlineData("select user_id from sessions where encode(token_hash, 'hex') = $1", "sessions")]
    [InlineData("select user_id from idempotency_keys where location = $1", "idempotency_keys")]
    [InlineData("select p.id from categories c join products p on p.category_id = c.id where c.name <> $1 and p.stock > 3", "products")]
    public async Task A_sequential_scan_of_a_large_table_is_seen(string sql, string table)
    {
        QueryParameter[] text = [new("text", "text", IsNullable: false)];
        var mistakes = await Mistakes(Catalogue.Made(sql, text, []));
        Assert.Contains(mistakes, mistake => mistake.StartsWith($"reads all of {table} (force_generic_plan", StringComparison.Ordinal));
        Assert.Contains(mistakes, mistake => mistake.StartsWith($"reads all of {table} (force_custom_plan", StringComparison.Ordinal));
        Assert.Empty(await Mistakes(Catalogue.Made(sql, text, [], sequentialScan: "A report that is run once a month.")));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Blanks_are_no_reason_for_a_scan(string reason) =>
        Assert.NotEmpty(await Mistakes(Catalogue.Made(
            "select id from users where bio = $1", [new("text", "text", IsNullable: false)], [], sequentialScan: reason)));

    [Fact]
    public async Task A_function_that_is_not_inlined_is_refused()
    {
        var mistakes = await Mistakes(Catalogue.Made("select flushed from edge_flush_changes() flushed", [], []));
        Assert.Contains(mistakes, static mistake => mistake.StartsWith("runs edge_flush_changes()", StringComparison.Ordinal));
        Assert.Empty(await Mistakes(Catalogue.Made("select id, bought from popular_products()", [], [])));
        Assert.Empty(await Mistakes(Catalogue.Made(
            "select n from unnest($1) n", [new("ids", "bigint[]", IsNullable: false)], [])));
    }

    [Fact]
    public async Task A_scan_that_only_some_arguments_cause_is_seen()
    {
        QueryParameter[] tag = [new("tag", "text", IsNullable: true)];
        var mistakes = await Mistakes(Catalogue.Made("select title from blogs where $1 is null or tags @> array[$1]", tag, []));
        Assert.Contains(mistakes, static mistake => mistake.EndsWith("(force_custom_plan, arguments null)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_small_table_may_be_read_whole() =>
        Assert.Empty(await Mistakes(Catalogue.Made(
            "select id from categories where name <> $1", [new("text", "text", IsNullable: false)], [])));

    [Fact]
    public async Task A_reason_without_a_scan_is_refused() =>
        Assert.NotEmpty(await Mistakes(Catalogue.Made(
            "select id from users where id = $1", [new("id", "bigint", IsNullable: false)], [], sequentialScan: "It used to.")));

    [Fact]
    public async Task Each_table_is_asked_for_the_states_that_its_rows_have()
    {
        var arguments = await TypicalArguments.From(await LargeDatabase.Source(Cancelled), Cancelled);
        var orders = CallsOf("Order.Newest");
        Assert.Contains(orders, static call => call.Contains("'pending'", StringComparison.Ordinal));
        Assert.Contains(orders, static call => call.Contains("'delivered'", StringComparison.Ordinal));
        Assert.DoesNotContain(orders, static call => call.Contains("'published'", StringComparison.Ordinal));
        Assert.Contains(CallsOf("Blog.Newest"), static call => call.Contains("'published'", StringComparison.Ordinal));

        List<string> CallsOf(string name)
        {
            var query = Catalogue.Query(name);
            return [.. query.Statements.SelectMany(statement => arguments.Calls(query, statement))];
        }
    }

    [Fact]
    public async Task A_parameter_that_nobody_gave_a_value_for_is_named()
    {
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Mistakes(Catalogue.Made("select id from users where id = $1", [new("mystery", "bigint", IsNullable: false)], [])));
        Assert.Contains("@mystery", missing.Message);
    }
}
