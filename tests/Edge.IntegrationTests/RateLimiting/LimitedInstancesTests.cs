using System.Net;
using Edge.Core.Basics;
using Edge.Core.RateLimiting;
using Edge.IntegrationTests.Changes;
using Edge.IntegrationTests.Cli;
using Edge.Testing;

namespace Edge.IntegrationTests.RateLimiting;

/// <summary>Four instances of the binary on one Redis, behind a balancer that picks one at random; one client address calls a cached route.</summary>
public sealed class LimitedInstancesTests : IAsyncLifetime
{
    const int Instances = 4;
    const long Second = 1_000_000_000;

    readonly List<EdgeProcess> _instances = [];
    readonly List<HttpClient> _clients = [];
    ChangeDatabase _database = null!;
    RedisServer _redis = null!;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await ChangeDatabase.Create();
        _redis = await RedisServer.Start(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        foreach (var instance in _instances)
            await instance.DisposeAsync();
        await _redis.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_steady_flood_is_admitted_up_to_the_limit_in_every_stretch_of_time_and_gets_nearly_all_of_it()
    {
        const int perSecond = 600;
        const int seconds = 6;
        const int steadyAfter = 2;
        var limit = new RateLimit(200, 1, 50);
        await Start("200/s burst 50");
        var (random, admissions, pending) = (new RandomSource(1), new Admissions(), new List<Task>());
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var startedNs = NowNs;
        // As many as the rate has made due, whatever became of those before.
        while (pending.Count < perSecond * seconds)
        {
            await ticks.WaitForNextTickAsync(Cancel);
            var due = Math.Min(perSecond * seconds, (NowNs - startedNs) * perSecond / Second);
            while (pending.Count < due)
                pending.Add(Request(_clients[random.Next(Instances)], admissions));
        }
        await Task.WhenAll(pending);
        var steady = admissions.CountBetween(startedNs + (steadyAfter * Second), startedNs + (seconds * Second));
        var allowed = limit.Count * (seconds - steadyAfter);
        TestContext.Current.TestOutputHelper?.WriteLine($"{admissions.Count} of {pending.Count} in all, {steady} of {allowed} once the burst was used up");
        Assert.Null(admissions.Excess(limit));
        Assert.InRange(steady, allowed * 95 / 100, allowed + limit.Burst);
    }

    [Fact]
    public async Task Of_a_rush_on_a_small_limit_exactly_the_burst_is_admitted()
    {
        await Start("12/3600s burst 12");
        var admissions = new Admissions();
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Request(_clients[i % Instances], admissions)));
        Assert.Equal(12, admissions.Count);
    }

    async Task Start(string limit)
    {
        var server = await SharedServers.Postgres(Cancel);
        for (var i = 0; i < Instances; i++)
        {
            _instances.Add(await EdgeProcess.Start(
                EdgeRun.Binary,
                new Dictionary<string, string>
                {
                    ["DATABASE_URL"] = server.Url(_database.Options.Name), ["REDIS_URL"] = _redis.Url, ["EDGE_LIMIT_PUBLIC"] = limit,
                },
                Cancel));
            _clients.Add(_instances[^1].CreateClient());
        }
    }

    /// <summary>By the answer's status, of which there are two.</summary>
    static async Task Request(HttpClient client, Admissions admissions)
    {
        var fromNs = NowNs;
        using var answer = await client.GetAsync(new Uri("/api/products/1", UriKind.Relative), Cancel);
        if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            return;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        admissions.Add(fromNs, NowNs);
    }

    static long NowNs => (long)(TimeProvider.System.GetTimestamp() * (1e9 / TimeProvider.System.TimestampFrequency));
}
