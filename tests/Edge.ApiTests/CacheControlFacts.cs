using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class CacheControlInProcess(TestBed bed) : CacheControlFacts(bed.InProcess);

public sealed class CacheControlNative(TestBed bed) : CacheControlFacts(bed.Native);

/// <summary>The operators' routes of the cache.</summary>
public abstract class CacheControlFacts : Facts
{
    const string Clear = "/performance/cache/clear";
    const string Stats = "/performance/cache/stats";

    private protected CacheControlFacts(EdgeWay way) : base(way)
    {
    }

    Task<EdgeUnderTest> Own() => Way.StartCached(Database.Url, Cancelled);

    [Theory]
    [InlineData("""{ "key": "/api/products/7" }""", "key", new[] { "/api/products/7" })]
    [InlineData("""{ "tag": "product:7" }""", "tag", new[] { "/api/products/7" })]
    [InlineData("""{ "tag": "products" }""", "tag", new[] { "/api/products?limit=2" })]
    [InlineData("""{ "tag": "product" }""", "tag", new[] { "/api/products/7", "/api/products/popular" })]
    [InlineData("""{ "tag": "sales" }""", "tag", new[] { "/api/products/popular" })]
    [InlineData("""{ "all": true }""", "all", new[] { "/api/products/7", "/api/products?limit=2", "/api/products/popular", "/api/users/1" })]
    public async Task What_is_cleared_is_loaded_anew_and_nothing_else(string body, string cleared, string[] gone)
    {
        await using var edge = await Own();
        string[] targets = ["/api/products/7", "/api/products?limit=2", "/api/products/popular", "/api/users/1"];
        foreach (var target in targets)
            (await edge.Get(target)).Dispose();
        using var answer = await Post(edge, body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal($$"""{"cleared":"{{cleared}}","everywhere":true}""", await answer.Content.ReadAsStringAsync(Cancelled));
        foreach (var target in targets)
        {
            using var after = await edge.Get(target);
            Assert.StartsWith(Array.IndexOf(gone, target) >= 0 ? "edge; fwd=miss" : "edge; hit", after.Header("Cache-Status"));
        }
    }

    [Theory]
    [InlineData("", "body")]
    [InlineData("null", "body")]
    [InlineData("[]", "body")]
    [InlineData("{", "body")]
    [InlineData("{}", "body")]
    [InlineData("""{ "all": false }""", "body")]
    [InlineData("""{ "key": "/a", "tag": "b" }""", "body")]
    [InlineData("""{ "key": "" }""", "key")]
    [InlineData("""{ "tag": "" }""", "tag")]
    [InlineData("""{ "key": 7 }""", "key")]
    [InlineData("""{ "all": "yes" }""", "all")]
    [InlineData("""{ "kee": "/api/products/7" }""", "kee")]
    public async Task A_body_that_makes_no_sense_is_400_and_names_the_member(string body, string member)
    {
        using var answer = await Post(Edge, body);
        var problem = await answer.Problem(400);
        Assert.Equal([member], problem.GetProperty("errors").Members());
    }

    [Fact]
    public async Task A_mistake_in_the_json_has_its_position()
    {
        using var answer = await Post(Edge, "{\n  \"key\": \"/a\",,\n}");
        var problem = await answer.Problem(400);
        Assert.Contains("at line 2, byte 15", problem.GetProperty("errors").GetRawText());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonx")]
    public async Task A_body_that_is_not_said_to_be_json_is_415(string? type)
    {
        using var answer = await Post(Edge, """{ "all": true }""", type);
        await answer.Problem(415);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    public async Task The_type_may_be_spelled_as_http_allows(string type)
    {
        using var answer = await Post(Edge, """{ "tag": "nothing has this" }""", type);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_1_mib_is_413(bool hasLength)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{ "key": "{{new string('x', 1 << 20)}}" }"""));
        body.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, Clear) { Content = body };
        request.Headers.TransferEncodingChunked = !hasLength;
        // Else the server hangs up on a client that still sends, which may then not see the answer.
        request.Headers.ExpectContinue = hasLength;
        request.Headers.Add(Admin.Name, Admin.Value);
        using var answer = await Edge.Http.SendAsync(request, Cancelled);
        await answer.Problem(413);
    }

    [Fact]
    public async Task Without_the_token_nothing_is_cleared_or_told()
    {
        using var clear = await Edge.Http.PostAsync(Clear, Json("""{ "all": true }""", "application/json"), Cancelled);
        await clear.Problem(401);
        using var stats = await Edge.Get(Stats);
        await stats.Problem(401);
    }

    [Fact]
    public async Task Where_no_token_is_set_there_are_no_such_routes()
    {
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = Database.Url }, Cancelled);
        using var clear = await Post(edge, """{ "all": true }""");
        await clear.Problem(404);
        using var stats = await edge.Get(Stats, Admin);
        await stats.Problem(404);
    }

    [Fact]
    public async Task Where_the_cache_is_off_it_says_so()
    {
        await using var edge = await Way.Start(
            new() { ["DATABASE_URL"] = Database.Url, ["EDGE_CACHE_MB"] = "0", ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken }, Cancelled);
        using var stats = await edge.Get(Stats, Admin);
        Assert.Contains("EDGE_CACHE_MB", (await stats.Problem(404)).Text("detail"));
        using var read = await edge.Get("/api/products/7");
        Assert.Null(read.Header("Cache-Status"));
    }

    [Fact]
    public async Task Statistics_count_by_route_what_was_done()
    {
        await using var edge = await Own();
        for (var i = 0; i < 3; i++)
            (await edge.Get("/api/products/7")).Dispose();
        (await edge.Get("/api/users/1")).Dispose();
        using var answer = await edge.Get(Stats, Admin);
        var stats = await edge.Json(answer, Stats);
        Assert.Equal((2, 2, 2, 0), Counts(stats.GetProperty("total")));
        Assert.Equal((2, 1, 1, 0), Counts(stats.GetProperty("routes").GetProperty("products.one")));
        Assert.Equal((0, 1, 1, 0), Counts(stats.GetProperty("routes").GetProperty("users.one")));
        Assert.Equal(2, stats.GetProperty("l1").GetProperty("entries").GetInt32());
        Assert.Equal(2.0 / 3, stats.GetProperty("routes").GetProperty("products.one").GetProperty("hitRatio").GetDouble(), 6);
    }

    static (int Hits, int Misses, int Loads, int Failed) Counts(JsonElement use) =>
        (use.GetProperty("hits").GetInt32(), use.GetProperty("misses").GetInt32(), use.GetProperty("loads").GetInt32(), use.GetProperty("failed").GetInt32());

    static async Task<HttpResponseMessage> Post(EdgeUnderTest edge, string body, string? type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Clear) { Content = Json(body, type) };
        request.Headers.Add(Admin.Name, Admin.Value);
        return await edge.Http.SendAsync(request, Cancelled);
    }

    static ByteArrayContent Json(string body, string? type)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (type is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }
}
