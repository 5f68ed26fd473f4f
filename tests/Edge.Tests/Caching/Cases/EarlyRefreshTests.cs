using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

public sealed class EarlyRefreshTests : IDisposable
{
    // So strong that each hit in the window draws a refresh.
    static readonly CachePolicy s_eager = CacheBench.Policy with { EarlyRefresh = 1_000, RetryAfterMs = 200 };

    readonly CacheBench _bench = new(2);

    CacheBench.Node Node => _bench[0];

    public void Dispose() => _bench.Dispose();

    // Case 36
    [Fact]
    public void Near_expiry_a_hit_starts_one_refresh_and_does_not_wait_for_it()
    {
        Node.ReadTaking(20, s_eager);
        _bench.Pass(500);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Hit, 1), Node.Read(s_eager));
        Assert.Equal((CacheSource.Hit, 1), Node.Read(s_eager));
        Assert.Equal(2, _bench.Origin.Calls);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((2L, (CacheSource.Hit, 2)), (Node.Counts.Loads, Node.Read(CacheBench.Policy)));
        Assert.Equal(1, Node.Counts.Early);
    }

    // Case 36: XFetch goes by what a load takes
    [Fact]
    public void Far_from_expiry_in_load_times_a_hit_starts_nothing()
    {
        var policy = CacheBench.Policy with { EarlyRefresh = 1 };
        Node.ReadTaking(20, policy);
        _bench.Pass(800);
        for (var i = 0; i < 1_000; i++)
            Node.Read(policy);
        Assert.Equal(1, _bench.Origin.Calls);
        _bench.Pass(190);
        for (var i = 0; i < 1_000; i++)
            Node.Read(policy);
        Assert.Equal(2, _bench.Origin.Calls);
    }

    // Case 37
    [Fact]
    public async Task The_request_that_started_a_refresh_may_be_cancelled()
    {
        Node.ReadTaking(20, s_eager);
        _bench.Pass(500);
        _bench.Origin.Hold();
        using var leaving = new CancellationTokenSource();
        Assert.Equal((CacheSource.Hit, 1), CacheBench.Ended(Node.BeginReadUntil(leaving.Token, s_eager)));
        await leaving.CancelAsync();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Hit, 2), Node.Read(CacheBench.Policy));
    }

    // Cases 32, 38
    [Fact]
    public void Who_comes_after_the_expiry_joins_the_refresh_under_way()
    {
        var policy = s_eager with { RevalidateMs = 0, SoftTimeoutMs = 400 };
        Node.ReadTaking(20, policy);
        _bench.Pass(900);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Hit, 1), Node.Read(policy));
        _bench.Pass(200);
        var read = Node.BeginRead(policy);
        Assert.False(read.IsCompleted);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Miss, 2), CacheBench.Ended(read));
        Assert.Equal(2, _bench.Origin.Calls);
    }

    // Case 40
    [Fact]
    public void A_load_may_say_how_long_its_value_is_fresh()
    {
        _bench.Origin.DurationMs = 100;
        Node.Read();
        _bench.Pass(110);
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        // The refresh behind it says so, too.
        Assert.Equal((CacheSource.Hit, 2), Node.Read());
        _bench.Pass(110);
        Assert.Equal((CacheSource.Stale, 2), Node.Read());
    }

    // Case 40
    [Fact]
    public void A_load_may_say_that_its_value_is_for_its_callers_only()
    {
        _bench.Origin.DurationMs = -1;
        Assert.Equal((CacheSource.Miss, 1), Node.Read());
        Assert.Equal((CacheSource.Miss, 2), Node.Read());
        Assert.Equal(0, Node.Cache.Statistics().Entries);
    }

    // Case 41
    [Fact]
    public void A_refresh_takes_what_another_engine_has_refreshed_already()
    {
        Node.ReadTaking(20, s_eager);
        Assert.Equal((CacheSource.Shared, 1), _bench[1].Read(s_eager));
        _bench.Pass(500);
        Assert.Equal((CacheSource.Hit, 1), Node.Read(s_eager));
        Assert.Equal((CacheSource.Hit, 1), _bench[1].Read(s_eager));
        Assert.Equal((CacheSource.Hit, 2), _bench[1].Read(CacheBench.Policy));
        Assert.Equal(2, _bench.Origin.Calls);
    }

    // Cases 36, 41: the lease is refused
    [Fact]
    public void While_another_engine_refreshes_an_early_refresh_waits_and_takes_its_result()
    {
        Node.ReadTaking(20, s_eager);
        Assert.Equal((CacheSource.Shared, 1), _bench[1].Read(s_eager));
        _bench.Pass(500);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Hit, 1), Node.Read(s_eager));
        Assert.Equal((CacheSource.Hit, 1), _bench[1].Read(s_eager));
        Assert.Equal((CacheSource.Hit, 1), _bench[1].Read(s_eager));
        Assert.Equal(2, _bench.Origin.Calls);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Hit, 2), _bench[1].Read(CacheBench.Policy));
        Assert.Equal(2, _bench.Origin.Calls);
    }

    // Cases 15, 36
    [Fact]
    public void A_refresh_that_failed_is_not_tried_again_for_a_while()
    {
        Node.ReadTaking(20, s_eager);
        _bench.Pass(500);
        _bench.Origin.Fail();
        for (var i = 0; i < 10; i++)
            Assert.Equal((CacheSource.Hit, 1), Node.Read(s_eager));
        Assert.Equal(2, _bench.Origin.Calls);
        _bench.Pass(210);
        Assert.Equal((CacheSource.Hit, 1), Node.Read(s_eager));
        Assert.Equal(3, _bench.Origin.Calls);
    }
}
