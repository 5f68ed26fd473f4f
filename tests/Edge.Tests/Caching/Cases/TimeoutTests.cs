using System.Runtime.CompilerServices;
using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

public sealed class TimeoutTests : IDisposable
{
    readonly CacheBench _bench = new();

    CacheBench.Node Node => _bench[0];

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Within_the_time_to_revalidate_the_old_value_is_served_at_once()
    {
        Node.Read();
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Hit, 2), Node.Read());
        Assert.Equal(2, _bench.Origin.Calls);
    }

    // Cases 21, 31
    [Fact]
    public void A_reader_waits_the_soft_timeout_for_the_new_value_and_then_takes_the_old_one()
    {
        Node.Read(CacheBench.Patient);
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        var reads = new[] { Node.BeginRead(CacheBench.Patient), Node.BeginRead(CacheBench.Patient) };
        _bench.Pass(40);
        Assert.DoesNotContain(reads, static read => read.IsCompleted);
        _bench.Pass(10);
        Assert.Equal([(CacheSource.Stale, 1), (CacheSource.Stale, 1)], reads.Select(CacheBench.Ended));
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Hit, 2), Node.Read(CacheBench.Patient));
        Assert.Equal(2, _bench.Origin.Calls);
    }

    // Case 22
    [Fact]
    public void Without_an_old_value_there_is_no_soft_timeout()
    {
        _bench.Origin.Hold();
        var read = Node.BeginRead(CacheBench.Patient);
        _bench.Pass(400);
        Assert.False(read.IsCompleted);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Miss, 1), CacheBench.Ended(read));
    }

    // Case 23
    [Fact]
    public void At_the_deadline_the_old_value_is_the_answer()
    {
        var policy = CacheBench.Policy with { RevalidateMs = 0, SoftTimeoutMs = 60_000 };
        Node.Read(policy);
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        var read = Node.BeginRead(policy);
        _bench.Pass(490);
        Assert.False(read.IsCompleted);
        _bench.Pass(20);
        Assert.Equal((CacheSource.Stale, 1), CacheBench.Ended(read));
    }

    // Cases 23, 27; P5
    [Fact]
    public void A_hung_load_frees_its_key_at_the_deadline_and_its_late_value_replaces_nothing_newer()
    {
        _bench.Origin.Hold();
        var hung = Node.BeginRead();
        var late = _bench.Origin.Forget();
        _bench.Pass(600);
        Assert.Equal((CacheSource.Failed, 0), CacheBench.Ended(hung));
        _bench.Pass(250);
        Assert.Equal((CacheSource.Miss, 2), Node.Read());
        late.SetResult();
        _bench.Settle();
        Assert.Equal((CacheSource.Hit, 2), Node.Read());
    }

    // Case 27; P5c: a stale value does not keep the key from being loaded
    [Fact]
    public void Behind_a_hung_load_a_healthy_one_runs_while_the_old_value_is_served()
    {
        Node.Read();
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        _bench.Origin.Forget();
        _bench.Pass(710);
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        Assert.Equal((CacheSource.Hit, 3), Node.Read());
    }

    // Case 24
    [Fact]
    public void What_a_hung_load_brings_late_is_kept_where_there_is_nothing_newer()
    {
        _bench.Origin.Hold();
        var hung = Node.BeginRead();
        _bench.Pass(600);
        Assert.Equal((CacheSource.Failed, 0), CacheBench.Ended(hung));
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Hit, 1), Node.Read());
    }

    [Fact]
    public void Who_comes_to_a_load_that_has_been_slow_for_the_soft_timeout_does_not_wait_again()
    {
        Node.Read(CacheBench.Patient);
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        var first = Node.BeginRead(CacheBench.Patient);
        _bench.Pass(60);
        Assert.Equal((CacheSource.Stale, 1), CacheBench.Ended(first));
        Assert.Equal((CacheSource.Stale, 1), Node.Read(CacheBench.Patient));
    }

    [Fact]
    public void What_is_expired_here_is_loaded_anew_and_stays_a_fallback()
    {
        Node.Read(CacheBench.Patient);
        Node.Cache.ExpireAllHere();
        _bench.Origin.Fail();
        Assert.Equal((CacheSource.Stale, 1), Node.Read(CacheBench.Patient));
        _bench.Origin.Heal();
        _bench.Pass(250);
        Assert.Equal((CacheSource.Miss, 3), Node.Read(CacheBench.Patient));
    }

    // Case 25
    [Fact]
    public void A_load_that_fails_behind_a_stale_answer_hurts_nobody()
    {
        Node.Read();
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        _bench.Origin.Fail();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        Assert.Equal((2L, 1L), (Node.Counts.Loads, Node.Counts.LoadsFailed));
    }

    // Cases 26, 28; P6
    [Fact]
    public async Task A_caller_that_leaves_takes_nothing_from_the_others()
    {
        _bench.Origin.Hold();
        using var leaving = new CancellationTokenSource();
        var first = Node.BeginReadUntil(leaving.Token);
        var second = Node.BeginRead();
        await leaving.CancelAsync();
        _bench.Settle();
        Assert.True(first.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(second.IsCompleted);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Miss, 1), CacheBench.Ended(second));
        Assert.Equal(1, _bench.Origin.Calls);
    }

    // Case 26 with an old value in hand
    [Fact]
    public async Task A_caller_that_leaves_while_it_has_patience_gets_nothing()
    {
        Node.Read(CacheBench.Patient);
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        using var leaving = new CancellationTokenSource();
        var read = Node.BeginReadUntil(leaving.Token, CacheBench.Patient);
        await leaving.CancelAsync();
        _bench.Settle();
        Assert.True(read.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    // Case 25: past the deadline, when nobody waits any more
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_load_that_fails_after_its_deadline_leaves_no_exception_behind(bool isBulk)
    {
        var unobserved = new List<string>();
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, args) => unobserved.Add(args.Exception.ToString());
        TaskScheduler.UnobservedTaskException += note;
        FailLate(isBulk);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= note;
        Assert.DoesNotContain(unobserved, text => text.Contains($"late {isBulk}", StringComparison.Ordinal));
    }

    // In a frame of its own: nothing of it is alive afterwards.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void FailLate(bool isBulk)
    {
        using var bench = new CacheBench();
        var gate = new TaskCompletionSource();
        var cache = bench[0].Cache;
        var kind = new CacheKind<int>(CacheBench.Policy);
        var read = bench.Begin(async () => isBulk
            ? (await cache.GetOrLoadMany([new("key", cache.PlacesOf())], kind, 0, (_, _, _) => Late<Loaded<int>[]>(), CancellationToken.None))[0]
            : await cache.GetOrLoad("key", kind, cache.PlacesOf(), 0, (_, _) => Late<Loaded<int>>(), CancellationToken.None));
        bench.Pass(600);
        Assert.IsType<LoadTimeoutException>(CacheBench.Ended(read).Failure?.SourceException);
        gate.SetResult();
        bench.Settle();

        async ValueTask<T> Late<T>()
        {
            await gate.Task;
            throw new InvalidOperationException($"late {isBulk}");
        }
    }

    [Fact]
    public void A_failed_load_says_why_in_the_same_words_however_it_was_asked_for()
    {
        _bench.Origin.Hold();
        var one = _bench.Begin(() => Node.Answer(CacheBench.Policy).AsTask());
        var many = Node.BeginReadMany(null, "a");
        _bench.Pass(600);
        var timeout = Assert.IsType<LoadTimeoutException>(CacheBench.Ended(one).Failure?.SourceException);
        Assert.Equal("The load of test took longer than 500 ms.", timeout.Message);
        Assert.Equal(timeout.Message, Assert.IsType<LoadTimeoutException>(CacheBench.Ended(many)[0].Failure?.SourceException).Message);
    }
}
