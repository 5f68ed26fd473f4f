namespace Edge.Redis;

/// <summary>Where the link is; the essay on <see cref="RedisClient"/> says what each state means for a caller.</summary>
public enum RedisLinkState
{
    /// <summary>Nothing has been asked of the client yet; it has opened no socket.</summary>
    Idle,

    /// <summary>First attempt of a connection, at the start or after a stable one was lost. Commands wait for it.</summary>
    Connecting,

    /// <summary>Connected, logged in, database selected.</summary>
    Ready,

    /// <summary>An attempt has failed. Commands fail at once; attempts go on in the background.</summary>
    Down,

    /// <summary>Disposed.</summary>
    Closed,
}

/// <summary>A snapshot for probes, logs and metrics.</summary>
/// <param name="State">State of the command link.</param>
/// <param name="Problem">For the log: why the link is not ready, or was last lost. Null if it never was.</param>
/// <param name="ProtocolVersion">3, or 2 where the server does not know HELLO; 0 before the first connection.</param>
/// <param name="ServerVersion">As HELLO reports it; empty under RESP2.</param>
/// <param name="Connections">Connections that have become ready so far.</param>
/// <param name="InFlight">Commands queued or waiting for their reply now.</param>
/// <param name="Timeouts">Commands that have failed by their deadline so far.</param>
/// <param name="UnknownPushes">Push messages of kinds that this client does not know, so far.</param>
public sealed record RedisStatus(
    RedisLinkState State,
    string? Problem,
    int ProtocolVersion,
    string ServerVersion,
    long Connections,
    int InFlight,
    long Timeouts,
    long UnknownPushes);
