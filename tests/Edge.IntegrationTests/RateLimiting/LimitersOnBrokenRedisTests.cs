using System.Diagnostics;
using Edge.Core.RateLimiting;
using Edge.Redis;
using Edge.Redis.RateLimiting;
using Edge.Testing;

namespace Edge.IntegrationTests.RateLimiting;

/// <summary>A limiter while its Redis is killed, frozen, slow, or out of reach, and when it is back.</summary>
public sealed class LimitersOnBrokenRedisTests
{
    const int TimeoutMs = 400;
    const int RetryMs = 60_000;
    const int Burst = 100;

    /// <summary>What is used up does not come back within a test.</summary>
    static readonly RateLimit s_limit = new(Count: Burst, PeriodSeconds: 86_400, Burst: Burst);

    static readonly UInt128 s_key = 7;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("killed", false)]
    [InlineData("killed", true)]
    [InlineData("frozen", false)]
    [InlineData("frozen", true)]
    [InlineData("refused", false)]
    [InlineData("stalled", false)]
    [InlineData("slow", false)]
    public async Task Decisions_go_on_at_once_are_counted_and_what_was_admitted_meanwhile_is_charged(string how, bool isStrict)
    {
        const int before = 30;
        const int meanwhile = 40;
        await using var server = await RedisServer.Start(Cancel);
        await using var proxy = CuttingProxy.Start(server.Port);
        // Patient, so that a link ends by what is broken and not by how busy this machine is: its own patience has tests of its own.
        await using var client = new RedisClient(new RedisOptions
        {
            Port = proxy.Port, CommandTimeoutMs = 20_000, ConnectTimeoutMs = 20_000, SilenceTimeoutMs = 60_000, KeepAliveMs = 200, BackoffBaseMs = 10, BackoffMaxMs = 50,
        });
        Assert.True((await client.Ping(Cancel)).IsOk);
        var clock = new JumpingTime();
        var limiter = new KeyedLimiter(new() { TimeoutMs = TimeoutMs, RetryMs = RetryMs, IsStrict = isStrict }, new RedisTokenStore(client, "edge"), clock);
        // A first call that loads the script, and has its time for that.
        Assert.NotNull(await new RedisTokenStore(client, "edge").Take(new(1, s_limit, 1, 1, 0, 0), 20_000));
        await Recovered(limiter, clock);
        for (var i = 0; i < before; i++)
            Assert.True((await Undegraded(limiter)).IsAllowed);

        await Break(how, server, proxy);
        // The first that has to ask waits for the timeout, and not for the outage, which lasts until it is mended below; until then a lease may do.
        clock.Jump(1_000);
        var watch = Stopwatch.StartNew();
        var first = await limiter.Decide(UInt128.MaxValue, s_limit, cost: 1).AsTask().WaitAsync(TimeSpan.FromSeconds(Poll.TimeoutSeconds), Cancel);
        watch.Stop();
        Assert.True(first.IsDegraded);
        Assert.True(limiter.Statistics().IsAlone);

        var degraded = limiter.Statistics().Degraded;
        var admitted = 0;
        var spent = new List<double>();
        for (var i = 0; i < 4 * Burst; i++)
        {
            var key = i < meanwhile ? s_key : KeyOf(i);
            var startedAt = Stopwatch.GetTimestamp();
            var decided = limiter.Decide(key, s_limit, cost: 1);
            // Nothing is waited for: that is what "within a millisecond" rests on, whatever else this machine does.
            Assert.True(decided.IsCompletedSuccessfully);
            spent.Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
            var decision = await decided;
            Assert.Equal((true, !isStrict), (decision.IsDegraded, decision.IsAllowed));
            Assert.True(decision.IsAllowed || decision.RetryNs > 0);
            if (key == s_key && decision.IsAllowed) admitted++;
        }
        spent.Sort();
        Assert.InRange(spent[spent.Count / 2], 0, 1);
        Assert.Equal(degraded + 4 * Burst, limiter.Statistics().Degraded);
        TestContext.Current.TestOutputHelper?.WriteLine($"{how}: first {watch.ElapsedMilliseconds} ms, then median {spent[spent.Count / 2]:0.000} ms, slowest {spent[^1]:0.000} ms");

        await Mend(how, server, proxy);
        await Recovered(limiter, clock);
        var after = 0;
        for (var i = 0; i < 3 * Burst; i++)
            if ((await Undegraded(limiter)).IsAllowed) after++;
        // A Redis that was killed has forgotten what it had granted.
        var left = Burst - admitted - (how == "killed" ? 0 : before);
        TestContext.Current.TestOutputHelper?.WriteLine($"{how}: {admitted} admitted meanwhile, {after} of {left} after");
        // A few may have been lent and lost, one at a time by who tried whether it was back.
        Assert.InRange(after, left / 2, left);
    }

    // Good in all its bits, as a hash is.
    static UInt128 KeyOf(long number) => new((ulong)number, (ulong)number * 0x9E37_79B9_7F4A_7C15);

    static async Task<LimitDecision> Undegraded(KeyedLimiter limiter)
    {
        var decision = await limiter.Decide(s_key, s_limit, cost: 1);
        Assert.False(decision.IsDegraded);
        return decision;
    }

    static Task Recovered(KeyedLimiter limiter, JumpingTime clock) => Poll.Until(
        async _ =>
        {
            clock.Jump(RetryMs + TimeoutMs);
            return !(await limiter.Decide(KeyOf(Random.Shared.NextInt64()), s_limit, cost: 1)).IsDegraded && !limiter.Statistics().IsAlone;
        },
        "the limiter decides by the store",
        Cancel);

    static async Task Break(string how, RedisServer server, CuttingProxy proxy)
    {
        switch (how)
        {
            case "killed": await server.Kill(Cancel); break;
            case "frozen": server.Pause(); break;
            case "refused": await proxy.Refuse(); break;
            case "stalled": proxy.Stall(); break;
            default: proxy.Delay(TimeSpan.FromSeconds(1)); break;
        }
    }

    static async Task Mend(string how, RedisServer server, CuttingProxy proxy)
    {
        switch (how)
        {
            case "killed": await server.Restart(Cancel); break;
            case "frozen": server.Resume(); break;
            default: proxy.Pass(); break;
        }
    }

    /// <summary>The system's clock, and what it has jumped ahead of it: an hour without waiting for one.</summary>
    sealed class JumpingTime : TimeProvider
    {
        long _aheadTicks;

        public override long GetTimestamp() => base.GetTimestamp() + Volatile.Read(ref _aheadTicks);

        public void Jump(int ms) => Interlocked.Add(ref _aheadTicks, ms * TimestampFrequency / 1000);
    }
}
