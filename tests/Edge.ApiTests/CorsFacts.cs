using System.Net;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class CorsInProcess(TestBed bed) : CorsFacts(bed.InProcess);

public sealed class CorsNative(TestBed bed) : CorsFacts(bed.Native);

/// <summary>What a browser lets a page of another site see.</summary>
public abstract class CorsFacts : Facts
{
    const string Product = "/api/products/1";
    const string Site = "https://app.example.com";

    private protected CorsFacts(EdgeWay way) : base(way)
    {
    }

    Task<EdgeUnderTest> Start(string origins, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["EDGE_CORS_ORIGINS"] = origins, ["EDGE_LIMIT_PUBLIC"] = "3/d" };
        foreach (var (key, value) in settings)
            all[key] = value;
        return Way.Start(all, Cancelled);
    }

    [Fact]
    public async Task Off_by_default()
    {
        using var answer = await Edge.Get(Product, ("Origin", Site));
        Assert.DoesNotContain(answer.Headers, static header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("Origin", answer.Header("Vary"));
    }

    [Fact]
    public async Task Every_answer_can_be_read_refusals_and_failures_too()
    {
        // Without a database: 503.
        await using var edge = await Start(Site);
        int[] statuses = [503, 400, 404, 429];
        string[] targets = [Product, "/api/products?limit=0", "/api/nothing", Product];
        for (var i = 0; i < targets.Length; i++)
        {
            using var answer = await edge.Get(targets[i], ("Origin", Site));
            if (i == 2)
                using (await edge.Get(Product))
                {
                }
            Assert.Equal(statuses[i], (int)answer.StatusCode);
            Assert.Equal(Site, answer.Header("Access-Control-Allow-Origin"));
            var exposed = answer.Header("Access-Control-Expose-Headers")!.Split(", ");
            Assert.ProperSuperset(new HashSet<string> { "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy", "Retry-After", "ETag", "Link", "Cache-Status", "Location" }, new HashSet<string>(exposed));
            Assert.Contains("Origin", answer.Header("Vary"));
            Assert.Null(answer.Header("Access-Control-Allow-Credentials"));
        }
    }

    [Fact]
    public async Task A_cached_answer_serves_one_site_as_the_other_and_says_that_it_differs()
    {
        await using var edge = await Start($"{Site}, http://localhost:3000", ("DATABASE_URL", Database.Url), ("EDGE_LIMIT_PUBLIC", "100/d"));
        foreach (var origin in (string?[])[null, Site, "http://localhost:3000", "https://evil.example.com", Site])
        {
            using var answer = await (origin is null ? edge.Get(Product) : edge.Get(Product, ("Origin", origin)));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("Origin, Accept-Encoding", answer.Header("Vary"));
            Assert.Equal(origin is Site or "http://localhost:3000" ? origin : null, answer.Header("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task A_preflight_is_answered_and_takes_nothing_of_a_limit()
    {
        await using var edge = await Start(Site);
        for (var i = 0; i < 5; i++)
        {
            using var answer = await edge.Send(
                HttpMethod.Options, Product, ("Origin", Site), ("Access-Control-Request-Method", "PATCH"), ("Access-Control-Request-Headers", "authorization, x-api-key"));
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Equal(Site, answer.Header("Access-Control-Allow-Origin"));
            Assert.Contains("PATCH", answer.Header("Access-Control-Allow-Methods"));
            Assert.Contains("Authorization", answer.Header("Access-Control-Allow-Headers"));
            Assert.Contains("X-API-Key", answer.Header("Access-Control-Allow-Headers"));
            Assert.Contains("Idempotency-Key", answer.Header("Access-Control-Allow-Headers"));
            Assert.Equal("7200", answer.Header("Access-Control-Max-Age"));
            Assert.Null(answer.Header("RateLimit"));
        }
        using var read = await edge.Get(Product, ("Origin", Site));
        Assert.Equal("2", read.Header("X-RateLimit-Remaining"));
    }

    [Fact]
    public async Task Others_get_no_permission()
    {
        await using var edge = await Start(Site);
        foreach (var origin in (string[])["https://evil.example.com", "https://app.example.com.evil.com", "http://app.example.com", "https://app.example.com:444", "null", "https://APP.example.com"])
        {
            using var preflight = await edge.Send(HttpMethod.Options, Product, ("Origin", origin), ("Access-Control-Request-Method", "GET"));
            Assert.DoesNotContain(preflight.Headers, static header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task A_star_lets_every_page_read_and_answers_do_not_differ()
    {
        await using var edge = await Start("*", ("DATABASE_URL", Database.Url));
        using var named = await edge.Get(Product, ("Origin", Site));
        using var nobody = await edge.Get(Product);
        foreach (var answer in (HttpResponseMessage[])[named, nobody])
        {
            Assert.Equal("*", answer.Header("Access-Control-Allow-Origin"));
            Assert.Equal("Accept-Encoding", answer.Header("Vary"));
        }
    }

    [Fact]
    public async Task Options_that_no_browser_asks_is_a_method_like_others()
    {
        await using var edge = await Start(Site);
        using var answer = await edge.Send(HttpMethod.Options, Product);
        await answer.Problem(405);
    }
}
