using System.Globalization;
using System.Text.Json;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class CatalogueInProcess(TestBed bed) : CatalogueFacts(bed.InProcess);

public sealed class CatalogueNative(TestBed bed) : CatalogueFacts(bed.Native);

/// <summary>What admins do to the catalogue, each fact on a database of its own.</summary>
public abstract class CatalogueFacts : Facts
{
    const string Kettle = """{ "name": "Brass kettle of the facts", "description": "Sings.", "price": 39.9, "stock": 7, "category": "lighting" }""";

    private protected CatalogueFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task A_product_is_made_where_its_location_says()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var (_, admin) = await database.NewUser("admin");
        Assert.Empty((await edge.Json("/api/products/search?q=brass+kettle+facts")).Items());

        using var answer = await edge.SendJson(HttpMethod.Post, "/api/products", Kettle, admin);
        var made = await edge.Json(answer, "/api/products", 201);
        Assert.Equal($"/api/products/{made.Id()}", answer.Header("Location"));
        Assert.True(answer.Headers.CacheControl is { Private: true, NoStore: true } or { NoStore: true });
        Assert.Equal(["Brass kettle of the facts", "Sings.", "lighting"], new[] { "name", "description", "category" }.Select(member => made.Text(member)));
        Assert.Equal(("39.90", 7), (made.GetProperty("price").GetRawText(), made.GetProperty("stock").GetInt32()));
        Assert.True(JsonElement.DeepEquals(made, await edge.Json(answer.Header("Location")!)));
        Assert.Equal(made.Id(), (await edge.Json("/api/products?limit=1")).Items()[0].Id());
        Assert.Equal([made.Id()], (await edge.Json("/api/products/search?q=brass+kettle+facts")).Items().Select(static found => found.Id()));
    }

    /// <summary>One that is in all of them, on two instances.</summary>
    [Fact]
    public async Task Every_cached_answer_that_shows_a_product_follows_each_change_of_it_here_at_once_and_elsewhere_soon()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var here = await Way.StartCached(database.Url, Cancelled);
        await using var there = await Way.StartCached(database.Url, Cancelled);
        var (_, admin) = await database.NewUser("admin");
        var id = (await here.Json("/api/products/popular")).Items()[0].Id();
        await database.Execute("update products set name = 'Unheard-of zither', created_at = now() where id = @id", ("id", id));
        var slug = await database.Value<string>("select c.slug from products p join categories c on c.id = p.category_id where p.id = @id", ("id", id));
        string[] targets = [$"/api/products/{id}", "/api/products", $"/api/products?category={slug}", "/api/products/search?q=zither", "/api/products/popular", "/popular-products"];
        foreach (var target in targets)
            await Poll.Until(async _ => await Shows(there, target, id, "name", "Unheard-of zither") && await Shows(here, target, id, "name", "Unheard-of zither"), target, Cancelled);

        (await here.Json(await here.SendJson(HttpMethod.Patch, targets[0], """{ "price": 12345.67 }""", admin), targets[0])).Text("name");
        foreach (var target in targets)
            Assert.True(await Shows(here, target, id, "price", "12345.67"), target);
        await All(targets, target => Poll.Until(async _ => await Shows(there, target, id, "price", "12345.67"), target, Cancelled));

        using var removed = await here.Send(HttpMethod.Delete, targets[0], admin);
        Assert.Equal(204, (int)removed.StatusCode);
        foreach (var target in targets)
            Assert.True(await Shows(here, target, id, "id", null), target);
        await All(targets, target => Poll.Until(async _ => await Shows(there, target, id, "id", null), target, Cancelled));
        Assert.Equal(20, (await here.Json("/api/products/popular")).Items().Count);
        Assert.True(await database.Value<long>("select count(*) from order_items where product_id = @id", ("id", id)) > 0, "orders still name it");
        using var again = await here.Send(HttpMethod.Delete, targets[0], admin);
        await again.Problem(404);
        using var late = await here.SendJson(HttpMethod.Patch, targets[0], """{ "stock": 1 }""", admin);
        await late.Problem(404);
    }

    [Fact]
    public async Task A_sale_is_shown_by_the_product_and_its_lists_and_leaves_popular_in_the_cache()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var id = await database.Value<long>("update products set stock = 500, created_at = now() where id = 7 returning id");
        string[] following = [$"/api/products/{id}", "/api/products"];
        foreach (var target in following)
            await Poll.Until(async _ => await Shows(edge, target, id, "stock", "500"), target, Cancelled);
        (await edge.Get("/api/products/popular")).Dispose();
        await database.Execute("update products set stock = 499 where id = @id", ("id", id));
        foreach (var target in following)
            await Poll.Until(async _ => await Shows(edge, target, id, "stock", "499"), target, Cancelled);
        using var popular = await edge.Get("/api/products/popular");
        Assert.StartsWith("edge; hit", popular.Header("Cache-Status"));
    }

    [Fact]
    public async Task What_a_change_does_not_name_stays_as_it_is()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var (_, admin) = await database.NewUser("admin");
        var before = await edge.Json("/api/products/7");
        foreach (var (member, value) in (KeyValuePair<string, string>[])[new("name", "\"N\""), new("description", "\"\""), new("price", "0.00"), new("stock", "0"), new("category", "\"lighting\"")])
        {
            var after = await edge.Json(await edge.SendJson(HttpMethod.Patch, "/api/products/7", $$"""{ "{{member}}": {{value}}, "{{(member == "name" ? "stock" : "name")}}": null }""", admin), "/api/products/7");
            Assert.Equal(value, after.GetProperty(member).GetRawText());
            var others = before.Members().Where(name => name != member && name != "updatedAt");
            Assert.All(others, name => Assert.True(JsonElement.DeepEquals(before.GetProperty(name), after.GetProperty(name)), name));
            before = after;
        }
    }

    [Fact]
    public async Task A_change_of_what_was_seen_is_refused_once_it_has_changed()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var (_, admin) = await database.NewUser("admin");
        using var seen = await edge.Get("/api/products/7");
        (string, string) tag = ("If-Match", seen.Header("ETag")!);
        await edge.Json(await edge.SendJson(HttpMethod.Patch, "/api/products/7", """{ "stock": 5 }""", admin, tag), "/api/products/7");
        foreach (var (method, body) in ((HttpMethod, string?)[])[(HttpMethod.Patch, """{ "stock": 6 }"""), (HttpMethod.Delete, null)])
        {
            using var late = await edge.SendJson(method, "/api/products/7", body, admin, tag);
            await late.Problem(412);
        }
        Assert.Equal(5, (await edge.Json("/api/products/7")).GetProperty("stock").GetInt32());
        using var removed = await edge.Send(HttpMethod.Delete, "/api/products/7", admin, ("If-Match", (await edge.Get("/api/products/7")).Header("ETag")!));
        Assert.Equal(204, (int)removed.StatusCode);
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "name", "\"\"" }, { "name", "\"a\\u0000b\"" }, { "name", $"\"{new string('x', 201)}\"" }, { "name", "\"\\ud800\"" }, { "name", "7" },
        { "description", $"\"{new string('x', 5001)}\"" }, { "price", "-0.01" }, { "price", "1.005" }, { "price", "10000000000" }, { "price", "1e400" }, { "price", "\"9.90\"" },
        { "stock", "-1" }, { "stock", "1.5" }, { "stock", "2147483648" }, { "category", "\"no-such\"" }, { "category", "\"\"" }, { "category", "\"'--\"" }, { "colour", "\"red\"" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task What_a_product_cannot_be_is_refused_by_name(string member, string value)
    {
        var (_, admin) = await Database.NewUser("admin");
        var whole = JsonDocument.Parse(Kettle).RootElement.EnumerateObject().Where(one => one.Name != member).Select(static one => $"\"{one.Name}\": {one.Value.GetRawText()}");
        foreach (var (method, target, body) in ((HttpMethod, string, string)[])
            [(HttpMethod.Post, "/api/products", $$"""{ {{string.Join(", ", whole)}}, "{{member}}": {{value}} }"""), (HttpMethod.Patch, "/api/products/7", $$"""{ "{{member}}": {{value}} }""")])
        {
            using var answer = await Edge.SendJson(method, target, body, admin);
            Assert.Equal([member], (await answer.Problem(400)).GetProperty("errors").Members());
        }
    }

    [Theory]
    [InlineData("name")]
    [InlineData("description")]
    [InlineData("price")]
    [InlineData("stock")]
    [InlineData("category")]
    public async Task A_new_product_needs_every_member(string member)
    {
        var (_, admin) = await Database.NewUser("admin");
        var rest = JsonDocument.Parse(Kettle).RootElement.EnumerateObject().Where(one => one.Name != member).Select(static one => $"\"{one.Name}\": {one.Value.GetRawText()}");
        using var answer = await Edge.SendJson(HttpMethod.Post, "/api/products", $$"""{ {{string.Join(", ", rest)}} }""", admin);
        Assert.Equal($$"""{"{{member}}":["is missing"]}""", (await answer.Problem(400)).GetProperty("errors").GetRawText());
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("user", 403)]
    [InlineData("author", 403)]
    public async Task Only_admins_write(string? role, int status)
    {
        (string, string)[] session = role is null ? [] : [(await Database.NewUser(role)).Session];
        foreach (var (method, target, body) in ((HttpMethod, string, string?)[])
            [(HttpMethod.Post, "/api/products", Kettle), (HttpMethod.Patch, "/api/products/7", """{ "stock": 1 }"""), (HttpMethod.Delete, "/api/products/7", null)])
        {
            using var answer = await Edge.SendJson(method, target, body, session);
            await answer.Problem(status);
        }
    }

    /// <summary>Whether the product, alone or in a list, has this value; null: whether it is not there.</summary>
    static async Task<bool> Shows(EdgeUnderTest edge, string target, long id, string member, string? value)
    {
        using var answer = await edge.Get(target);
        if ((int)answer.StatusCode == 404)
            return value is null;
        var body = await edge.Json(answer, target);
        var all = body.TryGetProperty("items", out var items) ? items.EnumerateArray().ToList() : [body];
        var found = all.Where(product => product.Id() == id).Select(product => product.GetProperty(member)).ToList();
        return value is null ? found.Count == 0 : found.Count == 1 && string.Create(CultureInfo.InvariantCulture, $"{found[0]}") == value;
    }
}
