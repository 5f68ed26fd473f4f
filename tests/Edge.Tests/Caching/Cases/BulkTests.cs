using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

public sealed class BulkTests : IDisposable
{
    readonly CacheBench _bench = new(2);

    CacheBench.Node A => _bench[0];

    CacheBench.Node B => _bench[1];

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void What_is_missing_is_loaded_in_one_call_and_answered_in_the_order_of_the_keys()
    {
        A.Read(key: "b");
        Assert.Equal([(CacheSource.Miss, 200), (CacheSource.Hit, 1), (CacheSource.Miss, 202)], A.ReadMany(null, "a", "b", "c"));
        Assert.Equal([0, 2], _bench.Origin.Asked);
        Assert.Equal([(CacheSource.Hit, 200), (CacheSource.Hit, 1), (CacheSource.Hit, 202)], A.ReadMany(null, "a", "b", "c"));
        Assert.Equal(2, _bench.Origin.Calls);
        Assert.Equal((CacheSource.Hit, 200), A.Read(key: "a"));
    }

    [Fact]
    public void No_keys_are_no_call()
    {
        Assert.Empty(A.ReadMany(null));
        Assert.Equal((0, 0), (_bench.Origin.Calls, A.Level.Fetches));
    }

    [Fact]
    public void What_was_loaded_is_shared_and_another_engine_loads_only_the_rest()
    {
        A.ReadMany(null, "a", "b");
        Assert.Equal((2, 2), (A.Level.Fetches, A.Level.Stores));
        Assert.Equal([(CacheSource.Shared, 100), (CacheSource.Shared, 101), (CacheSource.Miss, 202)], B.ReadMany(null, "a", "b", "c"));
        Assert.Equal([0, 1, 2], _bench.Origin.Asked);
        Assert.Equal((CacheSource.Shared, 202), A.Read(key: "c"));
    }

    [Fact]
    public void Where_the_second_level_has_all_nothing_is_loaded()
    {
        A.ReadMany(null, "a", "b");
        Assert.Equal([(CacheSource.Shared, 100), (CacheSource.Shared, 101)], B.ReadMany(null, "a", "b"));
        Assert.Equal(1, _bench.Origin.Calls);
    }

    [Fact]
    public void A_key_that_somebody_loads_already_is_waited_for()
    {
        _bench.Origin.Hold();
        var one = A.BeginRead(key: "a");
        var many = A.BeginReadMany(null, "a", "b");
        var more = A.BeginReadMany(null, "b", "c");
        var late = A.BeginRead(key: "c");
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal(1, CacheBench.Ended(one).Value);
        Assert.Equal([1, 201], CacheBench.Ended(many).Select(static answer => answer.Value));
        Assert.Equal([201, 301], CacheBench.Ended(more).Select(static answer => answer.Value));
        Assert.Equal(301, CacheBench.Ended(late).Value);
        Assert.Equal([1, 1], _bench.Origin.Asked);
        Assert.Equal(3, _bench.Origin.Calls);
    }

    [Fact]
    public void Who_comes_after_an_invalidation_does_not_join_what_began_before_it()
    {
        _bench.Origin.Hold();
        var before = A.BeginReadMany(null, "a");
        A.Invalidate();
        var after = A.BeginReadMany(null, "a");
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal(100, CacheBench.Ended(before)[0].Value);
        Assert.Equal(200, CacheBench.Ended(after)[0].Value);
        Assert.Equal((CacheSource.Hit, 200), A.Read(key: "a"));
    }

    [Fact]
    public void A_failure_is_the_answer_for_each_key_that_has_nothing_and_is_remembered()
    {
        A.Read(key: "a");
        _bench.Pass(1_500);
        _bench.Origin.Fail();
        Assert.Equal([(CacheSource.Stale, 1), (CacheSource.Failed, 0)], A.ReadMany(CacheBench.Patient, "a", "b"));
        Assert.Equal([(CacheSource.Stale, 1), (CacheSource.Failed, 0)], A.ReadMany(CacheBench.Patient, "a", "b"));
        Assert.Equal(2, _bench.Origin.Calls);
        _bench.Pass(210);
        _bench.Origin.Heal();
        Assert.Equal([(CacheSource.Miss, 300), (CacheSource.Miss, 301)], A.ReadMany(CacheBench.Patient, "a", "b"));
    }

