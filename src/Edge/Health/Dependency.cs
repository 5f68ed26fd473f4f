using System.Globalization;

namespace Edge.Health;

/// <summary>Why a server counts as down, for the log only: it may hold addresses and the server's own words.</summary>
/// <param name="Kind">One word.</param>
internal sealed record ProbeFailure(string Kind, string Text);

/// <summary>
/// A server that Edge needs, and how to ask whether it answers. The last answer is kept, so that a health request costs no I/O.
/// </summary>
/// <param name="probe">Null: the server answers. Throws only if cancelled; one that outlives its token is left to end by itself.</param>
internal sealed class Dependency(string name, Func<CancellationToken, ValueTask<ProbeFailure?>> probe)
{
    volatile DependencyState _state = DependencyState.Unknown;

    /// <summary>Something that this instance needs and nobody told it where to find.</summary>
    public static Dependency NotConfigured(string name) => new(name, static _ => new((ProbeFailure?)null)) { IsConfigured = false, _state = DependencyState.Down };

    public string Name => name;

    public bool IsConfigured { get; private init; } = true;

    public DependencyState State => _state;

    /// <summary>Asks, and keeps the answer. Returns why it failed, or null.</summary>
    public async ValueTask<ProbeFailure?> Probe(TimeProvider clock, TimeSpan deadline, CancellationToken stopping)
    {
        if (!IsConfigured)
            return null;
        var started = clock.GetTimestamp();
        using var timeout = new CancellationTokenSource(deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        ProbeFailure? failure;
        try
        {
            // Not left to the probe alone: Npgsql takes no notice of the token while a silent server keeps it waiting for its greeting.
            failure = await probe(either.Token).AsTask().WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            failure = new("Timeout", string.Create(CultureInfo.InvariantCulture, $"no answer within {deadline.TotalSeconds} s"));
        }
        // What a probe meets while the host ends says nothing about the dependency.
        stopping.ThrowIfCancellationRequested();
        _state = new(failure is null, clock.GetUtcNow(), failure is null ? clock.GetElapsedTime(started).TotalMilliseconds : null);
        return failure;
    }
}
