using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

/// <summary>Changes that all engines hear of by themselves, and that one of them tells.</summary>
public sealed class ReportedChangeTests : IDisposable
{
    static readonly CachePolicy Policy = CacheBench.Policy with { DurationMs = 60_000, FailSafeMs = 120_000 };

    readonly CacheBench _bench = new(3);

    CacheBench.Node A => _bench[0];

    CacheBench.Node B => _bench[1];

    CacheBench.Node C => _bench[2];

    int Calls => _bench.Nodes.Sum(static node => node.Level.Invalidations);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Of_engines_that_hear_a_change_one_calls_the_second_level()
    {
        LetGoFirst(A);
        Assert.Equal(3, Calls);
        for (var i = 0; i < 10; i++)
        {
            foreach (var node in _bench.Nodes)
                node.Read(Policy);
            var origin = _bench.Origin.Calls;
            // The ones that wait have heard of it first.
            var reports = new[] { C, B, A }.Select(node => Report(node, $"change {i}")).ToArray();
            Assert.All(reports, static report => Assert.True(CacheBench.Ended(report)));
            Assert.All(_bench.Nodes, node => Assert.Equal(origin + 1, node.Read(Policy).Value));
        }
        Assert.Equal(13, Calls);
    }

    [Fact]
    public void Who_hears_of_a_change_later_than_of_its_news_calls_nobody()
    {
        Assert.True(CacheBench.Ended(Report(A, "change")));
        Assert.True(CacheBench.Ended(Report(B, "change")));
        Assert.True(CacheBench.Ended(Report(C, "change")));
        Assert.Equal(1, Calls);
    }

    [Fact]
    public void Where_the_one_that_went_first_has_died_before_it_told_another_tells_soon_and_goes_first_from_then_on()
    {
        LetGoFirst(A);
        A.Link.Cut();
        B.Read(Policy);
        C.Read(Policy);
        var calls = Calls;
        var (b, c) = (Report(B, "lost"), Report(C, "lost"));
        _bench.Pass(ToldChanges.PatienceMs / 2 - 10);
        Assert.Equal((false, false, calls), (b.IsCompleted, c.IsCompleted, Calls));
        _bench.Pass(ToldChanges.PatienceMs / 2 + 20);
        Assert.True(CacheBench.Ended(b) && CacheBench.Ended(c));
        Assert.InRange(Calls, calls + 1, calls + 2);
        var origin = _bench.Origin.Calls;
        Assert.Equal((origin + 1, origin + 1), (B.Read(Policy).Value, C.Read(Policy).Value));

        calls = Calls;
        (b, c) = (Report(B, "next"), Report(C, "next"));
        Assert.True(CacheBench.Ended(b) && CacheBench.Ended(c));
        Assert.Equal(calls + 1, Calls);
    }

    [Fact]
    public void Who_waits_and_misses_the_news_tells_it_again_which_moves_nothing()
    {
        LetGoFirst(A);
        B.Level.Swallows = static news => news.ChangeId == "missed";
        var report = Report(B, "missed");
        Report(A, "missed");
        var position = A.Backplane.News;
        _bench.Pass(ToldChanges.PatienceMs + 20);
        Assert.True(CacheBench.Ended(report));
        Assert.Equal(position, A.Backplane.News);
    }

    [Fact]
    public void Cut_off_an_engine_does_not_wait_for_others_and_keeps_the_change_for_later()
    {
        LetGoFirst(A);
        B.Link.Cut();
        _bench.Settle();
        Assert.False(CacheBench.Ended(Report(B, "cut off")));
        Assert.Equal(1, B.Backplane.Pending);
    }

    [Fact]
    public void While_an_engine_waits_to_be_told_it_serves_what_it_has_and_loads_once_when_it_is()
    {
        LetGoFirst(A);
        B.Read(Policy);
        var loads = _bench.Origin.Calls;
        var report = Report(B, "waits");
        Assert.Equal((false, CacheSource.Hit), (report.IsCompleted, B.Read(Policy).Source));
        Assert.True(CacheBench.Ended(Report(A, "waits")));
        Assert.True(CacheBench.Ended(report));
        Assert.Equal((CacheSource.Miss, loads + 1), (B.Read(Policy).Source, _bench.Origin.Calls));
        _bench.Pass(ToldChanges.PatienceMs + 20);
        Assert.Equal((CacheSource.Hit, loads + 1), (B.Read(Policy).Source, _bench.Origin.Calls));
    }

