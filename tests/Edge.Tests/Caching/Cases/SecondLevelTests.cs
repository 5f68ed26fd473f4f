using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

public sealed class SecondLevelTests : IDisposable
{
    readonly CacheBench _bench = new(2);

    CacheBench.Node A => _bench[0];

    CacheBench.Node B => _bench[1];

    public void Dispose() => _bench.Dispose();

    // Case 42
    [Fact]
    public void What_one_engine_has_loaded_the_other_does_not_load()
    {
        A.Read();
        Assert.Equal((CacheSource.Shared, 1), B.Read());
        Assert.Equal((CacheSource.Hit, 1), B.Read());
        Assert.Equal((1, 1, 0), (_bench.Origin.Calls, B.Level.Fetches, B.Level.Stores));
    }

    // Case 43
    [Fact]
    public void Where_the_second_level_fails_the_origin_answers()
    {
        A.Level.Fails = true;
        Assert.Equal((CacheSource.Miss, 1), A.Read());
        Assert.Equal((CacheSource.Hit, 1), A.Read());
    }

    // Cases 44, 51; P8
    [Fact]
    public void For_a_second_level_that_hangs_a_cold_reader_waits_its_deadline_once()
    {
        A.Level.Hangs = true;
        var read = A.BeginRead();
        _bench.Pass(90);
        Assert.False(read.IsCompleted);
        _bench.Pass(10);
        Assert.Equal((CacheSource.Miss, 1), CacheBench.Ended(read));
    }

    // Case 44: with an old value nobody waits
    [Fact]
    public void For_a_second_level_that_hangs_the_reader_of_an_old_value_does_not_wait()
    {
        A.Read();
        _bench.Pass(1_500);
        A.Level.Hangs = true;
        Assert.Equal((CacheSource.Stale, 1), A.Read());
    }

    // Case 51; P8: what "set" is here
    [Fact]
    public void For_a_second_level_that_hangs_an_invalidation_waits_its_deadline_and_is_kept_for_later()
    {
        A.Read();
        B.Read();
        A.Level.Hangs = true;
        var told = A.BeginInvalidate();
        _bench.Pass(90);
        Assert.False(told.IsCompleted);
        _bench.Pass(10);
        Assert.False(CacheBench.Ended(told));
        Assert.Equal((CacheSource.Miss, 2), A.Read());
        Assert.Equal((CacheSource.Hit, 1), B.Read());
        A.Level.Hangs = false;
        _bench.Pass(1_000);
        Assert.True(A.Backplane is { IsOpen: true, Pending: 0 });
        Assert.True(B.Read().Value > 1);
    }

    // Cases 45, 51
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_five_failures_in_a_row_no_request_asks_the_second_level_until_it_answers_again(bool hangs)
    {
        (A.Level.Hangs, A.Level.Fails) = (hangs, !hangs);
        for (var i = 0; i < 5; i++)
            WithFetch(A.BeginRead(key: $"{i}"));
        Assert.False(A.Backplane.IsOpen);
        Assert.Contains("5 calls in a row failed", A.Turns[^1], StringComparison.Ordinal);
        var (fetches, stores, releases) = (A.Level.Fetches, A.Level.Stores, A.Level.Releases);
        for (var i = 5; i < 1_000; i++)
            Assert.Equal(CacheSource.Miss, A.Read(key: $"{i}").Source);
        Assert.Equal((fetches, stores, releases), (A.Level.Fetches, A.Level.Stores, A.Level.Releases));

        (A.Level.Hangs, A.Level.Fails) = (false, false);
        _bench.Pass(1_000);
        Assert.Null(A.Turns[^1]);
        A.Read(key: "again");
        Assert.Equal((CacheSource.Shared, 1_001), B.Read(key: "again"));
    }

    // Case 45: the breaker counts in a row
    [Fact]
    public void A_success_forgives_the_failures_before_it()
    {
        for (var i = 0; i < 12; i++)
        {
            // A read that fails is two calls: the fetch, and giving back the lease that it may have got.
            A.Level.Fails = i % 3 != 2;
            A.Read(key: $"{i}");
            Assert.True(A.Backplane.IsOpen);
        }
    }

    // Case 45: while it is closed one loop probes, ever more slowly
    [Fact]
    public void A_second_level_that_stays_away_is_probed_a_few_times_only()
    {
        A.Level.Fails = true;
        A.Invalidate();
        _bench.Pass(60_000);
        // Pauses double up to three seconds.
        Assert.InRange(A.Level.Calls, 20, 40);
        Assert.Equal(1, A.Turns.Count(static why => why is not null && why != "connected anew"));
    }

