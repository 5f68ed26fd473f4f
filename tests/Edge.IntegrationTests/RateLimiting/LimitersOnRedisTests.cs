using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Core.Basics;
using Edge.Core.RateLimiting;
using Edge.Redis;
using Edge.Redis.RateLimiting;
using Edge.Testing;

namespace Edge.IntegrationTests.RateLimiting;

/// <summary>Four engines on one Redis, each with a connection of its own, behind a balancer that picks one at random.</summary>
public sealed partial class LimitersOnRedisTests : IAsyncLifetime
{
    const int Engines = 4;
    const int Attempts = 5;
    const int TimeoutMs = 20_000;
    const long Second = 1_000_000_000;

    readonly List<RedisClient> _clients = [];
    RedisServer _server = null!;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static JsonElement Budgets => JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "bench", "budgets.json"))).RootElement.GetProperty("limiter");

    public async ValueTask InitializeAsync() => _server = await RedisServer.Start(Cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(1000, 1, 1000)]
    [InlineData(500, 1, 50)]
    [InlineData(200, 1, 200)]
    [InlineData(60, 2, 19)]
    public async Task A_steady_flood_is_admitted_up_to_the_limit_in_every_stretch_of_time_and_gets_nearly_all_of_it(int count, int period, int burst)
    {
        const int seconds = 5;
        const int steadyAfter = 2;
        var limit = new RateLimit(count, period, burst);
        KeyedLimiter[] limiters;
        Admissions admissions;
        long fromNs;
        bool isSteady;
        var attempt = 0;
        do
        {
            limiters = await Start();
            fromNs = SteadyFlood.NowNs;
            (admissions, isSteady) = await Flood(limiters, limit, perSecond: 3 * count / period, seconds, key: 42 + attempt);
            Assert.Null(admissions.Excess(limit));
        }
        while (!isSteady && ++attempt < Attempts);
        Assert.True(isSteady, $"no flood of {Attempts} was steady");
        // By then the burst is used up, and makes up for nothing.
        var (steady, allowed) = admissions.Since(fromNs + (steadyAfter * Second), limit);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{count} in {period} s, burst {burst}: {admissions.Count} in all, {steady} of {allowed:0} once the burst was used up: {100 * steady / allowed:0.0} %");
        Assert.InRange(steady, Budgets.GetProperty("steadyFloodPercent").GetDouble() / 100 * allowed, allowed + burst);
        Assert.All(limiters, static limiter => Assert.Equal(0, limiter.Statistics().Degraded));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task However_requests_come_no_stretch_of_time_has_more_than_the_limit(int seed)
    {
        var random = new RandomSource((ulong)seed);
        var limiters = await Start();
        var limit = random.Pick([new RateLimit(300, 1, 300), new RateLimit(100, 1, 40), new RateLimit(40, 1, 12)]);
        var key = new UInt128(random.NextUInt64(), random.NextUInt64());
        var admissions = new Admissions();
        var pending = new List<Task>();
        for (var rush = 0; rush < 30; rush++)
        {
            for (var requests = random.Next(2 * limit.Burst); requests > 0; requests--)
                pending.Add(Request(random.Pick(limiters), key, limit, admissions, random.NextUInt64() % 4 == 0));
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(1 + random.Next(150)));
            await pause.WaitForNextTickAsync(Cancel);
        }
        await Task.WhenAll(pending);
        Assert.Null(admissions.Excess(limit));
        Assert.InRange(admissions.Count, limit.Burst, int.MaxValue);
    }

    [Theory]
    [InlineData(5, 900)]
    [InlineData(19, 3600)]
    public async Task Of_a_rush_on_a_small_limit_exactly_the_burst_is_admitted(int burst, int period)
    {
        var limiters = await Start();
        var limit = new RateLimit(burst, period, burst);
        var admissions = new Admissions();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Request(limiters[i % Engines], 7, limit, admissions, isApart: true)));
        Assert.Equal(burst, admissions.Count);
    }

    [Fact]
    public async Task A_hot_key_asks_Redis_for_less_than_one_in_a_hundred_of_what_is_admitted()
    {
        var limit = new RateLimit(10_000, 1, 10_000);
        var limiters = await Start();
        Admissions admissions;
        long calls;
        bool isSteady;
        var attempt = 0;
        do
        {
            await Stat();
            await Redis("CONFIG", "RESETSTAT");
            // What came after a pause longer than the burst is not all admitted: that is the limit, too.
            (admissions, isSteady) = await Flood(limiters, limit, perSecond: 6_000, seconds: 5, key: 42 + attempt);
            calls = await Stat();
        }
        while (!isSteady && ++attempt < Attempts);
        Assert.True(isSteady, $"no flood of {Attempts} was steady");
        TestContext.Current.TestOutputHelper?.WriteLine($"{calls} calls for {admissions.Count} admitted: {100.0 * calls / admissions.Count:0.00} %");
        Assert.Equal(30_000, admissions.Count);
        Assert.InRange(100.0 * calls / admissions.Count, 0.01, Budgets.GetProperty("storeCallsPercent").GetDouble());
    }

    [Fact]
    public async Task Redis_keeps_no_more_invented_keys_than_there_is_room_for_here()
    {
        const int keys = 1024;
        var limiter = (await Start(new() { Keys = keys, TimeoutMs = TimeoutMs }))[0];
        var limit = new RateLimit(Count: 10, PeriodSeconds: 3600, Burst: 10);
        var random = new RandomSource(1);
        var known = new UInt128(random.NextUInt64(), random.NextUInt64());
        for (var i = 0; i < 10; i++)
            Assert.True((await limiter.Decide(known, limit, cost: 1)).IsAllowed);
        for (var i = 0; i < 20_000; i++)
            await limiter.Decide(new(random.NextUInt64(), random.NextUInt64()), limit, cost: 1);
        Assert.False((await limiter.Decide(known, limit, cost: 1)).IsAllowed);
        Assert.InRange((await _clients[0].Execute(["DBSIZE"], Replies.Integer, Cancel)).Value, keys * 9 / 10, keys * 5 / 4 + 32);
        Assert.InRange(limiter.Statistics().Asks, keys * 9 / 10, keys * 5 / 4 + 64);
    }

    [GeneratedRegex(@"cmdstat_evalsha:calls=(\d+)")]
    private static partial Regex Calls();

    async Task<long> Stat()
    {
        var calls = Calls().Match((await _clients[0].Execute(["INFO", "commandstats"], Replies.Text, Cancel)).Value!);
        return calls.Success ? long.Parse(calls.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    async Task Redis(params string[] words) =>
        Assert.True((await _clients[0].Execute(words.Select(static word => (RedisArg)word).ToArray(), Replies.Any, Cancel)).IsOk);

    /// <summary>Strict, so that nothing is admitted which the store does not know of.</summary>
    async Task<KeyedLimiter[]> Start(LimiterOptions? options = null)
    {
        var limiters = new KeyedLimiter[Engines];
        for (var i = 0; i < Engines; i++)
        {
            _clients.Add(new(new RedisOptions { Port = _server.Port, CommandTimeoutMs = TimeoutMs }));
            Assert.True((await _clients[^1].Ping(Cancel)).IsOk);
            limiters[i] = new(options ?? new() { IsStrict = true, TimeoutMs = 5_000 }, new RedisTokenStore(_clients[^1], "edge"), TimeProvider.System);
        }
        return limiters;
    }

    static async Task<(Admissions Admitted, bool IsSteady)> Flood(KeyedLimiter[] limiters, RateLimit limit, int perSecond, int seconds, int key)
    {
        var admissions = new Admissions();
        var pauseNs = await SteadyFlood.Run(
            perSecond, seconds, admissions, random => Request(random.Pick(limiters), (UInt128)key, limit, admissions, isApart: false), Cancel);
        return (admissions, SteadyFlood.IsSteady(limit, pauseNs));
    }

    static async Task Request(KeyedLimiter limiter, UInt128 key, RateLimit limit, Admissions admissions, bool isApart)
    {
        if (isApart) await Task.Yield();
        var fromNs = SteadyFlood.NowNs;
        var decision = await limiter.Decide(key, limit, cost: 1);
        admissions.Answered(fromNs, SteadyFlood.NowNs, decision.IsAllowed);
    }
}
