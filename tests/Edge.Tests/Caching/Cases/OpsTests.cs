using Edge.Core.Caching;
using Edge.Tests.Basics;

namespace Edge.Tests.Caching.Cases;

public sealed class OpsTests
{
    // Case 67
    [Fact]
    public void Statistics_count_what_happened_to_each_kind()
    {
        using var bench = new CacheBench();
        var node = bench[0];
        node.Read();
        node.Read();
        node.Read(CacheBench.Policy with { Name = "another" }, key: "another");
        bench.Pass(1_500);
        bench.Origin.Fail();
        node.Read();
        node.Invalidate();
        node.Read();
        var expected = new KindStatistics(
            Hits: 1, Stale: 1, Shared: 0, Misses: 1, Failed: 1, Loads: 3, LoadsFailed: 2, LoadMs: 0, Early: 0, Waits: 0, Outdated: 0, Corrupt: 0);
        Assert.Equal(expected, node.Cache.Statistics("test"));
        Assert.Equal(expected with { Misses = 2, Loads = 4 }, node.Counts);
        Assert.Equal((1L, 0), (node.Cache.Statistics().Invalidations, node.Cache.Statistics().Flights));
    }

    // Case 67, with a second level
    [Fact]
    public void The_state_of_the_second_level_counts_calls_failures_and_closings()
    {
        using var bench = new CacheBench(2);
        var node = bench[0];
        var before = node.Backplane;
        node.Read();
        node.Level.Fails = true;
        for (var i = 0; i < 5; i++)
            node.Read(key: $"{i}");
        var after = node.Backplane;
        // A fetch and a store, then fetches whose loads also try to give back a lease that they may have.
        Assert.Equal((true, false), (before.IsOpen, after.IsOpen));
        Assert.Equal((7L, 5L, 1L), (after.Calls - before.Calls, after.Failures - before.Failures, after.Closings - before.Closings));
        Assert.Equal((1, 1), (bench[1].Level.Comparisons, (int)bench[1].Backplane.Closings));
    }

    // Case 68: one thread may count its own bytes
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_hit_allocates_nothing_however_many_tags(int tags)
    {
        using var bench = new CacheBench();
        var cache = bench[0].Cache;
        var places = cache.PlacesOf([.. Enumerable.Range(0, tags).Select(static tag => $"tag {tag}")]);
        var kind = new CacheKind<int>(CacheBench.Policy);
        bench.Play(() => cache.GetOrLoad("key", kind, places, bench.Origin, static (origin, _) => origin.Load(), TestContext.Current.CancellationToken).AsTask());
        Assert.True(cache.TryGet<int>("key", out _));
        var cancelled = TestContext.Current.CancellationToken;
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                var hits = cache.TryGet<int>("key", out var answer) ? answer.Value : 0;
                // Of a hit there is nothing to wait for.
                hits += cache.GetOrLoad("key", kind, places, bench.Origin, static (origin, _) => origin.Load(), cancelled).GetAwaiter().GetResult().Value;
                if (hits != 2)
                    throw new InvalidOperationException("Not the value that was kept, twice.");
            }
        }));
    }

    // Case 69; P9. Resident memory of the table itself: L1CacheTests
    [Fact]
    public void A_flood_of_keys_stays_within_the_budget()
    {
        using var bench = new CacheBench();
        for (var i = 0; i < 20_000; i++)
            bench[0].Read(key: $"key {i}");
        var statistics = bench[0].Cache.Statistics();
        Assert.InRange(statistics.Bytes, statistics.CapacityBytes / 2, statistics.CapacityBytes);
        Assert.Equal(0, statistics.Flights);
    }
}
