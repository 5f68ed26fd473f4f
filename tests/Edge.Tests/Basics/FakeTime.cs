namespace Edge.Tests.Basics;

/// <summary>
/// A clock that moves only by <see cref="Advance"/>. Timers due on the way fire in the order of their times, on the
/// advancing thread, each seeing its own due time as now. Thread-safe.
/// </summary>
public sealed class FakeTime : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    readonly Lock gate = new();
    // With what has been disarmed since, too: a simulation disposes of hundreds of thousands, and taking one out of the middle takes a search.
    readonly PriorityQueue<FakeTimer, (DateTimeOffset Due, long Number)> queue = new();
    DateTimeOffset now = Start;
    long created;
    int armed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait: lets a test see that the code under test has gone to wait.</summary>
    public int PendingTimers
    {
        get
        {
            lock (gate) return armed;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, Interlocked.Increment(ref created), callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        DateTimeOffset end;
        lock (gate) end = now + time;
        while (NextDue(end) is { } timer) timer.Fire();
        lock (gate) now = end;
    }

    // Moves the clock to the earliest timer due by then, and arms or disarms that timer.
    FakeTimer? NextDue(DateTimeOffset end)
    {
        lock (gate)
        {
            while (queue.TryPeek(out var next, out var when) && when.Due <= end)
            {
                queue.Dequeue();
                if (next.Due != when.Due) continue;
                if (when.Due > now) now = when.Due;
                Arm(next, next.Period > TimeSpan.Zero ? when.Due + next.Period : null);
                return next;
            }
            return null;
        }
    }

    void Arm(FakeTimer timer, DateTimeOffset? due)
    {
        armed += (due is null ? 0 : 1) - (timer.Due is null ? 0 : 1);
        timer.Due = due;
        if (due is { } at) queue.Enqueue(timer, (at, timer.Number));
    }

    sealed class FakeTimer(FakeTime clock, long number, TimerCallback callback, object? state) : ITimer
    {
        bool isDisposed;

        /// <summary>Of two that are due at once the older goes first.</summary>
        public long Number => number;

        /// <summary>Null: disarmed. What stands in the queue under another time does not count.</summary>
        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                if (isDisposed) return false;
                clock.Arm(this, dueTime == Timeout.InfiniteTimeSpan ? null : clock.now + dueTime);
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
            }
            // As the system's timers do; here it fires at once, on this thread.
            if (dueTime == TimeSpan.Zero) clock.Advance(TimeSpan.Zero);
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                isDisposed = true;
                clock.Arm(this, null);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
