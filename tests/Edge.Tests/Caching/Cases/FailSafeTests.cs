using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

public sealed class FailSafeTests : IDisposable
{
    readonly CacheBench _bench = new();

    CacheBench.Node Node => _bench[0];

    public void Dispose() => _bench.Dispose();

    // Cases 11, 13, 15
    [Fact]
    public void A_failed_load_leaves_the_old_value_and_is_not_tried_again_for_a_while()
    {
        Node.Read(CacheBench.Patient);
        _bench.Pass(1_500);
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Stale, 1), Node.Read(CacheBench.Patient));
        _bench.Pass(190);
        Assert.Equal((CacheSource.Stale, 1), Node.Read(CacheBench.Patient));
        Assert.Equal(2, _bench.Origin.Calls);
        _bench.Pass(20);
        _bench.Origin.Heal();
        Assert.Equal((CacheSource.Miss, 3), Node.Read(CacheBench.Patient));
        Assert.Equal(3, _bench.Origin.Calls);
    }

    // Case 12
    [Fact]
    public void Without_fail_safe_a_failure_is_the_answer()
    {
        var policy = CacheBench.Patient with { FailSafeMs = 0 };
        Node.Read(policy);
        _bench.Pass(1_500);
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Failed, 0), Node.Read(policy));
    }

    // Cases 14, 16
    [Fact]
    public void Past_fail_safe_a_failure_is_the_answer_and_is_remembered()
    {
        Node.Read();
        _bench.Pass(10_500);
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Failed, 0), Node.Read());
        Assert.Equal((CacheSource.Failed, 0), Node.Read());
        Assert.Equal(2, _bench.Origin.Calls);
    }

    [Fact]
    public void What_ends_is_neither_fresh_nor_a_fallback_after_its_end()
    {
        var cache = Node.Cache;
        CacheAnswer<int> Read(bool fails) => _bench.Play(() => cache.GetOrLoad(
            "a story", new CacheKind<int>(CacheBench.Policy with { Jitter = 1 }), cache.PlacesOf(), fails,
            static (fails, _) => fails ? throw new InvalidOperationException("down") : new(new Loaded<int>(7, 8, EndsInMs: 700)), CancellationToken.None).AsTask());
        Assert.Equal((CacheSource.Miss, 700), (Read(fails: false).Source, Read(fails: false).KeepMs));
        _bench.Pass(690);
        Assert.Equal(CacheSource.Hit, Read(fails: true).Source);
        _bench.Pass(20);
        Assert.Equal(CacheSource.Failed, Read(fails: true).Source);
    }

    [Fact]
    public void What_ends_later_than_it_is_fresh_is_a_fallback_until_its_end()
    {
        var cache = Node.Cache;
        CacheSource Read(bool fails) => _bench.Play(() => cache.GetOrLoad(
            "a story", new CacheKind<int>(CacheBench.Patient), cache.PlacesOf(), fails,
            static (fails, _) => fails ? throw new InvalidOperationException("down") : new(new Loaded<int>(7, 8, EndsInMs: 3_000)), CancellationToken.None).AsTask()).Source;
        Assert.Equal(CacheSource.Miss, Read(fails: false));
        _bench.Pass(2_900);
        Assert.Equal(CacheSource.Stale, Read(fails: true));
        _bench.Pass(200);
        Assert.Equal(CacheSource.Failed, Read(fails: true));
    }

    // Case 17
    [Fact]
    public void Fail_safe_shorter_than_the_duration_takes_nothing_from_the_duration()
    {
        var policy = CacheBench.Policy with { FailSafeMs = 500 };
        Node.Read(policy);
        _bench.Pass(990);
        Assert.Equal((CacheSource.Hit, 1), Node.Read(policy));
        _bench.Pass(20);
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Failed, 0), Node.Read(policy));
    }

    // Case 18
    [Fact]
    public void Jitter_lengthens_the_duration_and_not_the_pause_after_a_failure()
    {
        var policy = CacheBench.Patient with { Jitter = 1 };
        Node.Read(policy);
        var freshMs = _bench.Play(() => Node.Answer(policy).AsTask()).FreshMs;
        Assert.InRange(freshMs, 1_001, 2_000);
        _bench.Pass(2_000);
        _bench.Origin.Fail();
        Node.Read(policy);
        _bench.Pass(210);
        Node.Read(policy);
        Assert.Equal(3, _bench.Origin.Calls);
    }

    // Case 19
    [Fact]
    public void A_look_yields_nothing_stale()
    {
        Node.Read();
        _bench.Pass(1_010);
        Assert.False(Node.Cache.TryGet<int>("key", out _));
    }

    // Case 20
    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public void What_was_expired_is_a_fallback_and_what_was_invalidated_is_none(string what)
    {
        Node.Read();
        Node.Expire(what);
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        Node.Invalidate(what);
        Assert.Equal((CacheSource.Failed, 0), Node.Read());
    }

    // Case 20: worth a wait, however lately it was loaded
    [Fact]
    public void The_reader_of_an_expired_value_waits_the_soft_timeout_for_the_new_one()
    {
        var policy = CacheBench.Policy with { SoftTimeoutMs = 50 };
        Node.Read(policy);
        Node.Expire();
        _bench.Origin.Hold();
        var read = Node.BeginRead(policy);
        _bench.Pass(40);
        Assert.False(read.IsCompleted);
        _bench.Pass(20);
        Assert.Equal((CacheSource.Stale, 1), CacheBench.Ended(read));
    }

    // Cases 15, 20: to expire says nothing of the origin, which has just failed
    [Fact]
    public void An_expired_value_is_not_loaded_during_the_pause_after_a_failure_and_is_after_it()
    {
        Node.Read(CacheBench.Patient);
        Node.Expire();
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Stale, 1), Node.Read(CacheBench.Patient));
        _bench.Origin.Heal();
        Node.Expire();
        Assert.Equal((CacheSource.Stale, 1), Node.Read(CacheBench.Patient));
        _bench.Pass(210);
        Assert.Equal((CacheSource.Miss, 3), Node.Read(CacheBench.Patient));
    }

    // Case 11 with an invalidation: the pause belongs to the data that failed to load
    [Fact]
    public void An_invalidation_ends_the_pause_after_a_failure()
    {
        _bench.Origin.Fail();
        Node.Read();
        _bench.Origin.Heal();
        Assert.Equal((CacheSource.Failed, 0), Node.Read());
        Node.Invalidate();
        Assert.Equal((CacheSource.Miss, 2), Node.Read());
    }
}
