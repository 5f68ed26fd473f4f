using Edge.Core.Resilience;
using Edge.Tests.Basics;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Resilience;

public sealed class LoadGateTests : IDisposable
{
    const int Cap = 8;
    const int QueueMs = 200;

    readonly FakeTime _time = new();
    readonly LoadGate _gate;
    readonly WorkKind _critical;
    readonly WorkKind _normal;
    readonly WorkKind _sheddable;

    public LoadGateTests()
    {
        _gate = New(_time);
        (_critical, _normal, _sheddable) = (_gate.KindOf(Criticality.Critical), _gate.KindOf(Criticality.Normal), _gate.KindOf(Criticality.Sheddable));
    }

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _gate.Dispose();

    static LoadGate New(TimeProvider time, int cap = Cap) =>
        new(new() { Floor = cap, Ceiling = cap, QueueMs = QueueMs, Places = 6 }, time, new(1));

    readonly record struct Permit(WorkKind Kind, long SinceNs);

    Task<bool> Enter(WorkKind kind, CancellationToken cancelled = default) => _gate.Enter(kind, cancelled).AsTask();

    void Leave(Permit permit, bool isDone = true) => _gate.Leave(permit.Kind, permit.SinceNs, isDone);

    List<Permit> Fill(WorkKind kind, int count)
    {
        var permits = new List<Permit>();
        for (var i = 0; i < count; i++)
        {
            var entered = _gate.Enter(kind, default);
            Assert.True(entered.IsCompletedSuccessfully && entered.Result);
            permits.Add(new(kind, _gate.NowNs));
        }
        return permits;
    }

    [Fact]
    public async Task Sheddable_work_leaves_a_quarter_free_and_critical_work_may_go_beyond()
    {
        Fill(_sheddable, 6);
        var seventh = Enter(_sheddable, Cancelled);
        Assert.False(seventh.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(QueueMs + 20));
        Assert.False((await seventh));
        Fill(_normal, 2);
        Assert.False(Enter(_normal, Cancelled).IsCompleted);
        Fill(_critical, 2);
        Assert.False(Enter(_critical, Cancelled).IsCompleted);
    }

    [Fact]
    public async Task Who_leaves_lets_in_the_most_critical_that_waits()
    {
        var inside = Fill(_normal, 8);
        Fill(_critical, 2);
        var (normal, critical) = (Enter(_normal, Cancelled), Enter(_critical, Cancelled));
        Leave(inside[0]);
        Assert.True((await critical));
        Assert.False(normal.IsCompleted);
        Leave(inside[1]);
        Leave(inside[2]);
        Assert.False(normal.IsCompleted);
        Leave(inside[3]);
        Assert.True((await normal));
        Assert.Equal((1, 1), (_gate.Statistics().Critical.Waited, _gate.Statistics().Normal.Waited));
    }

