using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

public sealed class StampedeTests
{
    // Case 29. On real threads: ThreadedCacheTests
    [Fact]
    public void All_callers_of_a_cold_key_share_one_load()
    {
        using var bench = new CacheBench();
        bench.Origin.Hold();
        var reads = Enumerable.Range(0, 1_000).Select(_ => bench[0].BeginRead()).ToArray();
        bench.Origin.Release();
        bench.Settle();
        Assert.All(reads, static read => Assert.Equal((CacheSource.Miss, 1), CacheBench.Ended(read)));
        Assert.Equal(1, bench.Origin.Calls);
    }

    // Case 34; P7
    [Fact]
    public void A_failure_is_shared_and_remembered_for_a_moment()
    {
        using var bench = new CacheBench();
        bench.Origin.Hold();
        bench.Origin.Fail();
        var reads = Enumerable.Range(0, 100).Select(_ => bench[0].BeginRead()).ToArray();
        bench.Origin.Release();
        bench.Settle();
        Assert.All(reads, static read => Assert.Equal((CacheSource.Failed, 0), CacheBench.Ended(read)));
        Assert.Equal((CacheSource.Failed, 0), bench[0].Read());
        Assert.Equal(1, bench.Origin.Calls);
        bench.Pass(250);
        bench.Origin.Heal();
        Assert.Equal((CacheSource.Miss, 2), bench[0].Read());
    }

    // Case 35
    [Fact]
    public void On_all_engines_together_a_cold_key_is_loaded_once()
    {
        using var bench = new CacheBench(8);
        bench.Origin.Hold();
        var reads = bench.Nodes.Select(static node => node.BeginRead()).ToArray();
        Assert.Equal(1, bench.Origin.Calls);
        bench.Origin.Release();
        bench.Settle();
        Assert.All(reads, static read => Assert.Equal(1, CacheBench.Ended(read).Value));
        Assert.Equal((1, 7), (bench.Origin.Calls, bench.Nodes.Sum(static node => node.Counts.Waits)));
    }

    // Case 35: the holder was killed
    [Fact]
    public void The_lease_of_an_engine_that_is_gone_is_taken_over_by_one_other_when_it_has_run_out()
    {
        using var bench = new CacheBench(4);
        bench.Origin.Hold();
        _ = bench[0].BeginRead();
        bench.Origin.Forget();
        bench[0].Link.Cut();
        bench.Settle();
        var reads = bench.Nodes.Skip(1).Select(static node => node.BeginRead()).ToArray();
        // The load's deadline and a second: what a lease lasts.
        bench.Pass(1_490);
        Assert.DoesNotContain(reads, static read => read.IsCompleted);
        bench.Pass(20);
        Assert.All(reads, static read => Assert.Equal(2, CacheBench.Ended(read).Value));
        Assert.Equal(2, bench.Origin.Calls);
    }

    // Cases 27, 35
    [Fact]
    public void A_load_that_hangs_gives_its_lease_back_at_its_deadline()
    {
        using var bench = new CacheBench(2);
        bench.Origin.Hold();
        _ = bench[0].BeginRead();
        bench.Origin.Forget();
        var read = bench[1].BeginRead();
        bench.Pass(490);
        Assert.False(read.IsCompleted);
        bench.Pass(20);
        Assert.Equal((CacheSource.Miss, 2), CacheBench.Ended(read));
    }

    // Cases 27, 35: a hung origin must not be waited for once per engine
    [Fact]
    public void However_many_engines_hang_on_an_origin_each_caller_is_answered_within_two_leases_and_a_load()
    {
        using var bench = new CacheBench(12);
        bench.Origin.Hold();
        var reads = bench.Nodes.Select(static node => node.BeginRead()).ToArray();
        bench.Pass(2 * 1_500 + 500 + 50);
        Assert.All(reads, static read => Assert.Equal((CacheSource.Failed, 0), CacheBench.Ended(read)));
    }

    // Case 35
    [Fact]
    public void A_failed_load_gives_its_lease_back()
    {
        using var bench = new CacheBench(2);
        bench.Origin.Hold();
        var failed = bench[0].BeginRead();
        var read = bench[1].BeginRead();
        bench.Origin.Fail();
        bench.Origin.Release();
        bench.Settle();
        Assert.Equal((CacheSource.Failed, 0), CacheBench.Ended(failed));
        Assert.Equal((CacheSource.Failed, 0), CacheBench.Ended(read));
        Assert.Equal(2, bench.Origin.Calls);
        bench.Origin.Heal();
        bench.Pass(210);
        Assert.Equal((CacheSource.Miss, 3), bench[0].Read());
    }

    // Cases 35, 65: news of a lease given back reaches all that wait for it
    [Fact]
    public void Who_waited_for_a_lease_before_an_invalidation_is_answered_with_who_came_after_it()
    {
        using var bench = new CacheBench(2);
        bench.Origin.Hold();
        _ = bench[0].BeginRead();
        var before = bench[1].BeginRead();
        bench[1].Invalidate();
        var after = bench[1].BeginRead();
        bench.Origin.Release();
        bench.Settle();
        Assert.Equal(2, CacheBench.Ended(after).Value);
        Assert.Equal(2, CacheBench.Ended(before).Value);
        bench.Pass(2_000);
        Assert.Equal(2, bench.Origin.Calls);
    }

    // Case 35: an engine that closes its second level waits for no one else
    [Fact]
    public void Who_waits_for_a_lease_does_not_wait_for_a_link_that_was_lost()
    {
        using var bench = new CacheBench(2);
        bench.Origin.Hold();
        _ = bench[0].BeginRead();
        bench.Origin.Forget();
        var read = bench[1].BeginRead();
        bench[1].Link.Cut();
        bench.Settle();
        Assert.Equal((CacheSource.Miss, 2), CacheBench.Ended(read));
    }
}
