using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

/// <summary>Twenty engines on one second level. The figures in brackets are FusionCache's, measured the same way.</summary>
public sealed class StormTests : IDisposable
{
    const int Engines = 20;

    // Long enough that nothing expires by itself.
    static readonly CachePolicy s_policy = CacheBench.Policy with { DurationMs = 600_000, FailSafeMs = 900_000 };

    readonly CacheBench _bench = new(Engines);

    public void Dispose() => _bench.Dispose();

    // S1 (20 loads, 62 fetches, 20 stores)
    [Fact]
    public void A_cold_start_of_all_at_once_is_one_load()
    {
        _bench.Origin.Hold();
        var reads = _bench.Nodes.Select(static node => node.BeginRead(s_policy)).ToArray();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.All(reads, static read => Assert.Equal(1, CacheBench.Ended(read).Value));
        // Each looks once; who was refused the lease looks once more when it is given back.
        Assert.Equal((1, 2 * Engines - 1, 1), (_bench.Origin.Calls, Sum(static level => level.Fetches), Sum(static level => level.Stores)));
    }

    // S2 (19 fetches at once, asked for or not)
    [Fact]
    public void An_invalidation_costs_nobody_anything_until_somebody_reads()
    {
        ReadAll();
        var calls = Sum(static level => level.Calls);
        _bench[0].Invalidate();
        Assert.Equal(1, Sum(static level => level.Calls) - calls);
        var fetches = Sum(static level => level.Fetches);
        ReadAll();
        Assert.Equal((2, Engines), (_bench.Origin.Calls, Sum(static level => level.Fetches) - fetches));
    }

    // S3, case 61 (1867 fetches)
    [Fact]
    public void A_hundred_invalidations_in_a_row_cost_one_fetch_on_each_engine_that_is_asked_afterwards()
    {
        ReadAll();
        var fetches = Sum(static level => level.Fetches);
        for (var i = 0; i < 100; i++)
            _bench[i % Engines].Invalidate();
        Assert.Equal(0, Sum(static level => level.Fetches) - fetches);
        ReadAll();
        Assert.Equal((2, Engines), (_bench.Origin.Calls, Sum(static level => level.Fetches) - fetches));
    }

    // S3, case 61: read by all after each
    [Fact]
    public void A_hundred_invalidations_of_a_key_that_all_read_cost_one_load_each()
    {
        ReadAll();
        var fetches = Sum(static level => level.Fetches);
        for (var i = 0; i < 100; i++)
        {
            _bench[i % Engines].Invalidate();
            ReadAll();
        }
        Assert.Equal((101, 100 * Engines), (_bench.Origin.Calls, Sum(static level => level.Fetches) - fetches));
    }

    // S3, case 61: faster than a load. One at a time loads, on all engines together
    [Fact]
    public void Invalidations_faster_than_loads_queue_behind_one_load_at_a_time()
    {
        const int loadMs = 100;
        ReadAll();
        var fetches = Sum(static level => level.Fetches);
        List<Task<(CacheSource Source, int Value)>> reads = [];
        for (var i = 0; i < 100; i++)
        {
            if (i % (loadMs / 10) == 0)
                _bench.Origin.Hold();
            _bench[i % Engines].Invalidate();
            reads.AddRange(_bench.Nodes.Select(static node => node.BeginRead(s_policy)));
            _bench.Pass(10);
            if (i % (loadMs / 10) == 9)
            {
                _bench.Origin.Release();
                _bench.Settle();
            }
        }
        _bench.Origin.Release();
        _bench.Pass(3_000);
        Assert.All(reads, static read => Assert.NotEqual(CacheSource.Failed, CacheBench.Ended(read).Source));
        Assert.InRange(_bench.Origin.Calls, 10, 40);
        Assert.InRange(Sum(static level => level.Fetches) - fetches, 1, 3 * 100 * Engines);
        Assert.All(_bench.Nodes, node => Assert.Equal(_bench.Origin.Calls, node.Read(s_policy).Value));
    }

    // S5 (4000 fetches and 1000 removals)
    [Fact]
    public void A_thousand_entries_are_invalidated_by_one_call_and_each_is_loaded_once()
    {
        const int entries = 1_000;
        foreach (var node in _bench.Nodes.Take(4))
            for (var i = 0; i < entries; i++)
                node.Read(s_policy, key: $"{i}");
        var calls = Sum(static level => level.Calls);
        _bench[0].Invalidate();
        Assert.Equal(1, Sum(static level => level.Calls) - calls);
        calls = Sum(static level => level.Calls);
        foreach (var node in _bench.Nodes.Take(4))
            for (var i = 0; i < entries; i++)
                node.Read(s_policy, key: $"{i}");
        // A fetch on each, and a store by who has loaded.
        Assert.Equal((2 * entries, 4 * entries + entries), (_bench.Origin.Calls, Sum(static level => level.Calls) - calls));
    }

    // S6 (2000 attempts; all written again 0.53 s after the return)
    [Fact]
    public void Two_thousand_invalidations_without_a_second_level_are_made_good_in_a_few_calls()
    {
        ReadAll();
        _bench[0].Link.Cut();
        _bench.Settle();
        var calls = _bench[0].Level.Calls;
        for (var i = 0; i < 2_000; i++)
            _bench[0].Invalidate($"tag {i}");
        _bench[0].Invalidate();
        Assert.Equal(calls, _bench[0].Level.Calls);
        _bench[0].Link.Heal();
        _bench.Settle();
        Assert.True(_bench[0].Backplane is { IsOpen: true, Pending: 0 });
        // Four of 500 places at most (some tags share theirs), the probe, the comparison.
        Assert.Equal(6, _bench[0].Level.Calls - calls);
        Assert.All(_bench.Nodes, node => Assert.Equal(2, node.Read(s_policy).Value));
    }

    // All suspect at once, as after the second level restarted empty
    [Fact]
    public void A_second_level_that_returns_empty_is_followed_by_one_load_for_each_key()
    {
        ReadAll();
        _bench.Store.Restart();
        _bench.Settle();
        _bench.Origin.Hold();
        ReadAll();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.All(_bench.Nodes, static node => Assert.Equal((CacheSource.Hit, 2), node.Read(s_policy)));
        Assert.Equal(2, _bench.Origin.Calls);
    }

    void ReadAll()
    {
        foreach (var node in _bench.Nodes)
            node.Read(s_policy);
    }

    int Sum(Func<ScriptedLevel, int> calls) => _bench.Nodes.Sum(node => calls(node.Level));
}