    [Fact]
    public async Task In_a_burst_the_first_comes_first_and_waits_for_the_whole_time()
    {
        var inside = Fill(_normal, 8);
        var (first, second) = (Enter(_normal, Cancelled), Enter(_normal, Cancelled));
        _time.Advance(TimeSpan.FromMilliseconds(QueueMs - 10));
        Leave(inside[0]);
        Assert.True((await first));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(30));
        Assert.False((await second));
        Assert.Equal(1, _gate.Statistics().Normal.ShedWaited);
    }

    [Fact]
    public async Task In_a_queue_that_stays_the_newest_comes_first_and_none_waits_for_long()
    {
        var inside = Fill(_normal, 8);
        // More than there are places for: when their time is over they go all at once, which is no end of the queue.
        for (var ms = 0; ms < QueueMs + 15; ms += 15)
        {
            _ = Enter(_normal, Cancelled);
            _time.Advance(TimeSpan.FromMilliseconds(15));
        }
        _ = Enter(_normal, Cancelled);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.True(_gate.Statistics().IsStanding);
        Assert.False(_gate.Admits(_sheddable));
        Assert.True(_gate.Admits(_normal));
        var (older, newer) = (Enter(_normal, Cancelled), Enter(_normal, Cancelled));
        Leave(inside[0]);
        Assert.True((await newer));
        Assert.False(older.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(QueueMs / 10 + 11));
        Assert.False((await older));
        // Empty again: what comes next is a burst.
        Assert.False(_gate.Statistics().IsStanding);
        Assert.True(_gate.Admits(_sheddable));
    }

    [Fact]
    public async Task A_client_that_leaves_gives_its_place_back()
    {
        Fill(_normal, 8);
        using var client = new CancellationTokenSource();
        var (leaving, staying) = (Enter(_normal, client.Token), Enter(_normal, Cancelled));
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.Equal((1, 1L), (_gate.Statistics().Waiting, _gate.Statistics().Left));
        Assert.False(staying.IsCompleted);
    }

    [Fact]
    public async Task Where_all_places_are_taken_the_less_critical_goes()
    {
        Fill(_normal, 8);
        Fill(_critical, 2);
        var sheddable = Enter(_sheddable, Cancelled);
        var normal = Enumerable.Range(0, 5).Select(_ => Enter(_normal, Cancelled)).ToArray();
        var more = Enter(_normal, Cancelled);
        Assert.False((await sheddable));
        Assert.False((await Enter(_normal, Cancelled)));
        var critical = Enter(_critical, Cancelled);
        Assert.False((await normal[0]));
        Assert.False(more.IsCompleted || critical.IsCompleted);
    }

    [Fact]
    public void Threads_that_are_behind_shed_what_can_wait_then_ever_more_but_nothing_critical()
    {
        Look(times: 3, behindMs: 30);
        Look(times: 1, behindMs: 1);
        Assert.True(_gate.Admits(_sheddable));
        Look(times: 4, behindMs: 30);
        Assert.False(_gate.Admits(_sheddable));
        Assert.InRange(Admitted(_normal), 850, 950);
        Look(times: 4 * 20, behindMs: 30);
        Assert.InRange(Admitted(_normal), 20, 80);
        Assert.Equal(1000, Admitted(_critical));
        Look(times: 4 * 20, behindMs: 1);
        Assert.Equal((1000, 1000), (Admitted(_normal), Admitted(_sheddable)));

        int Admitted(WorkKind kind) => Enumerable.Range(0, 1000).Count(_ => _gate.Admits(kind));

        void Look(int times, double behindMs)
        {
            for (var i = 0; i < times; i++)
                _gate.Observe(behindMs);
        }
    }

    [Fact]
    public void What_failed_quickly_tells_nothing_of_how_long_work_takes()
    {
        Work(count: 40, ms: 20, isDone: true);
        Work(count: 200, ms: 1, isDone: false);
        Assert.Equal(1, _gate.Statistics().Stretch, 0.01);
        Assert.Equal(40, _gate.Statistics().Normal.Done);
        Work(count: 40, ms: 200, isDone: false);
        Assert.InRange(_gate.Statistics().Stretch, 2, 11);

        void Work(int count, int ms, bool isDone)
        {
            for (var i = 0; i < count; i++)
            {
                var permit = Fill(_normal, 1)[0];
                _time.Advance(TimeSpan.FromMilliseconds(ms));
                Leave(permit, isDone);
            }
        }
    }

    /// <summary>Of every hundred: enter as one of the classes, leave, let time go by, take a waiting client away.</summary>
    static readonly Gen<int[]> Walks = Gen.Choose(0, 99).ArrayOf(200);

    [Fact]
    public void Whatever_happens_the_cap_holds_classes_are_not_inverted_and_every_permit_comes_back() => Prop.ForAll(Arb.From(Walks), walk =>
    {
        var time = new FakeTime();
        using var gate = New(time, cap: 4);
        WorkKind[] kinds = [gate.KindOf(Criticality.Critical), gate.KindOf(Criticality.Normal), gate.KindOf(Criticality.Sheddable)];
        var inside = new List<Permit>();
        var waiting = new List<(Task<bool> Turn, WorkKind Kind, CancellationTokenSource Client, DateTimeOffset Since)>();
        foreach (var step in walk)
        {
            if (step < 60)
            {
                var kind = kinds[step % 3];
                var client = new CancellationTokenSource();
                waiting.Add((gate.Enter(kind, client.Token).AsTask(), kind, client, time.GetUtcNow()));
            }
            else if (step < 80 && inside.Count > 0)
            {
                gate.Leave(inside[step % inside.Count].Kind, inside[step % inside.Count].SinceNs, isDone: step % 2 == 0);
                inside.RemoveAt(step % inside.Count);
            }
            else if (step is >= 80 and < 90)
            {
                time.Advance(TimeSpan.FromMilliseconds((step - 79) * 10));
            }
            else if (waiting.Count > 0)
            {
                waiting[step % waiting.Count].Client.Cancel();
            }
            foreach (var waiter in waiting.FindAll(static waiter => waiter.Turn.IsCompletedSuccessfully && waiter.Turn.Result))
                inside.Add(new(waiter.Kind, gate.NowNs));
            waiting.RemoveAll(static waiter => waiter.Turn.IsCompleted);

            var isHeld = inside.Count == gate.InFlight && inside.Count <= gate.LimitOf(Criticality.Critical)
                && waiting.TrueForAll(waiter => inside.Count >= gate.LimitOf(waiter.Kind.Criticality))
                && waiting.TrueForAll(waiter => time.GetUtcNow() - waiter.Since <= TimeSpan.FromMilliseconds(QueueMs + 10));
            if (!isHeld)
                throw new InvalidOperationException($"{step} inside {inside.Count} inflight {gate.InFlight} waiting {string.Join(' ', waiting.Select(w => w.Kind.Criticality + ":" + (time.GetUtcNow() - w.Since).TotalMilliseconds))}");
        }
        foreach (var permit in inside)
            gate.Leave(permit.Kind, permit.SinceNs, isDone: true);
        time.Advance(TimeSpan.FromMilliseconds(QueueMs + 10));
        return gate.Statistics().Waiting == 0;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Threads_that_come_and_go_never_exceed_the_cap_and_none_is_forgotten()
    {
        using var gate = new LoadGate(new() { Floor = 3, Ceiling = 3, QueueMs = 60_000 }, TimeProvider.System, new(1));
        var kind = gate.KindOf(Criticality.Normal);
        var (inside, most) = (0, 0);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task Come()
        {
            for (var i = 0; i < 2_000; i++)
            {
                Assert.True(await gate.Enter(kind, Cancelled));
                var sinceNs = gate.NowNs;
                var now = Interlocked.Increment(ref inside);
                for (var seen = Volatile.Read(ref most); now > seen;)
                    seen = Interlocked.CompareExchange(ref most, now, seen);
                if (i == 0)
                    await start.Task;
                else
                    await Task.Yield();
                Interlocked.Decrement(ref inside);
                gate.Leave(kind, sinceNs, isDone: true);
            }
        }
        var all = Enumerable.Range(0, 12).Select(_ => Come()).ToArray();
        Assert.Equal((3, 9), (gate.InFlight, gate.Statistics().Waiting));
        start.SetResult();
        await Task.WhenAll(all);
        Assert.Equal((0, 0), (gate.InFlight, gate.Statistics().Waiting));
        Assert.Equal(3, most);
        Assert.Equal(24_000, gate.Statistics().Normal.Done);
    }
}
