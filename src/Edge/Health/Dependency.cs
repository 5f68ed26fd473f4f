using System.Globalization;

namespace Edge.Health;

/// <summary>
/// A server that Edge needs, and how to ask whether it answers. The last answer is kept, so that a health request costs no I/O.
/// </summary>
/// <param name="probe">Throws where the server does not answer. One that outlives its token is left to end by itself.</param>
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
            // Not left to the probe alone: Npgsql takes no notice of the token while a silent server keeps it waiting for its greeting.
            await probe(either.Token).AsTask().WaitAsync(either.Token);
        }
        catch (Exception caught)
        {
            // What a probe meets while the host ends says nothing about the dependency.
            stopping.ThrowIfCancellationRequested();
            failure = timeout.IsCancellationRequested
                ? new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"no answer within {deadline.TotalSeconds} s"))
                : caught;
        }
        _state = new(failure is null, clock.GetUtcNow(), failure is null ? clock.GetElapsedTime(started).TotalMilliseconds : null);
        return failure;
    }
}
