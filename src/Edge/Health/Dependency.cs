using System.Globalization;

namespace Edge.Health;

/// <summary>Why a server counts as down, for the log only: it may hold addresses and the server's own words.</summary>
/// <param name="Kind">One word.</param>
internal sealed record ProbeFailure(string Kind, string Text);

/// <summary>
/// A server that Edge needs, and how to ask whether it answers. The last answer is kept, so that a health request costs no I/O.
/// </summary>
/// <remarks>
/// A probe has no token: told to cancel, Npgsql asks the server to, over a new connection and blocking a thread that the requests need, for
/// seconds where the server is frozen. Past its deadline a probe is waited for no more, and the next one waits for it too instead of asking again,
/// so that at most one waits for it however long the server is silent.
/// </remarks>
/// <param name="probe">Null: the server answers. Does not throw, and ends by itself, however late.</param>
internal sealed class Dependency(string name, Func<ValueTask<ProbeFailure?>> probe)
{
    Task<ProbeFailure?>? _late;
    volatile DependencyState _state = DependencyState.Unknown;

    /// <summary>Something that this instance needs and nobody told it where to find.</summary>
    public static Dependency NotConfigured(string name) => new(name, static () => new((ProbeFailure?)null)) { IsConfigured = false, _state = DependencyState.Down };

    public string Name => name;

    public bool IsConfigured { get; private init; } = true;

    public DependencyState State => _state;

    /// <summary>Asks, and keeps the answer. Returns why it failed, or null. Not for two callers at once.</summary>
    public async ValueTask<ProbeFailure?> Probe(TimeProvider clock, TimeSpan deadline, CancellationToken stopping)
    {
        if (!IsConfigured)
            return null;
        var started = clock.GetTimestamp();
        ProbeFailure? failure;
        // What a late one has found meanwhile may be old.
        var asked = _late is { IsCompleted: false } ? _late : probe().AsTask();
        try
        {
            failure = await asked.WaitAsync(deadline, clock, stopping);
            _late = null;
        }
        catch (TimeoutException)
        {
            _late = asked;
            failure = new("Timeout", string.Create(CultureInfo.InvariantCulture, $"no answer within {deadline.TotalSeconds} s"));
        }
        // What a probe meets while the host ends says nothing about the dependency.
        stopping.ThrowIfCancellationRequested();
        _state = new(failure is null, clock.GetUtcNow(), failure is null ? clock.GetElapsedTime(started).TotalMilliseconds : null);
        return failure;
    }
}
