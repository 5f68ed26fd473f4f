using Edge.Data;
using Npgsql;

namespace Edge.IntegrationTests.Migrations;

/// <summary>The copies that order_items keep of their order ("popular" and "trending" count by them) are those of the order, whoever writes (0011_items_as_their_order.sql).</summary>
public sealed class ItemsAsTheirOrderTests
{
    const string Added = "0011_items_as_their_order.sql";

    const string Rows = """
        insert into users (email, username, display_name) values ('a@example.com', 'ann', 'Ann');
        insert into categories (slug, name) values ('c', 'C');
        insert into products (category_id, name, description, price, stock) values (1, 'a', '', 1, 5), (1, 'b', '', 1, 5);
        insert into orders (user_id, total, shipping_address, status, created_at) values
            (1, 1, 'Somewhere 1', 'pending', '2026-03-01 UTC'), (1, 1, 'Somewhere 1', 'pending', '2026-03-02 UTC'), (1, 1, 'Somewhere 1', 'cancelled', '2026-03-01 UTC');
        insert into order_items (order_id, product_id, quantity, unit_price, ordered_at) values (1, 1, 2, 1, '2026-03-01 UTC')
        """;

    const string Wrong = "select count(*) from order_items i join orders o on o.id = i.order_id where (i.ordered_at, i.cancelled) <> (o.created_at, o.status = 'cancelled')";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static async Task<MigrationDatabase> Migrated()
    {
        var database = await MigrationDatabase.Create(Cancel);
        Assert.True((await new Migrator(database.Source, database.Log, TimeProvider.System).Run(Cancel)).Succeeded);
        await database.Execute(Rows);
        return database;
    }

    [Theory]
    [InlineData("insert into order_items (order_id, product_id, quantity, unit_price, ordered_at) values (3, 1, 1, 1, '2026-03-01 UTC')")]
    [InlineData("insert into order_items (order_id, product_id, quantity, unit_price, ordered_at, cancelled) values (1, 2, 1, 1, '2026-03-01 UTC', true)")]
    [InlineData("insert into order_items (order_id, product_id, quantity, unit_price) values (1, 2, 1, 1)")]
    [InlineData("insert into order_items (order_id, product_id, quantity, unit_price, ordered_at) values (1, 2, 1, 1, '2026-03-02 UTC')")]
    [InlineData("update order_items set ordered_at = '2026-03-02 UTC'")]
    [InlineData("update order_items set cancelled = true")]
    [InlineData("update order_items set order_id = 2")]
    [InlineData("insert into orders (id, user_id, total, shipping_address, status) values (4, 1, 1, 'Somewhere 1', 'cancelled'); insert into order_items (order_id, product_id, quantity, unit_price) values (4, 1, 1, 1)")]
    public async Task No_item_says_another_time_or_cancellation_than_its_order(string sql)
    {
        await using var database = await Migrated();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.Execute(sql));
        Assert.Equal(("23503", "order_items_as_their_order"), (refused.SqlState, refused.ConstraintName));
        Assert.Equal(0, await database.Scalar<long>(Wrong));
    }

    [Fact]
    public async Task Nor_does_one_that_is_copied_in()
    {
        await using var database = await Migrated();
        await using var connection = await database.Source.OpenConnectionAsync(Cancel);
        var refused = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var copy = await connection.BeginTextImportAsync("copy order_items (order_id, product_id, quantity, unit_price, ordered_at, cancelled) from stdin", Cancel);
            await copy.WriteAsync("3\t1\t1\t1\t2026-03-01 00:00:00+00\tf\n");
        });
        Assert.Equal("order_items_as_their_order", refused.ConstraintName);
    }

    [Fact]
    public async Task Items_follow_an_order_that_changes()
    {
        await using var database = await Migrated();
        await database.Execute("update orders set created_at = '2026-02-01 UTC' where id = 1");
        Assert.True(await database.Scalar<bool>("select ordered_at = '2026-02-01 UTC' and not cancelled from order_items"));
        await database.Execute("update orders set status = 'paid' where id = 1");
        Assert.False(await database.Scalar<bool>("select cancelled from order_items"));
        await database.Execute("update orders set status = 'cancelled' where id = 1");
        Assert.True(await database.Scalar<bool>("select cancelled from order_items"));
        Assert.Equal(7, await database.Scalar<int>("select stock from products where id = 1"));
        await database.Execute("delete from orders where id = 1");
        Assert.Equal(0, await database.Scalar<long>("select count(*) from order_items"));
    }

    [Fact]
    public async Task A_cancellation_reaches_the_item_that_is_added_at_the_same_moment()
    {
        await using var database = await Migrated();
        await using var writer = await database.Source.OpenConnectionAsync(Cancel);
        await using var transaction = await writer.BeginTransactionAsync(Cancel);
        await using (var insert = new NpgsqlCommand("insert into order_items (order_id, product_id, quantity, unit_price, ordered_at) values (1, 2, 1, 1, '2026-03-01 UTC')", writer))
            await insert.ExecuteNonQueryAsync(Cancel);
        var cancellation = database.Execute("update orders set status = 'cancelled' where id = 1");
        await Testing.Poll.Until(
            async _ => cancellation.IsCompleted || await database.Scalar<bool>("select exists (select from pg_locks where not granted and locktype = 'transactionid')"),
            "the cancellation waits for the item", Cancel);
        await transaction.CommitAsync(Cancel);
        await cancellation;
        Assert.Equal(0, await database.Scalar<long>(Wrong));
        Assert.Equal("{7,6}", await database.Scalar<string>("select array_agg(stock order by id)::text from products"));
    }

    [Fact]
    public async Task Items_that_say_something_else_are_corrected_by_the_migration()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var files = MigrationFile.Embedded();
        var before = files.TakeWhile(static file => file.FileName != Added).ToList();
        Assert.InRange(before.Count, 1, files.Count - 1);
        Assert.True((await new Migrator(database.Source, database.Log, TimeProvider.System) { Files = before }.Run(Cancel)).Succeeded);
        await database.Execute(Rows);
        await database.Execute("""
            insert into order_items (order_id, product_id, quantity, unit_price) values (3, 1, 1, 1);
            update orders set created_at = '2026-02-01 UTC' where id = 1
            """);
        Assert.Equal(2, await database.Scalar<long>(Wrong));

        var result = await new Migrator(database.Source, database.Log, TimeProvider.System).Run(Cancel);

        Assert.True(result.Succeeded, result.Message);
        Assert.Equal(0, await database.Scalar<long>(Wrong));
        Assert.Equal(2, await database.Scalar<long>("select count(*) from order_items"));
    }
}
