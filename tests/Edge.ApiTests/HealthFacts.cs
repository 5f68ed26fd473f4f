using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class HealthInProcess(TestBed bed) : HealthFacts(bed.InProcess);

public sealed class HealthNative(TestBed bed) : HealthFacts(bed.Native);

public abstract class HealthFacts : Facts
{
    private protected HealthFacts(EdgeWay way) : base(way)
    {
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task An_instance_with_all_it_needs_is_healthy(string target)
    {
        // On a machine that is busy with other things a probe may come too late, and the next one finds out.
        await Poll.Until(async _ => (await Edge.Json(target)).ToString() == """{"status":"healthy"}""", $"{target} says healthy", Cancelled);
    }

    [Fact]
    public async Task Details_name_each_dependency_with_its_last_probe()
    {
        await Poll.Until(async _ => (await Edge.Json("/health")).Text("status") == "healthy", "health says healthy", Cancelled);
        var details = await Edge.Json("/health/detailed", Admin);
        Assert.Equal("healthy", details.Text("status"));
        Assert.True(details.GetProperty("uptimeSeconds").GetDouble() > 0);
        var postgres = Assert.Single(details.GetProperty("dependencies").EnumerateArray().ToList());
        Assert.Equal("postgres", postgres.Text("name"));
        Assert.Equal("up", postgres.Text("status"));
        Assert.True(postgres.GetProperty("latencyMs").GetDouble() > 0);
        Assert.InRange(postgres.GetProperty("ageSeconds").GetDouble(), 0, 60);
        Assert.NotEqual("", details.GetProperty("build").Text("version"));
        Assert.Contains(details.GetProperty("pools").EnumerateArray(), static pool => pool.Text("name") == "primary" && pool.Whole("max") > 0);
        Assert.InRange(details.GetProperty("cache").Whole("capacityBytes"), 1, long.MaxValue);
        Assert.Equal(["passwords", "threads", "requests"], details.GetProperty("queues").EnumerateArray().Select(static queue => queue.Text("name")));
        Assert.All(details.GetProperty("breakers").EnumerateArray(), static breaker => Assert.Equal("closed", breaker.Text("state")));
    }

    [Fact]
    public Task Details_are_for_admins_alone() => All(
        [
            [], [("Authorization", "")], [("Authorization", "Bearer")], [("Authorization", "Bearer ")], [("Authorization", "Bearer wrong")],
            [("Authorization", "Basic " + EdgeUnderTest.AdminToken)], [("Authorization", EdgeUnderTest.AdminToken)], [("Authorization", Admin.Value + "x")],
            [("Authorization", Admin.Value[..^1])], [("Authorization", "Bearer " + EdgeUnderTest.AdminToken.ToUpperInvariant())],
        ],
        async ((string, string)[] headers) =>
        {
            using var answer = await Edge.Get("/health/detailed", headers);
            var problem = await answer.Problem(401);
            Assert.DoesNotContain(EdgeUnderTest.AdminToken, problem.ToString());
        });

    [Fact]
    public async Task Details_do_not_exist_where_no_admin_token_is_set()
    {
        await using var open = await Way.Start(new() { ["DATABASE_URL"] = Database.Url }, Cancelled);
        foreach (var headers in ((string, string)[][])[[], [Admin], [("Authorization", "Bearer ")]])
        {
            using var answer = await open.Get("/health/detailed", headers);
            Assert.Equal("No route has this path. See /openapi.json for those there are.", (await answer.Problem(404)).Text("detail"));
        }
    }
}
