using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

public sealed class BasicsTests : IDisposable
{
    readonly CacheBench _bench = new();

    CacheBench.Node Node => _bench[0];

    public void Dispose() => _bench.Dispose();

    // Case 1
    [Fact]
    public void A_look_finds_nothing_and_leaves_nothing()
    {
        Assert.False(Node.Cache.TryGet<int>("key", out _));
        Assert.Equal((0, 0), (Node.Cache.Statistics().Entries, _bench.Origin.Calls));
    }

    // Case 2
    [Fact]
    public void A_fresh_value_is_not_loaded_again()
    {
        Assert.Equal((CacheSource.Miss, 1), Node.Read());
        Assert.Equal((CacheSource.Hit, 1), Node.Read());
        _bench.Pass(990);
        Assert.Equal((CacheSource.Hit, 1), Node.Read());
        Assert.Equal(1, _bench.Origin.Calls);
    }

    // Case 3
    [Fact]
    public void What_is_loaded_after_an_invalidation_takes_the_place_of_what_was_there()
    {
        Node.Read();
        Node.Invalidate();
        Assert.Equal((CacheSource.Miss, 2), Node.Read());
        Assert.Equal((CacheSource.Hit, 2), Node.Read());
        Assert.Equal(1, Node.Cache.Statistics().Entries);
    }

    // Case 4
    [Fact]
    public void A_cached_null_is_not_the_same_as_nothing()
    {
        var kind = new CacheKind<string?>(CacheBench.Policy);
        Assert.False(Node.Cache.TryGet<string?>("key", out _));
        _bench.Play(() => Node.Cache.GetOrLoad("key", kind, Node.Cache.PlacesOf(), 0, static (_, _) => new(new Loaded<string?>(null, 8)), TestContext.Current.CancellationToken).AsTask());
        Assert.True(Node.Cache.TryGet<string?>("key", out var answer));
        Assert.Equal((CacheSource.Hit, null), (answer.Source, answer.Value));
    }

    // Case 4: the negative answer has a life of its own
    [Fact]
    public void There_is_no_such_thing_is_kept_for_its_own_time()
    {
        _bench.Origin.IsNegative = true;
        Node.Read();
        _bench.Pass(90);
        Assert.Equal((CacheSource.Hit, 1), Node.Read());
        _bench.Pass(20);
        Assert.Equal((CacheSource.Miss, 2), Node.Read());
    }

    // Case 5
    [Fact]
    public void A_removed_value_is_gone()
    {
        Node.Read();
        Node.Invalidate("key");
        Assert.False(Node.Cache.TryGet<int>("key", out _));
        Assert.Equal(0, Node.Cache.Statistics().Entries);
    }

    // Case 6
    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_value_without_a_duration_is_for_its_callers_only(int durationMs)
    {
        var policy = CacheBench.Policy with { DurationMs = durationMs };
        Assert.Equal((CacheSource.Miss, 1), Node.Read(policy));
        Assert.Equal((CacheSource.Miss, 2), Node.Read(policy));
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Failed, 0), Node.Read(policy));
    }

    // Case 7
    [Fact]
    public void For_ever_is_a_duration()
    {
        var policy = new CachePolicy
        {
            Name = "for ever", DurationMs = int.MaxValue, Jitter = 1, RevalidateMs = int.MaxValue, SoftTimeoutMs = int.MaxValue, FailSafeMs = int.MaxValue,
            LoadTimeoutMs = int.MaxValue, NegativeMs = int.MaxValue, RetryAfterMs = int.MaxValue,
        };
        Node.Read(policy);
        _bench.Pass(60_000);
        Assert.Equal((CacheSource.Hit, 1), Node.Read(policy));
        Node.Expire();
        Assert.Equal((CacheSource.Miss, 2), Node.Read(policy));
    }

    // Case 7: in the second level too
    [Fact]
    public void For_ever_is_a_lease()
    {
        using var bench = new CacheBench(2);
        var policy = CacheBench.Policy with { DurationMs = int.MaxValue, LoadTimeoutMs = int.MaxValue };
        bench.Origin.Hold();
        var reads = new[] { bench[0].BeginRead(policy), bench[1].BeginRead(policy) };
        bench.Pass(10_000);
        bench.Origin.Release();
        bench.Settle();
        Assert.Equal([(CacheSource.Miss, 1), (CacheSource.Shared, 1)], reads.Select(CacheBench.Ended));
    }
}
