namespace Edge.Http;

/// <summary>
/// Whether a load balancer should send requests here: starting → ready → draining, and never back. It is set by the host and read
/// by the health routes and the front.
/// </summary>
/// <param name="parts">How many must say <see cref="WarmedUp"/> first.</param>
internal sealed class Readiness(int parts = 1)
{
    int _cold = parts;
    volatile int _state;

    /// <summary>Warm-up has ended.</summary>
    public bool IsWarm => _state >= 1;

    /// <summary>The process has been told to stop and finishes what it has.</summary>
    public bool IsDraining => _state == 2;

    public bool IsReady => _state == 1;

    /// <summary>Said once by each part of the warm-up.</summary>
    public void WarmedUp()
    {
        if (Interlocked.Decrement(ref _cold) == 0)
            Interlocked.CompareExchange(ref _state, 1, 0);
    }

    /// <summary>False where it was draining already.</summary>
    public bool Drain() => Interlocked.Exchange(ref _state, 2) != 2;
}
