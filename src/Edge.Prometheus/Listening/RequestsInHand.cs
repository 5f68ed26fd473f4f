namespace Edge.Prometheus.Listening;

/// <summary>Bounds how many requests are answered at once, and lets a shutdown wait for them. Thread-safe.</summary>
internal sealed class RequestsInHand(int most)
{
    const int MaxWaitMs = 5_000;

    /// <summary>The SDK may have used up the time that it gives; an answer that is ready takes a moment.</summary>
    const int MinWaitMs = 500;

    readonly ManualResetEventSlim _isIdle = new(initialState: true);
    readonly Lock _gate = new();
    int _count;

    public bool TryBegin()
    {
        lock (_gate)
        {
            if (_count >= most) return false;
            _count++;
            _isIdle.Reset();
            return true;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (--_count == 0) _isIdle.Set();
        }
    }

    /// <param name="timeoutMs">Milliseconds; −1 or more than 5,000: 5,000; less than 500: 500.</param>
    public void WaitUntilNone(int timeoutMs) => _isIdle.Wait(timeoutMs < 0 ? MaxWaitMs : Math.Clamp(timeoutMs, MinWaitMs, MaxWaitMs));
}
