using Edge.Core.Basics;
using Edge.Core.RateLimiting;
using Edge.Tests.Basics;
using static Edge.Tests.RateLimiting.LimiterWorld;

namespace Edge.Tests.RateLimiting;

public class KeyedLimiterTests
{
    const int Schedules = 500;
    const ulong FirstSeed = 20_261_121;

    static readonly RateLimit[] Limits =
    [
        new(5, 60, 5), new(1, 1, 1), new(100, 60, 40), new(1000, 1, 1000), new(1000, 1, 100), new(50, 1, 20), new(200, 10, 19), new(20_000, 1, 5000), new(200, 1, 200),
    ];

    [Fact]
    public void However_requests_answers_and_instances_get_lost_no_stretch_of_time_admits_more_than_the_limit()
    {
        var admitted = 0L;
        for (var index = 0; index < Schedules; index++)
        {
            var world = Play(RandomSource.Mix(FirstSeed + (ulong)index));
            admitted += world.Admitted.Count;
            Assert.True(Excess(world) is null, $"schedule {index}: {Excess(world)}");
        }
        Assert.True(admitted > 20 * Schedules, $"only {admitted} admitted");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_rush_on_leases_that_have_grown_old_stays_within_the_limit_only_because_the_store_keeps_some_back(bool isGenerous)
    {
        var limit = new RateLimit(Count: 400, PeriodSeconds: 1, Burst: 400);
        var world = new LimiterWorld(FirstSeed, limit, new(), nodes: 4) { IsGenerous = isGenerous };
        for (var node = 0; node < 4; node++)
            world.Request(node, cost: 1);
        world.Wait(Second * 95 / 1000);
        for (var i = 0; i < 4000; i++)
        {
            world.Request(i % 4, cost: 1);
            world.Wait(10_000);
        }
        world.Wait(Second);
        Assert.Equal(isGenerous, Excess(world) is not null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_steady_flood_gets_what_the_limit_gives_and_seldom_asks(int nodes)
    {
        var limit = new RateLimit(Count: 1000, PeriodSeconds: 1, Burst: 1000);
        var world = new LimiterWorld(FirstSeed, limit, new(), nodes);
        const int seconds = 20;
        for (var i = 0; i < seconds * 3000; i++)
        {
            world.Request(i % nodes, cost: 1);
            world.Wait(Second / 3000);
        }
        Assert.InRange(world.Admitted.Count, 0.95 * limit.Count * seconds, (limit.Count * seconds) + limit.Burst);
        // Without what the burst made up for.
        Assert.InRange(world.Admitted.Count(static admitted => admitted.AtNs >= 5 * Second), 0.97 * limit.Count * (seconds - 5), limit.Count * (seconds - 5) * 1.03);
        Assert.True(world.Asks < 0.05 * nodes * world.Admitted.Count, $"{world.Asks} requests to the store for {world.Admitted.Count} admitted");
    }

    [Fact]
    public void What_has_come_back_during_an_outage_is_not_charged_after_it()
    {
        var limit = new RateLimit(Count: 10, PeriodSeconds: 600, Burst: 10);
        var world = new LimiterWorld(FirstSeed, limit, new(), nodes: 1) { IsCut = true };
        for (var i = 0; i < 24; i++)
        {
            world.Request(0, cost: 1);
            world.Wait(120 * Second);
        }
        world.Request(0, cost: 1);
        world.Wait(Second);
        Assert.Empty(world.Refused);
        world.IsCut = false;
        // The one that finds out, and then the bucket is short of these two and of nothing that has long come back.
        world.Request(0, cost: 1);
        world.Wait(2 * Second);
        world.Request(0, cost: 1);
        world.Wait(Second);
        Assert.Empty(world.Refused);
        Assert.InRange(world.Left, 7, 8);
    }

    [Fact]
    public void Of_many_at_once_on_a_small_limit_exactly_the_burst_is_admitted()
    {
        var world = new LimiterWorld(FirstSeed, new RateLimit(Count: 5, PeriodSeconds: 60, Burst: 5), new(), nodes: 4);
        for (var i = 0; i < 200; i++)
            world.Request(i % 4, cost: 1);
        world.Wait(Second);
        Assert.Equal(0, world.Undecided);
        Assert.Equal(5, world.Admitted.Count);
        Assert.All(world.Refused, static refused => Assert.InRange(refused.RetryNs, 10 * Second, 12 * Second));
    }

    [Fact]
    public void A_key_over_its_limit_is_refused_from_memory()
    {
        var world = new LimiterWorld(FirstSeed, new RateLimit(Count: 5, PeriodSeconds: 60, Burst: 5), new(), nodes: 1);
        for (var i = 0; i < 6; i++)
        {
            world.Request(0, cost: 1);
            world.Wait(Second / 10);
        }
        var asks = world.Asks;
        for (var i = 0; i < 1000; i++)
            world.Request(0, cost: 1);
        Assert.Equal((asks, 0), (world.Asks, world.Undecided));
        world.Wait(12 * Second);
        world.Request(0, cost: 1);
        world.Wait(Second);
        Assert.Equal(6, world.Admitted.Count);
    }

    [Fact]
    public void Without_the_store_each_instance_admits_its_share_at_once_and_says_so()
    {
        var world = new LimiterWorld(FirstSeed, new RateLimit(Count: 400, PeriodSeconds: 10, Burst: 40), new() { Instances = 4 }, nodes: 4) { IsCut = true };
        for (var node = 0; node < 4; node++)
            world.Request(node, cost: 1);
        world.Wait(Second / 10);
        for (var i = 0; i < 400; i++)
            world.Request(i % 4, cost: 1);
        Assert.Equal(0, world.Undecided);
        Assert.InRange(world.Admitted.Count, 40, 44);
        Assert.All(world.Refused, static refused => Assert.True(refused.IsDegraded));
        Assert.Equal(4, world.Asks);
    }

    [Fact]
    public void When_the_store_is_back_what_was_admitted_without_it_is_charged()
    {
        var limit = new RateLimit(Count: 400, PeriodSeconds: 100, Burst: 40);
        var world = new LimiterWorld(FirstSeed, limit, new() { Instances = 2 }, nodes: 2) { IsCut = true };
        for (var second = 0; second < 5; second++)
        {
            for (var i = 0; i < 100; i++)
                world.Request(i % 2, cost: 1);
            world.Wait(Second);
        }
        var without = world.Admitted.Count;
        Assert.InRange(without, 40, 65);
        world.IsCut = false;
        for (var i = 0; i < 100; i++)
        {
            world.Request(i % 2, cost: 1);
            world.Wait(Second / 100);
        }
        // No second burst: all together got what the limit gives from the first second on.
        Assert.InRange(world.Admitted.Count, without, limit.Burst + (6 * limit.Count / limit.PeriodSeconds));
    }

    [Fact]
    public void A_strict_limiter_refuses_without_the_store()
    {
        var world = new LimiterWorld(FirstSeed, new RateLimit(Count: 5, PeriodSeconds: 60, Burst: 5), new() { IsStrict = true }, nodes: 1) { IsCut = true };
        world.Request(0, cost: 1);
        world.Wait(Second / 10);
        Assert.Empty(world.Admitted);
        Assert.InRange(world.Refused.Single().RetryNs, 1, Second);
    }

    [Fact]
    public void What_costs_more_than_there_ever_is_is_refused_for_good_and_asks_nobody()
    {
        var world = new LimiterWorld(FirstSeed, new RateLimit(Count: 5, PeriodSeconds: 60, Burst: 5), new(), nodes: 1);
        world.Request(0, cost: 6);
        Assert.Equal(Gcra.Never, world.Refused.Single().RetryNs);
        Assert.Equal(0, world.Asks);
    }

    [Fact]
    public void A_flood_of_invented_keys_takes_no_place_from_those_in_use()
    {
        var clock = new FakeTime();
        var limit = new RateLimit(Count: 10, PeriodSeconds: 100, Burst: 10);
        var limiter = new KeyedLimiter(new() { Keys = 1024 }, store: null, clock);
        var random = new RandomSource(FirstSeed);
        UInt128 NewKey() => new(random.NextUInt64(), random.NextUInt64());
        bool Admits(UInt128 key) => limiter.Decide(key, limit, cost: 1).Result.IsAllowed;

        var known = NewKey();
        for (var i = 0; i < 10; i++)
            Assert.True(Admits(known));
        Assert.False(Admits(known));
        for (var i = 0; i < 100_000; i++)
            Admits(NewKey());
        Assert.False(Admits(known));
        Assert.True(limiter.Statistics().Untracked > 90_000);

        // Once they are idle their places are free again.
        clock.Advance(TimeSpan.FromSeconds(101));
        var late = NewKey();
        for (var i = 0; i < 10; i++)
            Assert.True(Admits(late));
        Assert.False(Admits(late));
    }

    [Fact]
    public async Task As_many_keys_as_it_is_made_for_are_told_apart_but_for_few()
    {
        const int keys = 1 << 16;
        var limiter = new KeyedLimiter(new() { Keys = keys }, store: null, new FakeTime());
        var random = new RandomSource(FirstSeed);
        for (var i = 0; i < keys; i++)
            await limiter.Decide(new(random.NextUInt64(), random.NextUInt64()), new(Count: 1, PeriodSeconds: 100, Burst: 1), cost: 1);
        Assert.InRange(limiter.Statistics().Untracked, 0, keys / 50);
    }

    [Fact]
    public async Task What_was_spent_without_the_store_holds_no_place_once_it_would_have_come_back()
    {
        var clock = new FakeTime();
        var limiter = new KeyedLimiter(new() { Keys = 64, RetryMs = 3_600_000 }, new SilentStore(), clock);
        var limit = new RateLimit(Count: 10, PeriodSeconds: 10, Burst: 10);
        var random = new RandomSource(FirstSeed);
        for (var i = 0; i < 10_000; i++)
            await limiter.Decide(new(random.NextUInt64(), random.NextUInt64()), limit, cost: 1);
        var before = limiter.Statistics().Untracked;
        Assert.InRange(before, 9_000, 10_000);
        clock.Advance(TimeSpan.FromSeconds(11));
        var key = new UInt128(random.NextUInt64(), random.NextUInt64());
        for (var i = 0; i < 10; i++)
            Assert.True((await limiter.Decide(key, limit, cost: 1)).IsAllowed);
        Assert.False((await limiter.Decide(key, limit, cost: 1)).IsAllowed);
        Assert.Equal(before, limiter.Statistics().Untracked);
    }

    [Fact]
    public async Task Threads_that_take_at_once_get_exactly_the_burst()
    {
        var limiter = new KeyedLimiter(new(), store: null, new FakeTime());
        var limit = new RateLimit(Count: 1000, PeriodSeconds: 10, Burst: 1000);
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 1000).Count(_ => limiter.Decide(Key, limit, cost: 1).Result.IsAllowed))));
        Assert.Equal(1000, taken.Sum());
        Assert.Equal((1000, 3000), (limiter.Statistics().Allowed, limiter.Statistics().Refused));
    }

    static LimiterWorld Play(ulong seed)
    {
        var random = new RandomSource(seed);
        var limit = Limits[random.Next(Limits.Length)];
        var nodes = 1 + random.Next(4);
        // Strict: without the store instances cannot know of each other, and are allowed their shares.
        var world = new LimiterWorld(random.NextUInt64(), limit, new() { IsStrict = true, RetryMs = 50 }, nodes) { LostPercent = random.Next(3) * 10 };
        for (var phase = 0; phase < 6; phase++)
        {
            var rush = random.Next(2) == 0 ? 3 : 300;
            if (random.Next(3) == 0)
            {
                // Leases on all instances, which grow old until a rush comes.
                for (var node = 0; node < nodes; node++)
                    world.Request(node, cost: 1);
                world.Wait(random.Next((int)Math.Min(Second / 5, limit.FullNs / 8)));
            }
            for (var requests = random.Next(2 * Math.Min(150, limit.Burst) + 20); requests > 0; requests--)
            {
                world.Request(random.Next(nodes), cost: 1 + (random.Next(10) == 0 ? random.Next(3) : 0));
                if (random.Next(rush) == 0)
                    world.Wait(random.Next((int)Math.Min(2 * Second, 3 * limit.IntervalNs)));
            }
            if (random.Next(4) == 0)
                world.Replace(random.Next(nodes));
            world.Wait((long)(random.NextDouble() * limit.FullNs * 1.5));
        }
        world.Wait(Second);
        Assert.Equal(0, world.Undecided);
        return world;
    }

    /// <summary>
    /// Null: none. An answer may leave the store a delay before it admits: what is used at once counts where it was granted, hence that much slack.
    /// </summary>
    internal static string? Excess(LimiterWorld world) => Excess(world, world.Limit) ?? (world.Other is { } other ? Excess(world, other) : null);

    static string? Excess(LimiterWorld world, RateLimit limit)
    {
        var admitted = world.Admitted;
        // What one of two stores granted waits for the other's answer, there and back.
        var slackNs = world.Other is null ? DelayNs : 3 * DelayNs;
        for (var from = 0; from < admitted.Count; from++)
        {
            var sum = 0L;
            for (var to = from; to < admitted.Count; to++)
            {
                sum += admitted[to].Cost;
                if (sum * limit.IntervalNs > limit.FullNs + admitted[to].AtNs - admitted[from].AtNs + slackNs)
                    return $"{limit}: {sum} within {(admitted[to].AtNs - admitted[from].AtNs) / 1e9} s";
            }
        }
        return null;
    }

    sealed class SilentStore : ITokenStore
    {
        public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs) => default;
    }
}
