using System.Threading.Tasks.Sources;
using Edge.Data;
using Edge.Tests.Basics;
using Npgsql;

namespace Edge.Tests.Data;

public sealed class DeadlineTests
{
    const int Rounds = 1_000;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_wait_that_ends_in_time_allocates_nothing()
    {
        var deadlines = new Deadlines(TimeSpan.FromMinutes(1));
        using var caller = new CancellationTokenSource();
        var operation = new Operation();

        Assert.InRange(Allocated.By(Run) / Rounds, 0, 8);

        void Run()
        {
            for (var i = 0; i < Rounds; i++)
            {
                var deadline = deadlines.Rent();
                var waiting = deadline.Wait(operation.Start(), caller.Token);
                operation.End(i);
                Assert.True(waiting.IsCompletedSuccessfully);
                if (waiting.GetAwaiter().GetResult() != i)
                    throw new InvalidOperationException("Not the result of this round.");
                deadlines.Return(deadline);
            }
        }
    }

    [Fact]
    public async Task What_is_late_is_left_told_to_stop_and_never_waited_for_again()
    {
        var deadlines = new Deadlines(TimeSpan.FromMilliseconds(1));
        var operation = new Operation();
        var deadline = deadlines.Rent();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = deadline.Stop.Register(stopped.SetResult);

        var failure = await Assert.ThrowsAsync<NpgsqlException>(async () => await deadline.Wait(operation.Start(), Cancel));
        deadlines.Return(deadline);

        Assert.Equal(DatabaseFailure.Timeout, DatabaseFailures.Classify(failure));
        Assert.NotSame(deadline, deadlines.Rent());
        await stopped.Task.WaitAsync(Cancel);
        operation.End(1);
    }

    [Fact]
    public async Task A_callers_cancellation_ends_the_wait_on_a_thread_of_its_own()
    {
        var deadlines = new Deadlines(TimeSpan.FromMinutes(1));
        var deadline = deadlines.Rent();
        using var caller = new CancellationTokenSource();
        var stoppedByPool = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = deadline.Stop.Register(() => stoppedByPool.SetResult(Thread.CurrentThread.IsThreadPoolThread));
        var waiting = deadline.Wait(new Operation().Start(), caller.Token).AsTask();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(await stoppedByPool.Task.WaitAsync(Cancel));
    }

    [Fact]
    public async Task One_operation_after_another_is_told_to_stop()
    {
        var deadlines = new Deadlines(TimeSpan.FromMinutes(1));
        var (first, second) = (deadlines.Rent(), deadlines.Rent());
        using var release = new ManualResetEventSlim();
        using var blocked = first.Stop.Register(() => release.Wait(Cancel));

        var both = Task.WhenAll(first.Leave(), second.Leave());

        Assert.False(second.Stop.IsCancellationRequested);
        release.Set();
        await both.WaitAsync(Cancel);
        Assert.True(second.Stop.IsCancellationRequested);
    }

    [Fact]
    public async Task A_failure_in_time_is_the_callers()
    {
        var deadlines = new Deadlines(TimeSpan.FromMinutes(1));
        var operation = new Operation();

        var waiting = deadlines.Wait(_ => operation.Start()).AsTask();
        operation.Fail(new TimeZoneNotFoundException());

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => waiting);
    }

    /// <summary>Ends when it is told to.</summary>
    sealed class Operation : IValueTaskSource<int>
    {
        ManualResetValueTaskSourceCore<int> _end;

        public ValueTask<int> Start()
        {
            _end.Reset();
            return new(this, _end.Version);
        }

        public void End(int result) => _end.SetResult(result);

        public void Fail(Exception failure) => _end.SetException(failure);

        public int GetResult(short token) => _end.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _end.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _end.OnCompleted(continuation, state, token, flags);
    }
}
