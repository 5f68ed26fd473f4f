using Edge.Core.Caching.L2;
using Edge.Testing.Caching;
using Edge.Tests.Basics;

namespace Edge.Tests.Caching.L2;

/// <summary>The switches of the model. What it answers is held to the port's promises beside Redis, in Edge.IntegrationTests.</summary>
public sealed class MemoryLinkTests
{
    const int TimeoutMs = 100;
    readonly FakeTime _clock = new();
    readonly MemorySecondLevel _store;
    readonly MemoryLink _link;

    public MemoryLinkTests()
    {
        _store = new(_clock);
        _link = _store.Connect("a");
    }

    [Fact]
    public async Task A_link_that_is_cut_fails_at_once_and_works_again_when_healed()
    {
        _link.Cut();
        var call = _link.ReadGenerations(TimeoutMs);
        Assert.True(call.IsCompleted);
        Assert.False((await call).IsOk);
        _link.Heal();
        Assert.Equal(0, (await _link.ReadGenerations(TimeoutMs)).Value.Position.Version);
    }

    [Fact]
    public async Task A_link_that_hangs_fails_by_the_deadline()
    {
        _link.Cut(hangs: true);
        var call = _link.Invalidate([0], null, TimeoutMs).AsTask();
        _clock.Advance(TimeSpan.FromMilliseconds(TimeoutMs - 1));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False((await call).IsOk);
        Assert.Equal(0, (await _store.Connect("b").ReadGenerations(TimeoutMs)).Value.Position.Version);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public async Task A_call_whose_link_breaks_fails_whether_it_has_run_or_not(int pausesPassed, long version)
    {
        var pauses = new Queue<TaskCompletionSource>();
        _link.Pause = () =>
        {
            pauses.Enqueue(new());
            return new(pauses.Last().Task);
        };
        var call = _link.Invalidate([0], null, TimeoutMs).AsTask();
        for (var i = 0; i < pausesPassed; i++) pauses.Dequeue().SetResult();
        // Healed at once: what was under way is lost all the same.
        _link.Cut();
        _link.Heal();
        pauses.Dequeue().SetResult();
        Assert.False((await call).IsOk);
        Assert.Equal(version, (await _store.Connect("b").ReadGenerations(TimeoutMs)).Value.Position.Version);
    }

    [Fact]
    public async Task A_call_whose_deadline_passed_in_a_pause_has_failed_and_still_runs()
    {
        var pause = new TaskCompletionSource();
        _link.Pause = () => new(pause.Task);
        var call = _link.Invalidate([0], null, TimeoutMs).AsTask();
        _clock.Advance(TimeSpan.FromMilliseconds(TimeoutMs));
        Assert.False((await call).IsOk);
        pause.SetResult();
        Assert.Equal(1, (await _store.Connect("b").ReadGenerations(TimeoutMs)).Value.Position.Version);
    }

    [Fact]
    public async Task News_on_its_way_when_the_link_breaks_is_lost_and_the_listener_is_told()
    {
        using var ended = new CancellationTokenSource();
        await using var news = _link.Listen(ended.Token).GetAsyncEnumerator(CancellationToken.None);
        Assert.Equal(L2EventKind.Connected, await Next());
        await _link.Invalidate([0], null, TimeoutMs);
        Assert.Equal(L2EventKind.Invalidated, await Next());

        var pause = new TaskCompletionSource();
        _link.Pause = () => new(pause.Task);
        var next = Next();
        var other = _store.Connect("b");
        await other.Invalidate([0], null, TimeoutMs);
        _link.Cut();
        await other.Invalidate([0], null, TimeoutMs);
        pause.SetResult();
        Assert.Equal(L2EventKind.Lost, await next);
        _link.Heal();
        Assert.Equal(L2EventKind.Connected, await Next());
        _store.Restart();
        Assert.Equal((L2EventKind.Lost, L2EventKind.Connected), (await Next(), await Next()));
        await ended.CancelAsync();
        Assert.False(await news.MoveNextAsync());

        async Task<L2EventKind> Next()
        {
            Assert.True(await news.MoveNextAsync());
            return news.Current.Kind;
        }
    }

    [Fact]
    public async Task Leases_and_changes_end_by_the_stores_clock()
    {
        var wish = new L2Wish("a", 50, 0);
        Assert.Equal(L2Lease.Granted, (await _link.Fetch("k", [0], wish, TimeoutMs)).Value.Lease);
        _clock.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Equal(1, (await _link.Fetch("k", [0], wish with { Token = "b" }, TimeoutMs)).Value.LeaseWaitMs);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(L2Lease.Granted, (await _link.Fetch("k", [0], wish with { Token = "b" }, TimeoutMs)).Value.Lease);

        Assert.Equal(1, await Version("change"));
        _clock.Advance(TimeSpan.FromMilliseconds(59_999));
        Assert.Equal(1, await Version("change"));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await Version("change"));

        async Task<long> Version(string change) => (await _link.Invalidate([0], change, TimeoutMs)).Value.Position.Version;
    }
}
