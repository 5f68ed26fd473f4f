using System.Text.Json;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class ProductsInProcess(TestBed bed) : ProductFacts(bed.InProcess);

public sealed class ProductsNative(TestBed bed) : ProductFacts(bed.Native);

public abstract class ProductFacts : Facts
{
    private protected ProductFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task A_product_has_all_its_members()
    {
        var product = await Edge.Json("/api/products/1");
        Assert.Equal(["id", "name", "description", "price", "stock", "category", "createdAt", "updatedAt"], product.Members());
        Assert.Equal(1, product.Id());
        Assert.Matches(@"^\d+\.\d\d$", product.GetProperty("price").GetRawText());
        Assert.EndsWith("Z", product.Text("createdAt"));
    }

    [Fact]
    public async Task A_product_is_what_the_database_has()
    {
        var product = await Edge.Json("/api/products/7");
        Assert.Equal(await Database.Value<string>("select name from products where id = 7"), product.Text("name"));
        Assert.Equal(await Database.Value<string>("select description from products where id = 7"), product.Text("description"));
        Assert.Equal(await Database.Value<decimal>("select price from products where id = 7"), product.GetProperty("price").GetDecimal());
        Assert.Equal(await Database.Value<int>("select stock from products where id = 7"), product.GetProperty("stock").GetInt32());
        Assert.Equal(await Database.Value<DateTime>("select created_at from products where id = 7"), product.GetProperty("createdAt").GetDateTime());
        Assert.Equal(
            await Database.Value<string>("select c.slug from products p join categories c on c.id = p.category_id where p.id = 7"), product.Text("category"));
    }

    [Fact]
    public async Task A_product_that_there_is_not_is_404()
    {
        using var answer = await Edge.Get("/api/products/999999999");
        var problem = await answer.Problem(404);
        Assert.Equal("There is no such product.", problem.Text("detail"));
        Assert.Equal("/api/products/999999999", problem.Text("instance"));
    }

    [Fact]
    public async Task The_list_holds_every_product_newest_first()
    {
        var expected = await Database.Column<long>("select id from products order by created_at desc, id desc");
        var listed = await Edge.AllItems("/api/products?limit=50");
        Assert.Equal(expected, listed.Select(static product => product.Id()));
    }

    [Fact]
    public async Task A_listed_product_is_the_same_as_the_one_read_alone()
    {
        var listed = (await Edge.Json("/api/products?limit=3")).Items();
        foreach (var product in listed)
            Assert.True(JsonElement.DeepEquals(product, await Edge.Json($"/api/products/{product.Id()}")));
    }

    [Fact]
    public async Task A_category_lists_its_products_alone_and_all_of_them()
    {
        var expected = await Database.Column<long>(
            "select p.id from products p join categories c on c.id = p.category_id where c.slug = 'lighting' order by p.created_at desc, p.id desc");
        Assert.True(expected.Count > 14, "the seed has too few for three pages");
        var listed = await Edge.AllItems("/api/products?category=lighting&limit=7");
        Assert.Equal(expected, listed.Select(static product => product.Id()));
        Assert.All(listed, static product => Assert.Equal("lighting", product.Text("category")));
    }

    [Fact]
    public async Task A_category_that_there_is_not_is_an_empty_page()
    {
        var (page, next) = await Edge.Page("/api/products?category=no-such-category");
        Assert.Empty(page.Items());
        Assert.Null(next);
    }

    [Theory]
    [InlineData("/api/products/popular")]
    [InlineData("/popular-products")]
    public async Task Popular_are_the_20_most_bought_of_30_days(string target)
    {
        const string sold = "from order_items i where not cancelled and ordered_at >= now() - interval '30 days' group by product_id order by sum(quantity) desc, product_id limit 20";
        var (popular, expected) = await Together(target, "select product_id || ' ' || sum(quantity) " + sold);
        Assert.Equal(20, popular.Count);
        Assert.Equal(["id", "name", "price", "stock", "category", "bought"], popular[0].Members());
        Assert.Equal(expected, popular.Select(static product => $"{product.Id()} {product.GetProperty("bought")}"));
    }

    [Fact]
    public async Task Popular_counts_no_cancelled_order()
    {
        // The lines hold a copy of their order's cancellation; this is the truth that it copies.
        const string sold = """
            select sum(i.quantity)::text from order_items i join orders o on o.id = i.order_id
            where o.status <> 'cancelled' and o.created_at >= now() - interval '30 days' group by i.product_id order by sum(i.quantity) desc, i.product_id limit 20
            """;
        var (popular, expected) = await Together("/api/products/popular", sold);
        Assert.Equal(expected, popular.Select(static product => product.GetProperty("bought").ToString()));
    }

    [Fact]
    public async Task Trending_categories_are_those_that_grew_most_this_week()
    {
        const string weeks = """
            with weeks as (
                select c.slug,
                       coalesce(sum(i.quantity) filter (where i.ordered_at >= now() - interval '7 days'), 0)::bigint as this_week,
                       coalesce(sum(i.quantity) filter (where i.ordered_at < now() - interval '7 days'), 0)::bigint as last_week
                from order_items i join products p on p.id = i.product_id join categories c on c.id = p.category_id
                where not i.cancelled and i.ordered_at >= now() - interval '14 days'
                group by c.slug
            )
            select slug || ' ' || this_week || ' ' || last_week from weeks order by (this_week + 5)::float8 / (last_week + 5) desc, slug limit 20
            """;
        var (trending, expected) = await Together("/api/categories/trending", weeks);
        Assert.Equal(["slug", "name", "thisWeek", "lastWeek", "growth"], trending[0].Members());
        Assert.Equal(
            expected,
            trending.Select(static one => $"{one.Text("slug")} {one.GetProperty("thisWeek")} {one.GetProperty("lastWeek")}"));
        foreach (var category in trending)
        {
            var (thisWeek, lastWeek) = (category.GetProperty("thisWeek").GetDouble(), category.GetProperty("lastWeek").GetDouble());
            if (lastWeek == 0)
                Assert.Equal(JsonValueKind.Null, category.GetProperty("growth").ValueKind);
            else
                Assert.Equal((thisWeek / lastWeek) - 1, category.GetProperty("growth").GetDouble(), tolerance: 0.0001);
        }
    }

    /// <summary>An answer, and what the database says at the same time: the windows move on, and an order may just leave one.</summary>
    async Task<(List<JsonElement> Items, List<string> Expected)> Together(string target, string sql)
    {
        while (true)
        {
            var before = await Database.Column<string>(sql);
            // The shared instance may have kept what was true a quarter of an hour ago.
            await using var edge = await Way.Start(new() { ["DATABASE_URL"] = Database.Url }, Cancelled);
            var items = (await edge.Json(target)).Items();
            if (before.SequenceEqual(await Database.Column<string>(sql)))
                return (items, before);
        }
    }
}
