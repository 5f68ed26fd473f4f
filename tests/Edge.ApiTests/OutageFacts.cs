using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class OutageInProcess(TestBed bed) : OutageFacts(bed.InProcess);

public sealed class OutageNative(TestBed bed) : OutageFacts(bed.Native);

/// <summary>A Postgres of one's own, which dies and freezes.</summary>
public abstract class OutageFacts : Facts
{
    const int ConnectionTimeoutSeconds = 2;

    /// <summary>Requests that meet the dead server.</summary>
    const int Flood = 500;

    const string Back = "postgres answers again";

    static readonly string[] Reads =
    [
        "/api/products", "/api/products/1", "/api/products/search?q=lamp", "/api/products/popular", "/popular-products",
        "/api/categories/trending", "/api/users", "/api/users/1", "/api/blogs",
    ];

    private protected OutageFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task While_the_database_is_away_reads_are_503_and_afterwards_they_work()
    {
        await using var server = await PostgresServer.Start(Cancelled);
        await using var database = await SeededDatabase.CreateOn(server, Cancelled);
        await using var edge = await Way.Start(
            new()
            {
                ["DATABASE_URL"] = database.Url,
                ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken,
                // What the cache still answers meanwhile has tests of its own.
                ["EDGE_CACHE_MB"] = "0",
                ["EDGE_PROBE_INTERVAL_SECONDS"] = "1",
                ["DB_CONNECTION_TIMEOUT"] = $"{ConnectionTimeoutSeconds}",
                ["DB_COMMAND_TIMEOUT"] = "5",
            },
            Cancelled);
        await All(Reads, target => edge.Json(target));
        var lines = edge.Log?.Count;

        await server.Kill(Cancelled);
        await All(Enumerable.Range(0, Flood).Select(static i => Reads[i % Reads.Length]), target => IsUnavailable(edge, target));
        await Poll.Until(async _ => (await edge.Json("/health")).Text("status") == "degraded", "health says degraded", Cancelled);
        Assert.Equal("degraded", (await edge.Json("/health/ready")).Text("status"));
        Assert.Equal("healthy", (await edge.Json("/health/live")).Text("status"));
        var probed = (await edge.Json("/health/detailed", Admin)).GetProperty("dependencies")[0];
        Assert.Equal("down", probed.Text("status"));

        await server.Restart(Cancelled);
        await Poll.Until(async _ => (await edge.Json("/health")).Text("status") == "healthy", "health says healthy", Cancelled);
        await All(Reads, target => edge.Json(target));

        // Frozen: connections stay, answers do not come.
        server.Pause();
        try
        {
            Assert.Equal("healthy", (await edge.Json("/health/live")).Text("status"));
            await IsUnavailable(edge, "/api/products/1");
            await Poll.Until(async _ => (await edge.Json("/health")).Text("status") == "degraded", "health says degraded", Cancelled);
        }
        finally
        {
            server.Resume();
        }
        await Poll.Until(async _ => (await edge.Json("/health")).Text("status") == "healthy", "health says healthy", Cancelled);
        await All(Reads, target => edge.Json(target));
        if (lines is null)
            return;
        // Its lines come through a pipe, and may be later than its answers.
        await Poll.Until(() => edge.Log!.Skip(lines.Value).Count(static line => line.Contains(Back, StringComparison.Ordinal)) >= 2, "it has said twice that postgres is back", Cancelled);
        IsTerse([.. edge.Log!.Skip(lines.Value)]);
    }

    static async Task IsUnavailable(EdgeUnderTest edge, string target)
    {
        using var answer = await edge.Get(target);
        var problem = await answer.Problem(503);
        Assert.True(problem.Text("detail") is "The database cannot be reached at the moment." or "The database took too long.", problem.ToString());
    }

    /// <summary>A line per change of state and kind of failure, and at most one per ten seconds and kind; no stacks.</summary>
    static void IsTerse(List<string> log)
    {
        Assert.InRange(log.Count, 5, 12);
        Assert.Contains(log, static line => line.Contains("could not be answered (trace ", StringComparison.Ordinal));
        Assert.All(log, static line => Assert.DoesNotContain("   at ", line));
        Assert.Equal(2, log.Count(static line => line.Contains("postgres does not answer", StringComparison.Ordinal)));
        Assert.Equal(2, log.Count(static line => line.Contains(Back, StringComparison.Ordinal)));
    }
}