    // Case 46
    [Fact]
    public void In_memory_an_entry_is_fresh_no_longer_than_in_the_second_level()
    {
        A.Read();
        _bench.Pass(700);
        Assert.Equal((CacheSource.Shared, 1), B.Read());
        var answer = _bench.Play(() => B.Answer(CacheBench.Policy).AsTask());
        Assert.Equal((700L, 300L), (answer.AgeMs, answer.FreshMs));
        _bench.Pass(310);
        Assert.Equal((CacheSource.Stale, 1), B.Read());
    }

    // Case 46: nor is it a fallback for longer
    [Fact]
    public void Fail_safe_counts_from_the_load_and_not_from_the_fetch()
    {
        A.Read();
        _bench.Pass(900);
        B.Read();
        _bench.Pass(9_000);
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Stale, 1), B.Read());
        _bench.Pass(300);
        Assert.Equal((CacheSource.Failed, 0), B.Read());
    }

    // Case 47
    [Fact]
    public void A_kind_without_a_codec_stays_in_its_engine()
    {
        var answer = _bench.Play(() => A.Cache.GetOrLoad(
            "key", new CacheKind<int>(CacheBench.Policy), A.Cache.PlacesOf("tag"), 0, static (_, _) => new(new Loaded<int>(7, 8)), TestContext.Current.CancellationToken).AsTask());
        Assert.Equal((7, 0, 0), (answer.Value, A.Level.Fetches, A.Level.Stores));
    }

    // Case 47: "there is no such thing" stays, too
    [Fact]
    public void A_negative_answer_stays_in_its_engine_and_gives_the_lease_back()
    {
        _bench.Origin.IsNegative = true;
        var releases = A.Level.Releases;
        A.Read();
        Assert.Equal((0, 1), (A.Level.Stores, A.Level.Releases - releases));
        Assert.Equal((CacheSource.Miss, 2), B.Read());
    }

    // Case 49
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_level_that_goes_away_during_a_load_hurts_nobody(bool hangs)
    {
        _bench.Origin.Hold();
        var read = A.BeginRead();
        A.Link.Cut(hangs);
        _bench.Settle();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Miss, 1), CacheBench.Ended(read));
        Assert.Equal((CacheSource.Hit, 1), A.Read());
        Assert.Equal(0, A.Level.Stores);
    }

    // Case 50
    [Fact]
    public void An_older_copy_in_the_second_level_does_not_replace_a_newer_one_in_memory()
    {
        A.Read();
        A.Level.Hangs = true;
        var told = A.BeginInvalidate();
        _bench.Pass(150);
        Assert.False(CacheBench.Ended(told));
        Assert.Equal((CacheSource.Miss, 2), A.Read());
        A.Level.Hangs = false;
        _bench.Pass(5_000);
        // The invalidation has been made good: both copies are older than it.
        Assert.True(A.Backplane.IsOpen);
        Assert.True(A.Read().Value >= 2);
        Assert.True(B.Read().Value >= 2);
    }

    // Cases 20, 42: stale in the second level
    [Fact]
    public void A_cold_engine_serves_what_the_second_level_has_stale_while_it_is_loaded()
    {
        A.Read();
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Stale, 1), B.Read());
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Hit, 2), B.Read());
    }

    // Case 20: suspect in the second level
    [Fact]
    public void A_cold_engine_waits_for_the_new_value_of_what_was_expired_and_falls_back_on_the_old_one()
    {
        var policy = CacheBench.Policy with { SoftTimeoutMs = 50 };
        A.Read(policy);
        A.Expire();
        _bench.Origin.Hold();
        var read = B.BeginRead(policy);
        Assert.False(read.IsCompleted);
        _bench.Pass(60);
        Assert.Equal((CacheSource.Stale, 1), CacheBench.Ended(read));
        _bench.Origin.Fail();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Stale, 1), B.Read(policy));
        Assert.Equal(2, _bench.Origin.Calls);
    }

    // Case 65: each round something moves; the read ends all the same
    [Fact]
    public void A_reader_under_constant_invalidation_is_answered_after_a_few_looks()
    {
        A.Level.Fetched = () => B.BeginInvalidate();
        Assert.Equal((CacheSource.Miss, 1), A.Read());
        Assert.Equal(8, A.Level.Fetches);
        A.Level.Fetched = null;
        Assert.Equal((CacheSource.Miss, 2), A.Read());
    }

    /// <summary>The time that a look into a second level that hangs takes.</summary>
    Task<(CacheSource, int)> WithFetch(Task<(CacheSource, int)> read)
    {
        _bench.Pass(100);
        return read;
    }
}
