namespace Edge.Tests.Redis;

/// <summary>A clock that stands still until a test moves it. Timers fire inside <see cref="Advance(TimeSpan)"/>, in order of their time.</summary>
sealed class ManualTime : TimeProvider
{
    readonly Lock _gate = new();
    readonly List<ManualTimer> _timers = [];
    readonly List<(Predicate<TimeSpan> Wanted, TaskCompletionSource<TimeSpan> Found)> _waiters = [];
    long _now = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = GetTimestamp() + by.Ticks;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(timer => timer.DueAt <= until).MinBy(timer => timer.DueAt);
                Interlocked.Exchange(ref _now, next is null ? until : Math.Max(GetTimestamp(), next.DueAt));
                if (next is not null) _timers.Remove(next);
            }

            if (next is null) return;
            next.Fire();
        }
    }

    public void Advance(double milliseconds) => Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Waits until some timer is to fire after a time that is wanted, and returns that time.</summary>
    public Task<TimeSpan> Armed(Predicate<TimeSpan> wanted)
    {
        lock (_gate)
        {
            foreach (var timer in _timers)
            {
                var due = TimeSpan.FromTicks(timer.DueAt - GetTimestamp());
                if (wanted(due)) return Task.FromResult(due);
            }

            var found = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((wanted, found));
            return found.Task.In();
        }
    }

    sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public long DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                DueAt = time.GetTimestamp() + dueTime.Ticks;
                time._timers.Add(this);
                foreach (var (_, found) in time._waiters.Where(waiter => waiter.Wanted(dueTime))) found.TrySetResult(dueTime);
                time._waiters.RemoveAll(waiter => waiter.Found.Task.IsCompleted);
            }

            return true;
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time._gate) time._timers.Remove(this);
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
