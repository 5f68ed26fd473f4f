using Edge.Core.Basics;
using Edge.Core.RateLimiting;
using Edge.Tests.Basics;
using static Edge.Tests.RateLimiting.LimiterWorld;

namespace Edge.Tests.RateLimiting;

/// <summary>How much a <see cref="KeyedLimiter"/> leases, and what becomes of it.</summary>
public class LeaseTests
{
    const ulong FirstSeed = 20_261_121;

    [Theory]
    [InlineData(100_000, 86_400, 100_000)]
    [InlineData(300, 60, 300)]
    public void A_quota_that_fills_slowly_is_not_used_up_by_leases(int count, int period, int burst)
    {
        var world = new LimiterWorld(FirstSeed, new(count, period, burst), new(), nodes: 4);
        // One request here and there, then pages that each ask for forty things at once or one after another.
        for (var i = 0; i < 40; i++)
            OneByOne(world, i, requests: 1);
        Assert.Empty(world.Refused);
        Assert.InRange(Lost(world), 0, 0.02 * burst);
        for (var page = 0; page < 5; page++)
        {
            for (var i = 0; i < 20; i++)
                world.Request(page % 4, cost: 1);
            OneByOne(world, page, requests: 20);
        }
        Assert.Empty(world.Refused);
        Assert.InRange(Lost(world), 0, 0.25 * world.Admitted.Count);

        static void OneByOne(LimiterWorld world, int node, int requests)
        {
            for (var i = 0; i < requests; i++)
            {
                world.Request(node % 4, cost: 1);
                world.Wait(Second / 400);
            }
            world.Wait(Second / 2);
        }

        // What is missing beside what was admitted, and has come back since.
        static double Lost(LimiterWorld world) => Math.Max(0, world.Limit.Burst - world.Left - world.Admitted.Sum(static admitted => admitted.Cost));
    }

    [Fact]
    public void Of_many_who_wait_for_one_answer_the_next_request_brings_tokens_for_all()
    {
        var world = new LimiterWorld(FirstSeed, new RateLimit(Count: 300, PeriodSeconds: 600, Burst: 300), new(), nodes: 1);
        for (var i = 0; i < 60; i++)
            world.Request(0, cost: 1);
        world.Wait(Second / 10);
        Assert.Equal((60, 0), (world.Admitted.Count, world.Undecided));
        Assert.InRange(world.Asks, 2, 4);
    }

    [Theory]
    [InlineData(1200, 60, 300)]
    [InlineData(6000, 60, 1000)]
    [InlineData(200, 1, 100)]
    [InlineData(300, 600, 300)]
    public void Whoever_is_told_that_something_is_left_is_admitted_next(int count, int period, int burst)
    {
        var world = new LimiterWorld(FirstSeed, new(count, period, burst), new(), nodes: 1);
        LimitDecision? before = null;
        for (var i = 0; i < 3 * burst; i++)
        {
            var decision = world.Ask(0, Second / 2000);
            Assert.False(!decision.IsAllowed && before is { Remaining: > 0 }, $"request {i} is refused after an answer of {before?.Remaining} left");
            before = decision;
        }
        Assert.NotEmpty(world.Refused);
    }

    [Fact]
    public async Task A_limit_that_is_replaced_by_a_quicker_one_holds_nobody_to_the_old_one()
    {
        var clock = new FakeTime();
        var store = new OneBucket();
        var limiter = new KeyedLimiter(new(), store, clock);
        RateLimit old = new(100, 3600, 100), quick = new(6000, 3600, 100);
        for (var i = 0; i < 100; i++)
            Assert.True((await limiter.Decide(Key, old, cost: 1)).IsAllowed);
        Assert.False((await limiter.Decide(Key, old, cost: 1)).IsAllowed);
        Assert.InRange((await limiter.Decide(Key, quick, cost: 1)).RetryNs, 1, quick.IntervalNs);
        clock.Advance(TimeSpan.FromSeconds(1));
        store.NowNs += Second;
        Assert.True((await limiter.Decide(Key, quick, cost: 1)).IsAllowed);
    }

    sealed class OneBucket : ITokenStore
    {
        long _tatNs;

        public long NowNs { get; set; }

        public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs) => new(TokenGrant.Of(request, ref _tatNs, NowNs));
    }

    [Fact]
    public async Task Who_asks_twice_at_one_moment_does_not_ask_for_the_whole_burst()
    {
        var store = new Sparing();
        var limiter = new KeyedLimiter(new(), store, new FakeTime());
        for (var i = 0; i < 3; i++)
            Assert.True((await limiter.Decide(Key, new RateLimit(1_000_000, 1, 1_000_000), cost: 1)).IsAllowed);
        // An eighth of the burst first, and then 64 times what was used and is to be.
        Assert.Equal([125_000, 128, 128], store.Wanted);
    }

    /// <summary>Grants what is needed and no more.</summary>
    sealed class Sparing : ITokenStore
    {
        public List<int> Wanted { get; } = [];

        public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs)
        {
            Wanted.Add(request.Wanted);
            return new(new TokenGrant(request.Needed, AheadNs: 0));
        }
    }

    [Fact]
    public void A_hot_key_below_its_limit_is_never_refused_and_asks_for_less_than_one_in_a_hundred()
    {
        var world = new LimiterWorld(FirstSeed, new RateLimit(Count: 10_000, PeriodSeconds: 1, Burst: 10_000), new(), nodes: 4);
        for (var i = 0; i < 60_000; i++)
        {
            world.Request(i % 4, cost: 1);
            world.Wait(Second / 6000);
        }
        Assert.Empty(world.Refused);
        Assert.True(world.Asks < 0.01 * world.Admitted.Count, $"{world.Asks} requests to the store for {world.Admitted.Count} admitted");
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(4, 1000)]
    [InlineData(4, 10_000)]
    public void A_key_just_below_its_limit_is_hardly_ever_refused(int nodes, int count)
    {
        // A store that is near: the sooner it answers, the more is left of the lease before.
        var world = new LimiterWorld(FirstSeed, new RateLimit(count, PeriodSeconds: 1, Burst: count), new(), nodes) { LongestDelayNs = 200_000 };
        var random = new RandomSource(FirstSeed);
        for (var i = 0; i < 20 * count; i++)
        {
            world.Request(random.Next(nodes), cost: 1);
            world.Wait((long)(Second / 0.95 / count));
        }
        Assert.InRange(world.Refused.Count, 0, world.Admitted.Count / 200);
    }
}
