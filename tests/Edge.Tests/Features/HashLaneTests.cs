using Edge.Features.Accounts;
using Edge.Tests.Basics;

namespace Edge.Tests.Features;

public sealed class HashLaneTests
{
    readonly FakeTime _time = new();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Work that holds its thread until it is let go.</summary>
    sealed class Blocked : IDisposable
    {
        readonly ManualResetEventSlim _go = new();

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Run()
        {
            Begun.SetResult();
            _go.Wait(Cancelled);
            return 1;
        }

        public void Go() => _go.Set();

        public void Dispose() => _go.Dispose();
    }

    [Fact]
    public async Task Work_is_done_on_a_thread_of_its_own_in_order()
    {
        using var lane = new HashLane(threads: 1, places: 8, _time);
        var done = new List<int>();
        var names = new HashSet<string?>();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => lane.Run(
            () =>
            {
                done.Add(i);
                names.Add(Thread.CurrentThread.Name);
                return i;
            },
            Cancelled).AsTask()));
        Assert.Equal(Enumerable.Range(0, 8), done);
        Assert.Equal(Enumerable.Range(0, 8), answers.Select(static answer => answer.Value));
        Assert.Equal("hash lane", Assert.Single(names));
        Assert.Equal(8, lane.Done);
    }

    [Fact]
    public async Task Beyond_its_places_it_refuses_after_a_pause()
    {
        using var lane = new HashLane(threads: 1, places: 1, _time);
        using var blocked = new Blocked();
        var running = lane.Run(blocked.Run, Cancelled).AsTask();
        await blocked.Begun.Task;
        Assert.False(lane.IsFull);
        var waiting = lane.Run(static () => 2, Cancelled).AsTask();
        Assert.True(lane.IsFull);
        var refused = lane.Run(static () => 3, Cancelled).AsTask();
        _time.Advance(HashLane.RefusalPause - TimeSpan.FromMilliseconds(1));
        Assert.False(refused.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await refused).Problem is { Status: 503, RetryAfterSeconds: > 0 });
        blocked.Go();
        Assert.Equal((1, 2), ((await running).Value, (await waiting).Value));
    }

    [Fact]
    public async Task So_many_refusals_are_held_back_and_no_more_and_who_leaves_is_not()
    {
        using var lane = new HashLane(threads: 1, places: 0, _time);
        using var leaving = new CancellationTokenSource();
        var held = Enumerable.Range(0, HashLane.MostHeld).Select(_ => lane.Refuse(leaving.Token).AsTask()).ToArray();
        Assert.All(held, static refusal => Assert.False(refusal.IsCompleted));
        Assert.Equal(503, (await lane.Refuse(Cancelled)).Status);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(held));
        var next = lane.Refuse(Cancelled).AsTask();
        Assert.False(next.IsCompleted);
        _time.Advance(HashLane.RefusalPause);
        Assert.Equal(503, (await next).Status);
    }

    [Fact]
    public async Task Who_leaves_gives_the_place_back_and_is_not_worked_for()
    {
        using var lane = new HashLane(threads: 1, places: 1, _time);
        using var blocked = new Blocked();
        using var leaving = new CancellationTokenSource();
        var running = lane.Run(blocked.Run, Cancelled).AsTask();
        await blocked.Begun.Task;
        var waiting = lane.Run(static () => 2, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, lane.Waiting);
        blocked.Go();
        await running;
        Assert.Equal(4, (await lane.Run(static () => 4, Cancelled)).Value);
        Assert.Equal(2, lane.Done);
    }

    [Fact]
    public async Task Waiting_ends_with_patience()
    {
        using var lane = new HashLane(threads: 1, places: 4, _time);
        using var blocked = new Blocked();
        var running = lane.Run(blocked.Run, Cancelled).AsTask();
        await blocked.Begun.Task;
        var waiting = lane.Run(static () => 2, Cancelled).AsTask();
        _time.Advance(HashLane.Patience);
        Assert.Equal(503, (await waiting).Problem!.Status);
        Assert.Equal(503, (await running).Problem!.Status);
        Assert.Equal(0, lane.Waiting);
        blocked.Go();
    }

    [Fact]
    public async Task What_fails_fails_its_caller_and_nobody_else()
    {
        using var lane = new HashLane(threads: 1, places: 4, _time);
        await Assert.ThrowsAsync<FormatException>(() => lane.Run<int>(static () => throw new FormatException(), Cancelled).AsTask());
        Assert.Equal(5, (await lane.Run(static () => 5, Cancelled)).Value);
    }

    [Fact]
    public async Task A_lane_that_has_ended_takes_nothing()
    {
        var lane = new HashLane(threads: 1, places: 4, _time);
        Assert.Equal(5, (await lane.Run(static () => 5, Cancelled)).Value);
        lane.Dispose();
        Assert.Equal(503, (await lane.Run(static () => 6, Cancelled)).Problem!.Status);
    }
}
