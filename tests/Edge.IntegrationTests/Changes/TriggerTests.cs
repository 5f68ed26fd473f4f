using Edge.Data.Changes;
using Npgsql;

namespace Edge.IntegrationTests.Changes;

/// <summary>What each way of writing makes the database tell.</summary>
public sealed class TriggerTests
{
    /// <summary>Statements, separated by semicolons; what is heard, separated by commas.</summary>
    public static TheoryData<string, string> Writes => new()
    {
        { "insert into products (category_id, name, description, price, stock) values (1, 'n', 'd', 1, 1)", "products 31" },
        { "update products set price = 2 where id = 5", "products 5" },
        { "update products set stock = stock + 1 where id in (5, 7)", "stock 5, stock 7" },
        { "update products set stock = 7, price = 2 where id = 5", "products 5, stock 5" },
        { "update products set archived_at = now() where id = 5", "products 5" },
        { "update products set updated_at = now() where id = 5", "products 5" },
        { "update products set description = 'new' where id = 5", "products 5" },
        { "update products set category_id = 2 where id = 5", "products 5" },
        { "update products set id = 99 where id = 5", "products 5, products 99, stock 5, stock 99" },
        { "insert into products (id, category_id, name, description, price, stock) values (5, 1, 'n', 'd', 1, 1) on conflict (id) do update set price = 7", "products 5" },
        { "delete from products where id = 5", "products 5" },
        { "truncate products cascade", "products, stock" },
        { "insert into categories (slug, name) values ('n', 'N')", "categories 4" },
        { "update categories set name = 'N' where id = 2", "categories 2" },
        { "delete from categories where id = 3", "categories 3" },
        { "truncate categories cascade", "categories, products, stock" },
        { "insert into users (email, username, display_name) values ('n@example.com', 'new', 'New')", "users 4" },
        { "update users set bio = 'b' where id = 2", "users 2" },
        { "update users set username = 'renamed' where id = 2", "accounts 2, authors 2, users 2" },
        { "delete from users where id = 3", "users 3" },
        { "truncate users cascade", "accounts, authors, blogs, opportunities, opportunity_places, sessions, stories, user_locations, users" },
        { "insert into blogs (author_id, slug, title, content, status, published_at) values (1, 'new', 'T', 'c', 'published', now())", "blogs new" },
        { "update blogs set tags = '{a}' where slug = 'post-1'", "blogs post-1" },
        { "update blogs set slug = 'other' where slug = 'post-1'", "blogs other, blogs post-1" },
        { "update blogs set status = 'published', published_at = now() where slug = 'draft'", "blogs draft" },
        { "update blogs set status = 'archived' where slug = 'post-1'", "blogs post-1" },
        { "delete from blogs where slug = 'post-2'", "blogs post-2" },
        { "truncate blogs", "blogs" },
        { "insert into stories (author_id, content) values (1, 'c')", "stories 1" },
        { "insert into opportunities (author_id, kind, title, description, latitude, longitude, closes_at) values (1, 'gig', 'T', 'd', 1.5, -2, now() + interval '1 day')", "opportunities 1, opportunity_places 1.5,-2" },
        { "insert into user_locations (user_id, latitude, longitude) values (1, 51.5, -0.12)", "user_locations 51.5,-0.12" },
        // Nothing that is shown.
        { "insert into stories (author_id, content, created_at, expires_at) values (1, 'c', now() - interval '25 hours', now() - interval '1 hour'); delete from stories", "" },
        { "insert into opportunities (author_id, kind, title, description, latitude, longitude, closes_at, created_at) values (1, 'gig', 'T', 'd', 1, 2, now() - interval '1 day', now() - interval '2 days')", "" },
        { "insert into user_locations (user_id, latitude, longitude, is_current) values (1, 51.5, -0.12, false)", "" },
        { "update products set price = price, name = name where id = 5", "" },
        { "update users set password_hash = repeat('x', 20), email = 'other@example.com' where id = 2", "" },
        { "update users set role = 'author' where id = 2", "accounts 2" },
        { "insert into blogs (author_id, slug, title, content) values (1, 'new', 'T', 'c')", "" },
        { "update blogs set content = 'other', updated_at = now() where slug = 'draft'", "" },
        { "delete from blogs where slug = 'draft'", "" },
        { "update products set price = 2 where id = 1000", "" },
        { "begin; insert into orders (user_id, total, shipping_address) values (1, 1, 'street 1'); insert into order_items (order_id, product_id, quantity, unit_price) values (1, 1, 1, 1); commit", "" },
        // Transactions.
        { "begin; update products set price = 2 where id = 5; rollback", "" },
        { "begin; update products set price = 2 where id = 5; update categories set name = 'N' where id = 1; commit", "categories 1, products 5" },
        { "begin; savepoint a; update products set price = 2 where id = 5; rollback to a; update products set price = 2 where id = 6; commit", "products 6" },
        { "begin; update products set price = 2; rollback; begin; update products set price = 3 where id = 4; commit", "products 4" },
        { "set session_replication_role = replica; update products set price = 2 where id = 5; reset session_replication_role", "products 5" },
        { "set search_path = pg_catalog; update public.products set price = 2 where id = 5; reset search_path", "products 5" },
        // More than 250 at once are all.
        { "update products set price = 2", string.Join(", ", Enumerable.Range(1, 30).Select(static id => $"products {id}").Order(StringComparer.Ordinal)) },
    };

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task What_was_written_is_told(string statements, string heard)
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options);
        await database.Execute(statements.Split("; "));
        Assert.Equal(heard, string.Join(", ", await listener.Heard(database)));
    }

    [Theory]
    [InlineData("update products set price = price + 1 where id > 100")]
    [InlineData("delete from products where id > 100")]
    [InlineData("insert into products (category_id, name, description, price, stock) select 1, 'n', 'd', 1, 1 from generate_series(1, 10000)")]
    public async Task Ten_thousand_rows_are_told_as_the_whole_table(string statement)
    {
        await using var database = await ChangeDatabase.Create();
        await database.Execute("insert into products (id, category_id, name, description, price, stock) select n, 1, 'n', 'd', 1, 1 from generate_series(100001, 110000) n");
        await using var listener = await ChangeListener.Start(database.Options);
        await database.Execute(statement);
        // The first few may be named before; the batch that has the last word has only one.
        Assert.Equal(["products"], (await listener.Heard(database)).Where(static heard => !heard.Contains(' ')));
        Assert.InRange(listener.Status.Changes, 1, 300);
    }

    [Fact]
    public async Task A_row_written_a_thousand_times_in_one_transaction_is_told_once()
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options);
        await database.Execute("do $$ begin for i in 1..1000 loop update products set price = price + 1 where id = 5; end loop; end $$");
        Assert.Equal(["products 5"], await listener.Heard(database));
        Assert.Equal(2, listener.Status.Changes);
    }

    /// <summary>Whoever could name a change before it is committed could have it taken for told (0010_unguessable.sql).</summary>
    [Theory]
    [InlineData("update products set price = price + 1 where id in (5, 6)")]
    [InlineData("truncate products cascade")]
    public async Task What_a_change_will_be_called_is_not_to_be_known_before_it_is_committed(string write)
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options);
        var numbers = new List<ulong>();
        for (var run = 0; run < 2; run++)
        {
            await using var connection = await database.Source.OpenConnectionAsync(Cancelled);
            await using var transaction = await connection.BeginTransactionAsync(Cancelled);
            await using var command = new NpgsqlCommand($"{write}; select pg_current_xact_id()::text::bigint", connection);
            var transactionId = (ulong)(long)(await command.ExecuteScalarAsync(Cancelled))!;
            await transaction.CommitAsync(Cancelled);
            // Two products, or products and stock.
            var changes = new List<RowChange>();
            while (changes.Count < 2)
                changes.AddRange((await listener.Next()).Changes);
            // One for all that the transaction wrote of a subject.
            numbers.Add(Assert.Single(changes.Where(static change => change.Subject == "products").Select(static change => change.Number).Distinct()));
            // So that nobody's choice of randomness repeats a number.
            Assert.Equal(transactionId % (1UL << 30), numbers[run] >> 32);
        }
        Assert.NotEqual((uint)numbers[0], (uint)numbers[1]);
    }

    [Fact]
    public async Task Nor_what_one_that_others_flush_will_be_called()
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options);
        await using var open = await database.OpenWriter();
        var random = new HashSet<uint>();
        for (var id = 2; id <= 3; id++)
        {
            await database.Execute($"update products set price = 9 where id = {id}");
            random.Add((uint)Assert.Single((await listener.Next()).Changes).Number);
        }
        Assert.Equal(2, random.Count);
        Assert.DoesNotContain(0u, random);
    }

    /// <summary>While one transaction that has written is open, others leave their messages in the table instead of NOTIFY.</summary>
    [Fact]
    public async Task Writers_beside_an_open_transaction_are_told_when_they_commit_and_it_when_it_does()
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options);
        await using var open = await database.OpenWriter();
        await database.Execute("update products set price = 9 where id = 2", "update products set id = 99 where id = 3", "update categories set name = 'N' where id = 1");
        var heard = new List<string>();
        while (heard.Count < 6)
            heard.AddRange((await listener.Next()).Changes.Select(static change => $"{change.Subject} {change.Key}"));
        Assert.Equal(["categories 1", "products 2", "products 3", "products 99", "stock 3", "stock 99"], heard.Order(StringComparer.Ordinal));
        await open.Transaction.CommitAsync(Cancelled);
        Assert.Equal(["products 1"], await listener.Heard(database));
        Assert.Equal(0, await database.Scalar<long>("select count(*) from edge_pending_changes"));
    }

    [Fact]
    public async Task A_writer_that_rolls_back_leaves_the_others_told()
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options);
        await using var open = await database.OpenWriter();
        await database.Execute("update products set price = 9 where id = 2");
        await open.Transaction.RollbackAsync(Cancelled);
        Assert.Equal("2", (await listener.Next()).Changes.Single().Key);
        Assert.Empty(await listener.Heard(database));
    }

    [Fact]
    public async Task Many_messages_left_by_others_are_told_as_the_whole_table()
    {
        await using var database = await ChangeDatabase.Create();
        await database.Execute("insert into edge_pending_changes select 'products', n::text from generate_series(1, 251) n", "insert into edge_pending_changes select 'users', n::text from generate_series(1, 250) n");
        await using var listener = await ChangeListener.Start(database.Options);
        Assert.Empty(await listener.Heard(database));
        await database.Execute(
            "insert into edge_pending_changes select 'products', n::text from generate_series(1, 251) n union all select 'users', n::text from generate_series(1, 250) n");
        var changes = (await listener.Next()).Changes;
        Assert.Equal(new string?[] { null }, changes.Where(static change => change.Subject == "products").Select(static change => change.Key));
        Assert.Equal(250, changes.Count(static change => change.Subject == "users"));
    }

    [Fact]
    public async Task Who_may_write_a_table_needs_no_other_right()
    {
        await using var database = await ChangeDatabase.Create();
        await database.Execute("create role clerk_of_changes", "grant select, update on products to clerk_of_changes");
        try
        {
            await using var listener = await ChangeListener.Start(database.Options);
            string[] asClerk = ["set role clerk_of_changes", "update products set price = price + 1 where id = 5", "reset role"];
            await database.Execute(asClerk);
            Assert.Equal(["products 5"], await listener.Heard(database));
            // And by the other way.
            await using var open = await database.OpenWriter();
            await database.Execute(asClerk);
            Assert.Equal("5", (await listener.Next()).Changes.Single().Key);
        }
        finally
        {
            await database.Execute("drop owned by clerk_of_changes", "drop role clerk_of_changes");
        }
    }
}
