namespace Edge.Tests.Basics;

/// <summary>
/// A clock that moves only by <see cref="Advance"/>. Timers due on the way fire in the order of their times, on the
/// advancing thread, each seeing its own due time as now. Thread-safe.
/// </summary>
public sealed class FakeTime : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    readonly Lock gate = new();
    readonly List<FakeTimer> timers = [];
    DateTimeOffset now = Start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait: lets a test see that the code under test has gone to wait.</summary>
    public int PendingTimers
    {
        get
        {
            lock (gate) return timers.Count(static timer => timer.Due is not null);
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        lock (gate) timers.Add(timer);
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
            FakeTimer? next = null;
            foreach (var timer in timers)
                if (timer.Due <= end && (next is null || timer.Due < next.Due)) next = timer;
            if (next is null) return null;
            if (next.Due > now) now = next.Due.Value;
            next.Due = next.Period > TimeSpan.Zero ? next.Due + next.Period : null;
            return next;
        }
    }

    sealed class FakeTimer(FakeTime clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                if (!clock.timers.Contains(this)) return false;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.now + dueTime;
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
            }
            // As the system's timers do; here it fires at once, on this thread.
            if (dueTime == TimeSpan.Zero) clock.Advance(TimeSpan.Zero);
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
