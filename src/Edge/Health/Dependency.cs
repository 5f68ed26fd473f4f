namespace Edge.Health;

/// <summary>
/// A server that Edge needs, and how to ask whether it answers. The last answer is kept, so that a health request costs no I/O.
/// </summary>
/// <param name="probe">Throws, or ends, within the token's deadline.</param>
internal sealed class Dependency(string name, Func<CancellationToken, ValueTask> probe)
{
    volatile DependencyState _state = DependencyState.Unknown;

    /// <summary>Something that this instance needs and nobody told it where to find.</summary>
    public static Dependency NotConfigured(string name) => new(name, static _ => default) { IsConfigured = false, _state = DependencyState.Down };

    public string Name => name;

    public bool IsConfigured { get; private init; } = true;

    public DependencyState State => _state;

    /// <summary>Asks, and keeps the answer. Returns why it failed, or null.</summary>
    public async ValueTask<Exception?> Probe(TimeProvider clock, TimeSpan deadline, CancellationToken stopping)
    {
        if (!IsConfigured)
            return null;
        var started = clock.GetTimestamp();
        using var timeout = new CancellationTokenSource(deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        Exception? failure = null;
        try
        {
            await probe(either.Token);
        }
        catch (Exception caught) when (!stopping.IsCancellationRequested)
        {
            failure = caught;
        }
        _state = new(failure is null, clock.GetUtcNow(), failure is null ? clock.GetElapsedTime(started).TotalMilliseconds : null);
        return failure;
    }
}
