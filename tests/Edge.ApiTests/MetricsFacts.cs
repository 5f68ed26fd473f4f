using System.Text.Json;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class MetricsInProcess(TestBed bed) : MetricsFacts(bed.InProcess);

public sealed class MetricsNative(TestBed bed) : MetricsFacts(bed.Native);

/// <summary>GET /performance/metrics. Each fact has an instance of its own: what others ask would count.</summary>
public abstract class MetricsFacts : Facts
{
    const string Target = "/performance/metrics";

    private protected MetricsFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Calls_count_by_route_whether_the_cache_has_their_answer_or_not()
    {
        await using var edge = await Own();
        foreach (var target in (string[])["/api/products/1", "/api/products/1", "/api/products/2", "/api/products/1?nonsense=1", "/api/products?limit=3", "/nowhere", "/health", Target])
            using (await edge.Get(target, Admin))
            {
            }
        // Counted when it is over, which a client may see before.
        await Poll.Until(async _ => Count(Routes(await edge.Json(Target, Admin)), "GET /api/products") == 1, "the last call is counted", Cancelled);
        var routes = Routes(await edge.Json(Target, Admin));
        Assert.Equal(4, Count(routes, "GET /api/products/{id}"));
        Assert.DoesNotContain(routes.Keys, static name => name.Contains("health", StringComparison.Ordinal) || name.Contains(Target, StringComparison.Ordinal));
        Assert.All(routes.Values, static route => Assert.All((string[])["minute", "fiveMinutes", "hour"], name => AssertWindow(route.GetProperty(name))));
    }

    [Fact]
    public async Task Answers_that_failed_are_errors_and_so_are_their_queries()
    {
        await using var edge = await Way.Start(
            new() { ["DATABASE_URL"] = "postgres://edge@127.0.0.1:1/edge?sslmode=disable", ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["EDGE_WARM_SECONDS"] = "0" }, Cancelled);
        using (var answer = await edge.Get("/api/products/1"))
            Assert.Equal(503, (int)answer.StatusCode);
        await Poll.Until(async _ => Count(Routes(await edge.Json(Target, Admin)), "GET /api/products/{id}") == 1, "the call is counted", Cancelled);
        var metrics = await edge.Json(Target, Admin);
        var route = Routes(metrics)["GET /api/products/{id}"].GetProperty("minute");
        Assert.Equal((1, 1.0), (route.Whole("errors"), route.GetProperty("errorRate").GetDouble()));
        var query = metrics.GetProperty("queries").EnumerateArray().Single(static query => query.Text("name") == "Product.ById").GetProperty("minute");
        Assert.Equal(query.Whole("count"), query.Whole("errors"));
    }

    [Fact]
    public async Task It_tells_of_queries_cache_pools_limits_load_memory_and_processor()
    {
        await using var edge = await Own();
        using (await edge.Get("/api/products/7"))
        {
        }
        var metrics = await edge.Json(Target, Admin);
        Assert.InRange(metrics.GetProperty("uptimeSeconds").GetDouble(), 0.001, 600);
        Assert.NotEqual("", metrics.Text("version"));
        Assert.Contains(metrics.GetProperty("queries").EnumerateArray(), static query => query.Text("name") == "Product.ById");
        Assert.InRange(metrics.GetProperty("cache").Whole("misses"), 1, 100);
        Assert.Contains(metrics.GetProperty("pools").EnumerateArray(), static pool => pool.Text("name") == "primary" && pool.Whole("max") > 0 && pool.Whole("used") + pool.Whole("idle") > 0);
        Assert.Equal(7, metrics.GetProperty("limits").GetArrayLength());
        Assert.InRange(metrics.GetProperty("load").Whole("cap"), 1, 1000);
        Assert.InRange(metrics.GetProperty("gc").Whole("heapBytes"), 1, long.MaxValue);
        Assert.Equal(3, metrics.GetProperty("gc").GetProperty("collections").GetArrayLength());
        var process = metrics.GetProperty("process");
        Assert.InRange(process.Whole("residentBytes"), 1_000_000, long.MaxValue);
        Assert.InRange(process.GetProperty("cpuSeconds").GetDouble(), 0.001, 100_000);
        Assert.Equal(Environment.ProcessorCount, process.Whole("processors"));
    }

    [Fact]
    public async Task It_is_for_operators_alone()
    {
        using (var answer = await Edge.Get(Target))
            await answer.Problem(401);
        using (var answer = await Edge.Get(Target, ("Authorization", "Bearer wrong-wrong-wrong-wrong")))
            await answer.Problem(401);
        await using var open = await Way.Start(new() { ["DATABASE_URL"] = Database.Url }, Cancelled);
        using (var answer = await open.Get(Target, Admin))
            await answer.Problem(404);
    }

    [Fact]
    public async Task Where_nothing_is_measured_it_says_so()
    {
        await using var edge = await Way.Start(
            new() { ["DATABASE_URL"] = Database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["OTEL_SDK_DISABLED"] = "true" }, Cancelled);
        using (var read = await edge.Get("/api/products/1"))
            Assert.Equal(200, (int)read.StatusCode);
        using var answer = await edge.Get(Target, Admin);
        Assert.Contains("OTEL_SDK_DISABLED", (await answer.Problem(404)).Text("detail"));
    }

    Task<EdgeUnderTest> Own() => Way.Start(new() { ["DATABASE_URL"] = Database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["EDGE_WARM_SECONDS"] = "0" }, Cancelled);

    static Dictionary<string, JsonElement> Routes(JsonElement metrics) =>
        metrics.GetProperty("routes").EnumerateArray().ToDictionary(static route => route.Text("name"), StringComparer.Ordinal);

    static long Count(Dictionary<string, JsonElement> routes, string name) => routes.TryGetValue(name, out var route) ? route.GetProperty("minute").Whole("count") : 0;

    static void AssertWindow(JsonElement window)
    {
        double[] times = [0, .. ((string[])["p50Ms", "p95Ms", "p99Ms", "maxMs"]).Select(name => window.GetProperty(name).GetDouble())];
        Assert.Equal(times.Order(), times);
        Assert.True(times[1] > 0);
        var (count, seconds) = (window.Whole("count"), window.GetProperty("seconds").GetDouble());
        Assert.Equal(count / seconds, window.GetProperty("perSecond").GetDouble(), precision: 6);
        Assert.Equal((0, 0.0), (window.Whole("errors"), window.GetProperty("errorRate").GetDouble()));
    }
}
