namespace Edge.IntegrationTests.Seeding;

public class SeededDataTests(SeedFixture seed) : IClassFixture<SeedFixture>
{
    [Fact]
    public async Task The_asked_for_numbers_are_there()
    {
        Assert.True(seed.Result.Succeeded, seed.Result.Message);
        Assert.Equal(SeedFixture.Options.Users, await Scalar<long>("select count(*) from users"));
        Assert.Equal(SeedFixture.Options.Products, await Scalar<long>("select count(*) from products"));
        Assert.Equal(SeedFixture.Options.Orders, await Scalar<long>("select count(*) from orders"));
        Assert.Equal(SeedFixture.Options.Posts, await Scalar<long>("select count(*) from blogs"));
        Assert.Equal(SeedFixture.Options.Stories, await Scalar<long>("select count(*) from stories"));
        Assert.Equal(SeedFixture.Options.Opportunities, await Scalar<long>("select count(*) from opportunities"));
        Assert.InRange(await Scalar<long>("select count(*) from order_items"), 18_000, 25_000);
        Assert.InRange(await Scalar<long>("select count(*) from user_locations where is_current"), 1_100, 1_300);
    }

    [Theory]
    [InlineData("a total is not the sum of its items", "orders o where total <> (select sum(quantity * unit_price) from order_items where order_id = o.id)")]
    [InlineData("an order without items", "orders o where not exists (select from order_items where order_id = o.id)")]
    [InlineData("an item with another time or cancellation than its order", "order_items i join orders o on o.id = i.order_id where i.ordered_at <> o.created_at or i.cancelled <> (o.status = 'cancelled')")]
    [InlineData("an order before its buyer joined", "orders o join users u on u.id = o.user_id where u.created_at > o.created_at")]
    [InlineData("a post before its author joined", "blogs b join users u on u.id = b.author_id where u.created_at > b.created_at")]
    [InlineData("an item sold before it came", "order_items i join products p on p.id = i.product_id where p.created_at > i.ordered_at")]
    [InlineData("an order outside of the 90 days", "orders where created_at < timestamptz '2026-03-02 00:00Z' - interval '90 days' or created_at > '2026-03-02 00:00Z'")]
    [InlineData("something updated before it was made", "orders where updated_at < created_at")]
    [InlineData("a post from after the end", "blogs where greatest(created_at, updated_at, published_at) > '2026-03-02 00:00Z'")]
    [InlineData("a user with a password", "users where password_hash is not null")]
    [InlineData("a real address", "users where email !~ '@example\\.(com|org|net)$'")]
    [InlineData("a post by somebody who is no author", "blogs b join users u on u.id = b.author_id where u.role <> 'author'")]
    [InlineData("a price far from the product's", "order_items i join products p on p.id = i.product_id where i.unit_price not between p.price * 0.89 and p.price")]
    [InlineData("an unfilled pattern", "products where name || description ~ '[{}]'")]
    public async Task There_is_no(string what, string where) =>
        Assert.True(await Scalar<long>($"select count(*) from {where}") == 0, what);

    [Fact]
    public async Task A_hundredth_of_the_products_makes_at_least_a_tenth_of_the_sales()
    {
        var share = await Scalar<double>("""
            with sales as (select sum(quantity) as sold from order_items where not cancelled group by product_id)
            select ((select sum(sold) from (select sold from sales order by sold desc limit 20) top) / sum(sold))::double precision from sales
            """);
        Assert.InRange(share, 0.10, 0.60);
    }

    [Fact]
    public async Task Some_buy_much_and_many_buy_little()
    {
        Assert.InRange(await Scalar<long>("select max(n) from (select count(*) n from orders group by user_id) t"), 20, 500);
        Assert.InRange(await Scalar<long>("select count(*) from (select from orders group by user_id having count(*) <= 3) t"), 400, 1_900);
    }

    [Fact]
    public async Task Categories_rise_and_fall_from_last_week_to_this()
    {
        const string growth = """
            select count(*) from (
                select sum(quantity) filter (where ordered_at >= timestamptz '2026-02-23 00:00Z') as now,
                       sum(quantity) filter (where ordered_at < timestamptz '2026-02-23 00:00Z') as before
                from order_items join products p on p.id = product_id
                where ordered_at >= timestamptz '2026-02-16 00:00Z' group by category_id) t where
            """;
        Assert.InRange(await Scalar<long>($"{growth} now > before * 1.2"), 5, 55);
        Assert.InRange(await Scalar<long>($"{growth} before > now * 1.2"), 5, 55);
    }

    [Theory]
    [InlineData("coffee")]
    [InlineData("lamp")]
    [InlineData("wool")]
    public async Task A_common_word_finds_products_that_are_named_so(string word)
    {
        Assert.True(await Scalar<bool>($"""
            select count(*) = 5 and bool_and(name ilike '%{word}%') from (
                select name from products where search @@ websearch_to_tsquery('english', '{word}')
                order by ts_rank(search, websearch_to_tsquery('english', '{word}')) desc, id limit 5) t
            """));
    }

    [Theory]
    [InlineData("candelholder", "candleholder")]
    [InlineData("scredwriver", "screwdriver")]
    [InlineData("wheelbarow", "wheelbarrow")]
    public async Task A_typo_is_near_the_word_that_was_meant(string typo, string meant) =>
        Assert.Contains(meant, await Scalar<string>($"select lower(name) from products order by '{typo}' <<-> name, id limit 1"));

    [Fact]
    public async Task Ids_go_on_after_the_seeded_ones()
    {
        var id = await Scalar<long>("insert into users (email, username, display_name) values ('next@example.com', 'next_one', 'Next') returning id");
        await Scalar<long>($"delete from users where id = {id} returning id");
        Assert.Equal(SeedFixture.Options.Users + 1, id);
        Assert.Equal(61, await Scalar<long>("select nextval(pg_get_serial_sequence('categories', 'id'))"));
    }

    [Fact]
    public async Task Every_page_of_the_large_tables_is_marked_visible() =>
        Assert.Equal(0, await Scalar<long>("select count(*) from pg_class where relname in ('orders', 'order_items', 'products') and (relallvisible < relpages or reltuples <= 0)"));

    async Task<T> Scalar<T>(string sql)
    {
        await using var command = seed.Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