    [Fact]
    public void What_was_read_after_the_news_of_a_change_stays_when_the_change_is_heard_of_itself()
    {
        B.Read(Policy);
        Assert.True(CacheBench.Ended(Report(A, "change")));
        Assert.Equal((CacheSource.Miss, 2), (B.Read(Policy).Source, _bench.Origin.Calls));
        Assert.True(CacheBench.Ended(Report(B, "change")));
        Assert.Equal((CacheSource.Hit, 2), (B.Read(Policy).Source, _bench.Origin.Calls));
    }

    [Fact]
    public void What_was_read_after_the_news_of_a_change_stays_when_ones_own_call_for_it_is_answered()
    {
        B.Read(Policy);
        var gate = new TaskCompletionSource();
        B.Link.Pause = () => new(gate.Task);
        var late = Report(B, "change");
        B.Link.Pause = static () => ValueTask.CompletedTask;
        Assert.True(CacheBench.Ended(Report(A, "change")));
        Assert.Equal((false, CacheSource.Miss, 2), (late.IsCompleted, B.Read(Policy).Source, _bench.Origin.Calls));
        gate.SetResult();
        _bench.Settle();
        Assert.True(CacheBench.Ended(late));
        Assert.Equal((CacheSource.Hit, 2), (B.Read(Policy).Source, _bench.Origin.Calls));
    }

    [Fact]
    public void News_that_moves_nothing_here_as_from_a_copy_that_knew_less_tells_nobody()
    {
        B.Read(Policy);
        B.Level.Rewrites = static news => news with { Moved = news.Moved with { At = new uint[news.Moved.Places.Length] } };
        Assert.True(CacheBench.Ended(Report(A, "change")));
        Assert.Equal(CacheSource.Hit, B.Read(Policy).Source);
        Assert.True(CacheBench.Ended(Report(B, "change")));
        Assert.Equal((CacheSource.Miss, 2), (B.Read(Policy).Source, _bench.Origin.Calls));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("change")]
    public void What_a_copy_that_knew_less_has_moved_moves_here_although_its_answer_is_no_news(string? change)
    {
        B.Read(Policy);
        B.Level.Swallows = static _ => true;
        B.Level.HasForgotten = true;
        Assert.True(CacheBench.Ended(_bench.Begin(() => B.Cache.InvalidateTags(["tag"], change).AsTask())));
        Assert.Equal((CacheSource.Miss, 2), (B.Read(Policy).Source, _bench.Origin.Calls));
    }

    [Fact]
    public void Told_by_another_build_with_other_tags_a_change_is_told_for_ones_own()
    {
        _bench.Play(() => C.Cache.GetOrLoad(
            "other", new CacheKind<int>(Policy), C.Cache.PlacesOf(["other tag"]), _bench.Origin, static (origin, _) => origin.Load(), CancellationToken.None).AsTask());
        Assert.True(CacheBench.Ended(Report(A, "change")));
        var moved = C.Backplane.News;
        Assert.True(CacheBench.Ended(_bench.Begin(() => B.Cache.InvalidateTags(["tag", "other tag"], "change").AsTask())));
        Assert.Equal(moved + 1, C.Backplane.News);
        Assert.False(C.Cache.TryGet<int>("other", out _));
    }

    [Fact]
    public void A_name_counts_again_a_minute_later()
    {
        Assert.True(CacheBench.Ended(Report(A, "change")));
        _bench.Pass(61_000);
        Assert.True(CacheBench.Ended(Report(B, "change")));
        Assert.Equal(2, Calls);
    }

    Task<bool> Report(CacheBench.Node node, string change) => _bench.Begin(() => node.Cache.InvalidateTags(["tag"], change).AsTask());

    /// <summary>All report at once, and this one's call arrives first.</summary>
    void LetGoFirst(CacheBench.Node first)
    {
        var gates = new List<TaskCompletionSource>();
        var others = _bench.Nodes.Where(node => node != first);
        CacheBench.Node[] inOrder = [first, .. others];
        foreach (var node in inOrder)
        {
            var gate = new TaskCompletionSource();
            gates.Add(gate);
            node.Link.Pause = () => new(gate.Task);
            Report(node, "the first of all");
            node.Link.Pause = static () => ValueTask.CompletedTask;
        }
        foreach (var gate in gates)
        {
            gate.SetResult();
            _bench.Settle();
        }
    }
}
