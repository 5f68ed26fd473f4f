using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class ErrorsInProcess(TestBed bed) : ErrorFacts(bed.InProcess);

public sealed class ErrorsNative(TestBed bed) : ErrorFacts(bed.Native);

/// <summary>Every fact's <see cref="Contract.Problem"/> asserts the shape of problems and that they give nothing away.</summary>
public abstract class ErrorFacts : Facts
{
    const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private protected ErrorFacts(EdgeWay way) : base(way)
    {
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api")]
    [InlineData("/api/nothing")]
    [InlineData("/api/products/1/reviews")]
    [InlineData("/health/other")]
    [InlineData("/openapi.yaml")]
    [InlineData("/favicon.ico")]
    [InlineData("/.env")]
    [InlineData("/appsettings.json")]
    public async Task A_path_without_a_route_is_404(string target)
    {
        using var answer = await Edge.Get(target);
        var problem = await answer.Problem(404);
        Assert.Equal("urn:edge:problem:not-found", problem.Text("type"));
        Assert.Equal(target, problem.Text("instance"));
    }

    [Fact]
    public async Task A_path_without_a_route_is_404_for_every_method()
    {
        foreach (var method in (string[])["POST", "PUT", "DELETE", "OPTIONS"])
        {
            using var answer = await Edge.Send(new HttpMethod(method), "/api/nothing");
            await answer.Problem(404);
        }
    }

    [Fact]
    public async Task All_mistakes_are_reported_at_once()
    {
        using var answer = await Edge.Get("/api/products/search?limit=0&category=No&page=2&cursor=x");
        var errors = (await answer.Problem(400)).GetProperty("errors");
        Assert.Equal(["category", "limit", "page", "q"], errors.Members().Order());
        Assert.StartsWith("is missing", errors.GetProperty("q")[0].GetString());
    }

    [Fact]
    public async Task A_callers_trace_id_is_the_problems()
    {
        using var answer = await Edge.Get("/api/nothing", ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"));
        Assert.Equal(Trace, (await answer.Problem(404)).Text("traceId"));
    }

    [Fact]
    public Task A_malformed_traceparent_is_ignored() => All(
        [
            "", "x", Trace, $"00-{Trace}", $"00-{Trace}-00f067aa0ba902b7", $"00-{Trace.ToUpperInvariant()}-00f067aa0ba902b7-01", $"00-{Trace}-00f067aa0ba902b7-0g",
            $"ff-{Trace}-00f067aa0ba902b7-01", $"00-{new string('0', 32)}-00f067aa0ba902b7-01", $"00-{Trace}-0000000000000000-01", $"00-{Trace[..^1]}-00f067aa0ba902b7-01",
            $"00-{Trace[..^1]}g-00f067aa0ba902b7-01", $"00-{Trace}-00f067aa0ba902b7-01-more", new string('0', 5000), "'; drop table users; --", "00_" + Trace + "_00f067aa0ba902b7_01",
        ],
        async traceparent =>
        {
            using var answer = await Edge.Get("/api/nothing", ("traceparent", traceparent));
            Assert.NotEqual(Trace, (await answer.Problem(404)).Text("traceId"));
        });

    [Fact]
    public async Task Two_trace_ids_are_none()
    {
        using var answer = await Edge.Get(
            "/api/nothing", ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"), ("traceparent", $"00-{Trace}-00f067aa0ba902b8-01"));
        Assert.NotEqual(Trace, (await answer.Problem(404)).Text("traceId"));
    }

    [Fact]
    public async Task Each_problem_has_a_trace_id_of_its_own()
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            using var answer = await Edge.Get("/api/nothing");
            ids.Add((await answer.Problem(404)).Text("traceId"));
        }
        Assert.Equal(20, ids.Count);
    }
}
