using Edge.Tests.Basics;

namespace Edge.Tests.Redis;

/// <summary>The fake clock, and a way to wait until the code under test has gone to wait, however long it chose to.</summary>
sealed class ManualTime : TimeProvider
{
    readonly FakeTime _clock = new();
    readonly Lock _gate = new();
    readonly List<WatchedTimer> _armed = [];
    readonly List<(Predicate<TimeSpan> Wanted, TaskCompletionSource<TimeSpan> Found)> _waiters = [];

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public void Advance(TimeSpan by) => _clock.Advance(by);

    public void Advance(double milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new WatchedTimer(this, callback, state, dueTime, period);

    /// <summary>Waits until some timer is to fire after a time that is wanted, and returns that time.</summary>
    public Task<TimeSpan> Armed(Predicate<TimeSpan> wanted)
    {
        lock (_gate)
        {
            foreach (var timer in _armed)
            {
                var due = TimeSpan.FromTicks(timer.DueAt - GetTimestamp());
                if (wanted(due)) return Task.FromResult(due);
            }

            var found = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((wanted, found));
            return found.Task.In();
        }
    }

    /// <summary>
    /// Lets the client try again, once it waits to: after a connection that did not last, for half of its first backoff and up to all of it. Shorter
    /// is the tick by which deadlines are kept.
    /// </summary>
    public async Task PassFirstBackoff() => Advance(await Armed(static due => due.TotalMilliseconds is > 24 and <= 50));

    void Note(WatchedTimer timer, TimeSpan due)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            if (due == Timeout.InfiniteTimeSpan) return;
            timer.DueAt = GetTimestamp() + due.Ticks;
            _armed.Add(timer);
            foreach (var (_, found) in _waiters.Where(waiter => waiter.Wanted(due))) found.TrySetResult(due);
            _waiters.RemoveAll(static waiter => waiter.Found.Task.IsCompleted);
        }
    }

    sealed class WatchedTimer : ITimer
    {
        readonly ManualTime _time;
        readonly ITimer _timer;

        public WatchedTimer(ManualTime time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _time = time;
            _timer = time._clock.CreateTimer(
                _ =>
                {
                    time.Note(this, Timeout.InfiniteTimeSpan);
                    callback(state);
                },
                null,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
            Change(dueTime, period);
        }

        public long DueAt { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // Together, so that a timer cannot fire before it is noted and then be noted as waiting.
            lock (_time._gate)
            {
                var changed = _timer.Change(dueTime, period);
                _time.Note(this, dueTime);
                return changed;
            }
        }

        public void Dispose()
        {
            _time.Note(this, Timeout.InfiniteTimeSpan);
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>How long a test waits for what must come, before it fails instead of hanging.</summary>
static class Guard
{
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(20);

    public static Task<T> In<T>(this ValueTask<T> task) => task.AsTask().In();

    public static Task<T> In<T>(this Task<T> task) => task.WaitAsync(Time, TestContext.Current.CancellationToken);

    public static Task In(this Task task) => task.WaitAsync(Time, TestContext.Current.CancellationToken);
}
