using Edge.Core.Caching;
using Edge.Core.Caching.L2;

namespace Edge.Tests.Caching.Cases;

public sealed class BackplaneTests : IDisposable
{
    static readonly CachePolicy Lasting = CacheBench.Patient with { DurationMs = 60_000, FailSafeMs = 120_000 };

    readonly CacheBench _bench = new(3, new() { TimeoutMs = 100, CutOffMs = 2_000 });

    CacheBench.Node A => _bench[0];

    CacheBench.Node B => _bench[1];

    CacheBench.Node C => _bench[2];

    public void Dispose() => _bench.Dispose();

    // Case 52
    [Fact]
    public void When_an_invalidation_has_returned_the_other_engines_load_anew_and_who_has_nothing_does_nothing()
    {
        A.Read();
        B.Read();
        var calls = C.Level.Calls;
        Assert.True(A.Invalidate());
        Assert.Equal((CacheSource.Miss, 2), B.Read());
        Assert.Equal(calls, C.Level.Calls);
        Assert.Equal(0, C.Cache.Statistics().Entries);
    }

    // Case 53
    [Fact]
    public void On_the_other_engines_too_expired_is_a_fallback_and_invalidated_is_none()
    {
        A.Read();
        B.Read();
        A.Expire();
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Stale, 1), B.Read());
        A.Invalidate();
        Assert.Equal((CacheSource.Failed, 0), B.Read());
    }

    // Case 54
    [Fact]
    public void The_news_of_its_own_invalidation_costs_an_engine_nothing()
    {
        A.Invalidate();
        A.Read();
        _bench.Pass(100);
        Assert.Equal((CacheSource.Hit, 1), A.Read());
        Assert.Equal((1, 1L, 0L), (_bench.Origin.Calls, A.Backplane.News, A.Backplane.Gaps));
    }

    // Cases 55, 57, 60
    [Fact]
    public void An_invalidation_while_cut_off_reaches_the_others_when_the_link_returns()
    {
        A.Read();
        B.Read();
        B.Link.Cut();
        _bench.Settle();
        Assert.False(B.Invalidate());
        Assert.Equal((CacheSource.Miss, 2), B.Read());
        Assert.Equal(1, B.Backplane.Pending);
        Assert.Equal((CacheSource.Hit, 1), A.Read());
        B.Link.Heal();
        _bench.Pass(500);
        Assert.True(B.Backplane is { IsOpen: true, Pending: 0 });
        Assert.True(A.Read().Value >= 2);
        Assert.True(B.Read().Value >= 2);
    }

    // Case 56
    [Fact]
    public void News_that_returns_before_calls_do_leaves_the_invalidation_pending()
    {
        A.Read();
        B.Link.Cut();
        B.Level.Fails = true;
        _bench.Settle();
        Assert.False(B.Invalidate());
        B.Link.Heal();
        _bench.Pass(2_000);
        Assert.True(B.Backplane is { IsOpen: false, Pending: 1 });
        Assert.Equal((CacheSource.Stale, 1), ReadAfterExpiry(A));
        B.Level.Fails = false;
        _bench.Pass(10_000);
        Assert.True(B.Backplane is { IsOpen: true, Pending: 0 });
        Assert.True(A.Read().Value >= 2);
    }

    // Case 57
    [Fact]
    public void News_that_was_missed_is_noticed_by_the_next_and_what_has_moved_is_found_by_comparing()
    {
        A.Read();
        B.Read();
        B.Read(key: "other", tag: "other");
        var swallowed = 0;
        B.Level.Swallows = news => news.Kind == L2EventKind.Invalidated && swallowed++ == 0;
        Assert.True(A.Invalidate());
        Assert.Equal((CacheSource.Hit, 1), B.Read());
        Assert.True(A.Invalidate("something else"));
        Assert.Equal((1L, true), (B.Backplane.Gaps, B.Backplane.IsOpen));
        Assert.True(B.Read().Value > 1);
        Assert.Equal((CacheSource.Hit, 2), B.Read(key: "other", tag: "other"));
    }

    // Case 59
    [Fact]
    public void What_is_pending_is_a_set_and_is_told_in_one_call()
    {
        B.Link.Cut();
        _bench.Settle();
        for (var i = 0; i < 1_000; i++)
            B.Invalidate(i % 2 == 0 ? "a" : "b");
        Assert.Equal(2, B.Backplane.Pending);
        var calls = B.Level.Invalidations;
        B.Link.Heal();
        _bench.Pass(500);
        Assert.Equal(calls + 1, B.Level.Invalidations);
        Assert.True(B.Backplane is { IsOpen: true, Pending: 0 });
    }

    // Case 60: connected again
    [Fact]
    public void What_was_invalidated_while_an_engine_was_cut_off_is_gone_there_when_the_link_is_back()
    {
        A.Read();
        B.Read();
        B.Read(key: "other", tag: "other");
        B.Link.Cut();
        _bench.Settle();
        Assert.True(A.Invalidate());
        B.Link.Heal();
        _bench.Settle();
        Assert.True(B.Backplane.IsOpen);
        Assert.Equal((CacheSource.Miss, 3), B.Read());
        Assert.Equal((CacheSource.Hit, 2), B.Read(key: "other", tag: "other"));
    }

    // Case 60: and as long as it is not
    [Fact]
    public void An_engine_that_is_cut_off_loads_all_it_has_anew_after_the_cut_off_time()
    {
        var policy = CacheBench.Patient with { DurationMs = 60_000, FailSafeMs = 120_000 };
        Assert.Equal((CacheSource.Miss, 1), B.Read(policy));
        B.Link.Cut();
        _bench.Pass(2_010);
        Assert.Equal((CacheSource.Miss, 2), B.Read(policy));
        Assert.Equal((CacheSource.Hit, 2), B.Read(policy));
        _bench.Pass(2_000);
        // A slow or broken origin has the old value served: cut off, the cache is still fail-safe.
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Stale, 2), B.Read(policy));
    }

    // Case 60: connected, nothing is suspected
    [Fact]
    public void An_engine_that_is_connected_loads_nothing_for_the_cut_off_time()
    {
        var policy = CacheBench.Policy with { DurationMs = 60_000, FailSafeMs = 120_000 };
        B.Read(policy);
        _bench.Pass(10_000);
        Assert.Equal((CacheSource.Hit, 1), B.Read(policy));
    }

    // The second level restarted empty
    [Fact]
    public void A_second_level_that_lost_its_memory_makes_all_suspect_and_nothing_is_lost()
    {
        A.Read();
        B.Read();
        _bench.Store.Restart();
        _bench.Settle();
        Assert.Equal([1L, 1L, 1L], _bench.Nodes.Select(static node => node.Backplane.MemoryLost - 1));
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Stale, 1), A.Read());
        Assert.Equal((CacheSource.Stale, 1), B.Read());
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Hit, 2), A.Read());
        Assert.Equal((CacheSource.Hit, 2), B.Read());
        Assert.Equal(2, _bench.Origin.Calls);
    }

    // FLUSHALL: no link breaks, nobody is told
    [Fact]
    public void A_second_level_that_was_emptied_is_found_out_by_the_first_that_asks_it_and_is_used_again()
    {
        A.Read();
        B.Read();
        _bench.Store.Forget();
        A.Read(key: "first");
        _bench.Settle();
        Assert.Equal((2L, true), (A.Backplane.MemoryLost, A.Backplane.IsOpen));
        A.Read(key: "second");
        _bench.Settle();
        B.Read(key: "third");
        Assert.Equal((CacheSource.Shared, 3), B.Read(key: "second"));
        Assert.Equal((CacheSource.Stale, 1), B.Read());
    }

    // Restarted from a dump
    [Fact]
    public void Of_a_second_level_that_has_gone_back_nothing_is_used()
    {
        A.Read(Lasting);
        B.Read(Lasting);
        _bench.Store.Save();
        Assert.True(A.Invalidate());
        _bench.Store.Rewind();
        _bench.Pass(500);
        Assert.Equal((CacheSource.Miss, 2), C.Read(Lasting));
        Assert.Equal((CacheSource.Shared, 2), A.Read(Lasting));
        // All have found it out, and one of them has ended what it went by.
        Assert.Equal([(2L, true), (2L, true), (2L, true)], _bench.Nodes.Select(static node => (node.Backplane.MemoryLost, node.Backplane.IsOpen)));
    }

    [Fact]
    public void Who_had_not_heard_of_what_a_second_level_has_forgotten_hears_that_it_has()
    {
        B.Read(Lasting);
        _bench.Store.Save();
        B.Link.Cut();
        C.Link.Cut();
        _bench.Settle();
        Assert.True(A.Invalidate());
        _bench.Store.Rewind();
        A.Link.Cut();
        B.Link.Heal();
        _bench.Settle();
        // Nobody who knows better has compared.
        Assert.Equal((true, CacheSource.Hit), (B.Backplane.IsOpen, B.Read(Lasting).Source));
        A.Link.Heal();
        _bench.Pass(500);
        Assert.Equal((CacheSource.Miss, 2), B.Read(Lasting));
    }

    [Fact]
    public void A_second_level_that_goes_back_to_an_epoch_that_has_ended_is_not_used_either()
    {
        A.Read(Lasting);
        _bench.Store.Save();
        Assert.True(A.Invalidate());
        _bench.Store.Rewind();
        _bench.Pass(500);
        _bench.Store.Rewind();
        _bench.Pass(500);
        Assert.Equal((CacheSource.Miss, 2), C.Read(Lasting));
    }

    [Fact]
    public void What_is_pending_does_not_hide_that_a_second_level_has_gone_back()
    {
        _bench.Store.Save();
        Assert.True(A.Invalidate());
        Assert.Equal((CacheSource.Miss, 1), C.Read(Lasting));
        foreach (var node in _bench.Nodes)
            node.Link.Cut();
        _bench.Settle();
        Assert.False(B.Invalidate());
        _bench.Store.Rewind();
        B.Link.Heal();
        _bench.Pass(500);
        A.Link.Heal();
        C.Link.Heal();
        _bench.Pass(500);
        Assert.Equal((CacheSource.Miss, 2), C.Read(Lasting));
    }

    [Fact]
    public async Task An_invalidation_does_not_hide_that_a_second_level_has_gone_back_behind_the_back_of_its_engine()
    {
        _bench.Store.Save();
        Assert.True(A.Invalidate());
        Assert.Equal((CacheSource.Miss, 1), C.Read(Lasting));
        _bench.Store.Rewind();
        // Before anybody is told of the link.
        Assert.False(await A.Cache.InvalidateTags(["tag"]));
        _bench.Pass(500);
        Assert.Equal((CacheSource.Miss, 2), C.Read(Lasting));
    }

    // After FLUSHALL versions begin anew
    [Fact]
    public void News_that_is_missed_in_a_new_epoch_is_noticed_though_its_numbers_are_low()
    {
        for (var i = 0; i < 5; i++)
            A.Invalidate();
        _bench.Store.Forget();
        A.Read(key: "first");
        B.Read(key: "second");
        _bench.Settle();
        var swallowed = 0;
        B.Level.Swallows = news => news.Kind == L2EventKind.Invalidated && swallowed++ == 0;
        Assert.True(A.Invalidate());
        Assert.True(A.Invalidate("something else"));
        Assert.Equal(1, B.Backplane.Gaps);
    }

    // Liveness: a service under constant change must find back
    [Fact]
    public void Invalidations_that_come_all_the_time_do_not_keep_the_second_level_closed()
    {
        B.Link.Cut();
        _bench.Settle();
        B.Level.Compares = async () =>
        {
            // Where this does not end by itself, it must not go on for ever.
            if (B.Level.Comparisons < 100)
                await B.Cache.InvalidateTags(["hot"]);
        };
        B.Link.Heal();
        _bench.Pass(1_000);
        Assert.True(B.Backplane is { IsOpen: true, Pending: 0 });
        Assert.InRange(B.Level.Comparisons, 2, 5);
    }

    // News overtakes the answer of a comparison
    [Fact]
    public void News_that_comes_during_a_comparison_is_no_sign_of_lost_memory()
    {
        B.Read(key: "other", tag: "other");
        A.Invalidate();
        B.Link.Cut();
        _bench.Settle();
        var gate = new TaskCompletionSource();
        B.Level.Compared = () => gate.Task;
        B.Link.Heal();
        _bench.Settle();
        A.Invalidate();
        gate.SetResult();
        _bench.Settle();
        Assert.True(B.Backplane is { IsOpen: true, MemoryLost: 1 });
        Assert.Equal((CacheSource.Hit, 1), B.Read(key: "other", tag: "other"));
    }

    // The end
    [Fact]
    public void An_engine_that_is_disposed_of_while_it_compares_ends()
    {
        using var bench = new CacheBench(2);
        var gate = new TaskCompletionSource();
        bench[0].Link.Cut();
        bench.Settle();
        bench[0].Level.Compares = () => gate.Task;
        bench[0].Link.Heal();
        bench.Settle();
        var disposing = bench.Begin(bench[0].Dispose);
        Assert.False(disposing.IsCompleted);
        gate.SetResult();
        bench.Settle();
        Assert.True(disposing.IsCompleted);
    }

    [Fact]
    public void Loads_under_way_outlive_the_engine_and_are_answered()
    {
        using var bench = new CacheBench(2);
        bench.Origin.Hold();
        var reads = new[] { bench[0].BeginRead(), bench[0].BeginRead(key: "other") };
        Assert.True(bench.Play(bench[0].Dispose));
        bench.Origin.Release();
        bench.Settle();
        Assert.Equal([CacheSource.Miss, CacheSource.Miss], reads.Select(static read => CacheBench.Ended(read).Source));
    }

    (CacheSource, int) ReadAfterExpiry(CacheBench.Node node)
    {
        _bench.Origin.Hold();
        var answer = node.Read();
        _bench.Origin.Forget();
        return answer;
    }
}
