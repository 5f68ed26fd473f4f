using System.Net;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class SettingsInProcess(TestBed bed) : SettingFacts(bed.InProcess);

public sealed class SettingsNative(TestBed bed) : SettingFacts(bed.Native);

/// <summary>What is served where something is missing or left out on purpose.</summary>
public abstract class SettingFacts : Facts
{
    private protected SettingFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Without_a_database_health_answers_and_the_rest_is_503()
    {
        await using var edge = await Way.Start(new() { ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken }, Cancelled);
        Assert.Equal("degraded", (await edge.Json("/health")).Text("status"));
        Assert.Equal("healthy", (await edge.Json("/health/live")).Text("status"));
        Assert.Equal("degraded", (await edge.Json("/health/ready")).Text("status"));
        var postgres = Assert.Single((await edge.Json("/health/detailed", Admin)).GetProperty("dependencies").EnumerateArray().ToList());
        Assert.Equal("not configured", postgres.Text("status"));
        await All((await edge.Description).Routes.Where(static route => route.IsCacheable && route.Path != ApiDescription.Target), async route =>
        {
            using var answer = await edge.Get(route.Address());
            Assert.Equal("This instance has no database, so it cannot answer this.", (await answer.Problem(503)).Text("detail"));
        });
    }

    [Fact]
    public async Task Without_a_database_a_bad_request_is_still_a_bad_request()
    {
        await using var edge = await Way.Start([], Cancelled);
        await edge.Refuses("/api/products?limit=0", "limit");
        using var answer = await edge.Get("/api/nothing");
        await answer.Problem(404);
    }

    [Fact]
    public async Task Modules_left_out_have_no_routes()
    {
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = Database.Url, ["EDGE_MODULES"] = "users" }, Cancelled);
        await edge.Json("/api/users/1");
        await edge.Json("/health");
        foreach (var target in (string[])["/api/products", "/api/products/1", "/popular-products", "/api/categories/trending", "/api/blogs", "/api/blogs/a"])
        {
            using var answer = await edge.Get(target);
            await answer.Problem(404);
        }
        Assert.DoesNotContain((await edge.Description).Routes, static route => route.Path.Contains("products", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Instances_with_one_key_read_each_others_cursors_and_with_another_do_not()
    {
        await using var other = await Way.Start(new() { ["DATABASE_URL"] = Database.Url, ["EDGE_CURSOR_KEY"] = "a key of sixteen letters" }, Cancelled);
        await using var twin = await Way.Start(new() { ["DATABASE_URL"] = Database.Url, ["EDGE_CURSOR_KEY"] = "a key of sixteen letters" }, Cancelled);
        var (_, next) = await other.Page("/api/products?limit=2");
        await twin.Page(next!);
        await Edge.Refuses(next!, "cursor");
    }

    [Fact]
    public async Task Two_instances_give_one_answer_one_tag()
    {
        await using var other = await Way.Start(new() { ["DATABASE_URL"] = Database.Url }, Cancelled);
        using var here = await Edge.Get("/api/products?limit=5");
        using var there = await other.Get("/api/products?limit=5", ("If-None-Match", here.Header("ETag")!));
        Assert.Equal(HttpStatusCode.NotModified, there.StatusCode);
    }
}
