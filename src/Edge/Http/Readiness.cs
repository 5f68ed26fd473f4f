namespace Edge.Http;

/// <summary>
/// Whether a load balancer should send requests here: starting → ready → draining, and never back. It is set by the host and read
/// by the health routes and the front.
/// </summary>
internal sealed class Readiness
{
    volatile int _state;

    /// <summary>Warm-up has ended.</summary>
    public bool IsWarm => _state >= 1;

    /// <summary>The process has been told to stop and finishes what it has.</summary>
    public bool IsDraining => _state == 2;

    public bool IsReady => _state == 1;

    public void WarmedUp() => Interlocked.CompareExchange(ref _state, 1, 0);

    /// <summary>False where it was draining already.</summary>
    public bool Drain() => Interlocked.Exchange(ref _state, 2) != 2;
}