    [Fact]
    public void A_loader_that_answers_too_few_has_failed()
    {
        var keys = new[] { new BulkKey("a", A.Cache.PlacesOf("tag")), new BulkKey("b", A.Cache.PlacesOf("tag")) };
        var answers = _bench.Play(() => A.Cache.GetOrLoadMany(
            keys, new CacheKind<int>(CacheBench.Policy), 0, static (_, _, _) => new(new[] { new Loaded<int>(1, 8) }), TestContext.Current.CancellationToken).AsTask());
        Assert.All(answers, static answer => Assert.Equal(CacheSource.Failed, answer.Source));
    }

    [Fact]
    public void Old_values_are_served_at_once_while_all_are_loaded_anew()
    {
        A.ReadMany(null, "a", "b");
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        Assert.Equal([(CacheSource.Stale, 100), (CacheSource.Stale, 101)], A.ReadMany(null, "a", "b"));
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal([(CacheSource.Hit, 200), (CacheSource.Hit, 201)], A.ReadMany(null, "a", "b"));
    }

    [Fact]
    public void The_soft_timeout_is_waited_once_and_not_for_each_key()
    {
        var keys = Enumerable.Range(0, 20).Select(static i => $"{i}").ToArray();
        A.ReadMany(CacheBench.Patient, keys);
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        var read = A.BeginReadMany(CacheBench.Patient, keys);
        _bench.Pass(40);
        Assert.False(read.IsCompleted);
        _bench.Pass(10);
        Assert.All(CacheBench.Ended(read), static answer => Assert.Equal(CacheSource.Stale, answer.Source));
    }

    [Fact]
    public void Expired_values_are_waited_for()
    {
        A.ReadMany(CacheBench.Patient, "a");
        A.Expire();
        Assert.Equal([(CacheSource.Miss, 200)], A.ReadMany(CacheBench.Patient, "a"));
    }

    [Fact]
    public void Fresh_values_are_hits_to_their_end()
    {
        var eager = CacheBench.Patient with { EarlyRefresh = 1_000 };
        A.ReadTaking(20, eager);
        _bench.Pass(900);
        _bench.Origin.Hold();
        Assert.Equal([(CacheSource.Hit, 1)], A.ReadMany(eager, "key"));
        Assert.Equal(1, _bench.Origin.Calls);
    }

    [Fact]
    public void A_cold_engine_serves_what_the_second_level_has_stale()
    {
        A.ReadMany(null, "a", "b");
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        Assert.Equal([(CacheSource.Stale, 100), (CacheSource.Stale, 101)], B.ReadMany(null, "a", "b"));
    }

    [Fact]
    public void A_hung_load_is_told_at_its_deadline_and_its_keys_are_free()
    {
        _bench.Origin.Hold();
        var read = A.BeginReadMany(null, "a", "b");
        _bench.Pass(490);
        Assert.False(read.IsCompleted);
        _bench.Pass(20);
        Assert.All(CacheBench.Ended(read), static answer => Assert.IsType<LoadTimeoutException>(answer.Failure?.SourceException));
        _bench.Origin.Forget();
        _bench.Pass(210);
        Assert.Equal([(CacheSource.Miss, 200), (CacheSource.Miss, 201)], A.ReadMany(null, "a", "b"));
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_its_own_wait_only()
    {
        _bench.Origin.Hold();
        using var leaving = new CancellationTokenSource();
        var first = A.BeginReadManyUntil(leaving.Token, null, "a", "b");
        var second = A.BeginReadMany(null, "a", "b");
        await leaving.CancelAsync();
        _bench.Settle();
        Assert.True(first.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal([100, 101], CacheBench.Ended(second).Select(static answer => answer.Value));
        Assert.Equal(1, _bench.Origin.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_level_that_does_not_answer_costs_one_deadline_for_all_keys(bool hangs)
    {
        (A.Level.Hangs, A.Level.Fails) = (hangs, !hangs);
        var read = A.BeginReadMany(null, "a", "b", "c");
        Assert.Equal(!hangs, read.IsCompleted);
        _bench.Pass(100);
        Assert.Equal([100, 101, 102], CacheBench.Ended(read).Select(static answer => answer.Value));
        Assert.Equal((3, 0), (A.Level.Fetches, A.Level.Stores));
    }

    [Fact]
    public void What_another_engine_invalidates_during_the_load_is_not_shared()
    {
        _bench.Origin.Hold();
        var read = A.BeginReadMany(null, "a", "b");
        B.Invalidate();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal([100, 101], CacheBench.Ended(read).Select(static answer => answer.Value));
        Assert.Equal([(CacheSource.Miss, 200), (CacheSource.Miss, 201)], B.ReadMany(null, "a", "b"));
        Assert.Equal([(CacheSource.Shared, 200), (CacheSource.Shared, 201)], A.ReadMany(null, "a", "b"));
    }
}
