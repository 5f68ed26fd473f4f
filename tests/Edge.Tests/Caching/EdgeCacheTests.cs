using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Tests.Basics;

namespace Edge.Tests.Caching;

public sealed class EdgeCacheTests : IAsyncDisposable
{
    static readonly CachePolicy Policy = new()
    {
        Name = "test", DurationMs = 1_000, Jitter = 0, RevalidateMs = 20_000, SoftTimeoutMs = 0, FailSafeMs = 10_000, LoadTimeoutMs = 500, NegativeMs = 100,
        RetryAfterMs = 200, EarlyRefresh = 0,
    };

    readonly FakeTime _time = new();
    readonly EdgeCache _cache;
    readonly ScriptedOrigin _origin = new();

    public EdgeCacheTests() => _cache = new(new() { BudgetBytes = 4 << 20 }, _time, new RandomSource(1));

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Fact]
    public async Task A_fresh_value_is_not_loaded_again()
    {
        Assert.Equal((CacheSource.Miss, 1), await Read());
        Assert.Equal((CacheSource.Hit, 1), await Read());
        Pass(999);
        Assert.Equal((CacheSource.Hit, 1), await Read());
        Assert.Equal(1, _origin.Calls);
    }

    [Fact]
    public async Task An_expired_value_is_served_at_once_while_it_is_loaded_anew()
    {
        await Read();
        Pass(1_500);
        _origin.Hold();
        Assert.Equal((CacheSource.Stale, 1), await Read());
        Assert.Equal((CacheSource.Stale, 1), await Read());
        _origin.Release();
        await Landed();
        Assert.Equal((CacheSource.Hit, 2), await Read());
        Assert.Equal(2, _origin.Calls);
    }

    [Fact]
    public async Task A_reader_waits_the_soft_timeout_for_the_new_value_and_then_takes_the_old_one()
    {
        var policy = Policy with { RevalidateMs = 0, SoftTimeoutMs = 50 };
        await Read(policy);
        Pass(1_500);
        _origin.Hold();
        var read = Read(policy);
        Assert.False(read.IsCompleted);
        Pass(60);
        Assert.Equal((CacheSource.Stale, 1), await read);
        _origin.Release();
        await Landed();
        Assert.Equal((CacheSource.Hit, 2), await Read(policy));
    }

    [Fact]
    public async Task Who_comes_to_a_load_that_has_been_slow_for_the_soft_timeout_does_not_wait_again()
    {
        var policy = Policy with { RevalidateMs = 0, SoftTimeoutMs = 50 };
        await Read(policy);
        Pass(1_500);
        _origin.Hold();
        var first = Read(policy);
        Pass(60);
        Assert.Equal((CacheSource.Stale, 1), await first);
        var second = Read(policy);
        Assert.True(second.IsCompleted);
        Assert.Equal((CacheSource.Stale, 1), await second);
        _origin.Release();
        await Landed();
    }

    [Fact]
    public async Task What_is_expired_here_is_loaded_anew_and_stays_a_fallback()
    {
        var policy = Policy with { SoftTimeoutMs = 50 };
        await Read(policy);
        _cache.ExpireAllHere();
        _origin.Fail();
        Assert.Equal((CacheSource.Stale, 1), await Read(policy));
        _origin.Heal();
        Pass(250);
        Assert.Equal((CacheSource.Miss, 3), await Read(policy));
    }

    [Fact]
    public async Task A_failed_load_leaves_the_old_value_and_is_not_tried_again_for_a_while()
    {
        var policy = Policy with { RevalidateMs = 0, SoftTimeoutMs = 50 };
        await Read(policy);
        Pass(1_500);
        _origin.Fail();
        Assert.Equal((CacheSource.Stale, 1), await Read(policy));
        Assert.Equal((CacheSource.Stale, 1), await Read(policy));
        Assert.Equal(2, _origin.Calls);
        Pass(250);
        _origin.Heal();
        Assert.Equal((CacheSource.Miss, 3), await Read(policy));
        Assert.Equal(3, _origin.Calls);
    }

    [Fact]
    public async Task Past_fail_safe_a_failure_is_the_answer()
    {
        await Read();
        Pass(10_500);
        _origin.Fail();
        Assert.Equal((CacheSource.Failed, 0), await Read());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1_000)]
    public async Task Any_number_of_callers_on_a_cold_key_share_one_load(int callers)
    {
        _origin.Hold();
        var reads = Enumerable.Range(0, callers).Select(_ => Task.Run(() => Read(), Cancelled)).ToArray();
        await _origin.Called;
        _origin.Release();
        Assert.All(await Task.WhenAll(reads), static answer => Assert.Equal(1, answer.Value));
        Assert.Equal(1, _origin.Calls);
    }

    [Fact]
    public async Task A_failure_is_shared_and_remembered_for_a_moment()
    {
        _origin.Hold();
        _origin.Fail();
        var reads = Enumerable.Range(0, 100).Select(_ => Read()).ToArray();
        _origin.Release();
        Assert.All(await Task.WhenAll(reads), static answer => Assert.Equal(CacheSource.Failed, answer.Source));
        Assert.Equal((CacheSource.Failed, 0), await Read());
        Assert.Equal(1, _origin.Calls);
        Pass(250);
        _origin.Heal();
        Assert.Equal((CacheSource.Miss, 2), await Read());
    }

    [Fact]
    public async Task A_caller_that_leaves_takes_nothing_from_the_others()
    {
        _origin.Hold();
        using var leaving = new CancellationTokenSource();
        var first = Read(cancelled: leaving.Token);
        var second = Read();
        leaving.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _origin.Release();
        Assert.Equal((CacheSource.Miss, 1), await second);
        Assert.Equal(1, _origin.Calls);
    }

    [Fact]
    public async Task A_hung_load_frees_its_key_at_the_deadline_and_its_late_value_replaces_nothing_newer()
    {
        _origin.Hold();
        var hung = Read();
        await _origin.Called;
        var late = _origin.Forget();
        Pass(600);
        Assert.Equal((CacheSource.Failed, 0), await hung);
        Pass(250);
        Assert.Equal((CacheSource.Miss, 2), await Read());
        late.SetResult();
        await late.Task;
        Assert.Equal((CacheSource.Hit, 2), await Read());
    }

    [Fact]
    public async Task There_is_no_such_thing_is_kept_for_its_own_time()
    {
        _origin.IsNegative = true;
        await Read();
        Pass(90);
        Assert.Equal((CacheSource.Hit, 1), await Read());
        Pass(20);
        Assert.Equal((CacheSource.Miss, 2), await Read());
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public async Task What_a_load_read_before_an_invalidation_is_never_served_after_it(string what)
    {
        _origin.Hold();
        var before = Read();
        await _origin.Called;
        await Invalidate(what);
        var after = Read();
        _origin.Release();
        Assert.Equal(1, (await before).Value);
        Assert.Equal(2, (await after).Value);
        Assert.Equal(2, (await Read()).Value);
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public async Task A_background_load_cannot_bring_invalidated_data_back(string what)
    {
        await Read();
        Pass(1_500);
        _origin.Hold();
        Assert.Equal((CacheSource.Stale, 1), await Read());
        await _origin.Called;
        await Invalidate(what);
        _origin.Release();
        Assert.Equal(3, (await Read()).Value);
        Assert.Equal((CacheSource.Hit, 3), await Read());
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public async Task Invalidated_data_is_no_fallback_for_a_failure(string what)
    {
        await Read();
        await Invalidate(what);
        _origin.Fail();
        Assert.Equal((CacheSource.Failed, 0), await Read());
    }

    [Fact]
    public async Task Another_tag_touches_nothing()
    {
        await Read();
        await _cache.InvalidateTags(["something else"]);
        Assert.Equal((CacheSource.Hit, 1), await Read());
    }

    [Fact]
    public async Task A_hit_allocates_nothing()
    {
        await Read();
        Assert.True(_cache.TryGet<int>("key", out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var hits = 0;
        for (var i = 0; i < 1_000; i++)
            hits += _cache.TryGet<int>("key", out var answer) ? answer.Value : 0;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1_000, hits);
    }

    [Fact]
    public async Task Statistics_count_what_happened()
    {
        await Read();
        await Read();
        Pass(1_500);
        _origin.Fail();
        await Read();
        await Landed();
        await _cache.InvalidateTags(["tag"]);
        var statistics = _cache.Statistics();
        var sum = statistics.Sum;
        Assert.Equal((1L, 1L, 1L, 2L, 1L, 1L), (sum.Hits, sum.Stale, sum.Misses, sum.Loads, sum.LoadsFailed, statistics.Invalidations));
        Assert.Equal(1, statistics.Entries);
    }

    /// <summary>Real threads, seeded choices: a read that starts after an invalidation has returned never sees what was before it.</summary>
    [Fact]
    public async Task Under_any_interleaving_no_read_is_older_than_the_last_invalidation_before_it()
    {
        var (version, floor, tooOld, reads) = (0, 0, 0, 0);
        await using var cache = new EdgeCache(new() { BudgetBytes = 4 << 20 }, TimeProvider.System, new RandomSource(7));
        var places = cache.PlacesOf("tag");
        var policy = Policy with { LoadTimeoutMs = 60_000, DurationMs = 3, EarlyRefresh = 1 };
        var writer = Task.Run(
            async () =>
            {
                // Until there were reads enough for the schedules to vary; each turn is an invalidation.
                for (var i = 1; Volatile.Read(ref reads) < 20_000; i++)
                {
                    Volatile.Write(ref version, i);
                    await cache.InvalidateTags(["tag"]);
                    Volatile.Write(ref floor, i);
                    if (i % 7 == 0)
                        await Task.Yield();
                }
            },
            Cancelled);
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                while (!writer.IsCompleted)
                {
                    var atLeast = Volatile.Read(ref floor);
                    var answer = await cache.GetOrLoad(
                        "key", new CacheKind<int>(policy), places, 0,
                        async (_, _) =>
                        {
                            var read = Volatile.Read(ref version);
                            await Task.Yield();
                            return new Loaded<int>(read, 8);
                        },
                        Cancelled);
                    Interlocked.Increment(ref reads);
                    if (answer.Failure is not null || answer.Value < atLeast)
                        Interlocked.Increment(ref tooOld);
                }
            },
            Cancelled));
        await Task.WhenAll([writer, .. readers]);
        Assert.Equal(0, tooOld);
    }

    async Task<(CacheSource Source, int Value)> Read(CachePolicy? policy = null, CancellationToken? cancelled = null)
    {
        var answer = await _cache.GetOrLoad(
            "key", new CacheKind<int>(policy ?? Policy), _cache.PlacesOf("tag"), _origin, static (origin, _) => origin.Load(), cancelled ?? Cancelled);
        return (answer.Source, answer.Failure is null ? answer.Value : 0);
    }

    async Task Invalidate(string what) => Assert.True(await (what switch
    {
        "tag" => _cache.InvalidateTags(["tag"]),
        "key" => _cache.Remove("key"),
        _ => _cache.Clear(),
    }));

    void Pass(int ms) => _time.Advance(TimeSpan.FromMilliseconds(ms));

    /// <summary>Until no load is under way: the flight ends on the pool.</summary>
    async Task Landed()
    {
        while (_cache.Statistics().Flights > 0)
            await Task.Yield();
    }
}
