namespace Edge.Core.Basics;

/// <summary>
/// A clock that costs a field read: a timer writes it. Native code pays 22 ns for <c>Environment.TickCount64</c>, more than the whole
/// look-up that the time is needed for. Behind by at most one tick, or by what a busy thread pool adds; never goes back.
/// </summary>
public sealed class CoarseClock : IDisposable
{
    /// <summary>Milliseconds between two ticks, where nothing else is asked for.</summary>
    public const int TickMs = 10;

    readonly TimeProvider _clock;
    readonly long _origin;
    readonly ITimer _timer;
    long _nowMs;

    public CoarseClock(TimeProvider clock, int tickMs = TickMs)
    {
        _clock = clock;
        _origin = clock.GetTimestamp();
        var tick = TimeSpan.FromMilliseconds(tickMs);
        _timer = clock.CreateTimer(static self => ((CoarseClock)self!).Tick(), this, tick, tick);
    }

    /// <summary>Milliseconds since this clock was made.</summary>
    public long NowMs => Volatile.Read(ref _nowMs);

    public void Dispose() => _timer.Dispose();

    // Two late ticks may run at once: the clock takes the later of the two.
    void Tick()
    {
        var nowMs = (long)_clock.GetElapsedTime(_origin).TotalMilliseconds;
        var seen = Volatile.Read(ref _nowMs);
        while (nowMs > seen)
        {
            var found = Interlocked.CompareExchange(ref _nowMs, nowMs, seen);
            if (found == seen)
                return;
            seen = found;
        }
    }
}
