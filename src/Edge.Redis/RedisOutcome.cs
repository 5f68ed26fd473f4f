namespace Edge.Redis;

/// <summary>How a command ended: as its <see cref="RedisFailureKind"/>, or in one of two other ways.</summary>
public enum RedisOutcome
{
    Ok,

    /// <inheritdoc cref="RedisFailureKind.Server"/>
    Server,

    /// <summary>As <see cref="RedisFailureKind.Protocol"/>; also a reply on which the caller's own reader threw.</summary>
    Protocol,

    /// <inheritdoc cref="RedisFailureKind.Timeout"/>
    Timeout,

    /// <inheritdoc cref="RedisFailureKind.ConnectionLost"/>
    ConnectionLost,

    /// <inheritdoc cref="RedisFailureKind.QueueFull"/>
    QueueFull,

    /// <inheritdoc cref="RedisFailureKind.NotConnected"/>
    NotConnected,

    /// <summary>The caller's token was cancelled first.</summary>
    Cancelled,
}

/// <summary>Outcomes as others know them.</summary>
public static class RedisOutcomes
{
    public static RedisOutcome Of(RedisFailureKind failure) => failure switch
    {
        RedisFailureKind.Server => RedisOutcome.Server,
        RedisFailureKind.Timeout => RedisOutcome.Timeout,
        RedisFailureKind.ConnectionLost => RedisOutcome.ConnectionLost,
        RedisFailureKind.QueueFull => RedisOutcome.QueueFull,
        RedisFailureKind.NotConnected => RedisOutcome.NotConnected,
        _ => RedisOutcome.Protocol,
    };

    /// <summary>For the label of a metric, as in "connection_lost".</summary>
    public static string Word(RedisOutcome outcome) => outcome switch
    {
        RedisOutcome.Ok => "ok",
        RedisOutcome.Server => "server",
        RedisOutcome.Timeout => "timeout",
        RedisOutcome.ConnectionLost => "connection_lost",
        RedisOutcome.QueueFull => "queue_full",
        RedisOutcome.NotConnected => "not_connected",
        RedisOutcome.Cancelled => "cancelled",
        _ => "protocol",
    };
}
