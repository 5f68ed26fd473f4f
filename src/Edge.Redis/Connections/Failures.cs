namespace Edge.Redis.Connections;

/// <summary>The failures that need no words of their own. Shared, so that a storm of them costs nothing.</summary>
static class Failures
{
    public static readonly RedisFailure TimedOutUnsent =
        new(RedisFailureKind.Timeout, false, "the deadline passed before the command was sent");

    public static readonly RedisFailure TimedOutSent =
        new(RedisFailureKind.Timeout, true, "the deadline passed before the reply came");

    public static readonly RedisFailure TooManyInFlight =
        new(RedisFailureKind.QueueFull, false, "MaxInFlight commands are waiting for their replies; raise it, or ask for less at once");

    public static readonly RedisFailure TooManyBytes =
        new(RedisFailureKind.QueueFull, false, "the command does not fit within MaxQueuedBytes with what is already unsent");

    public static readonly RedisFailure UnexpectedReply =
        new(RedisFailureKind.Protocol, true, "the reply is not of a type that this command has");

    public static readonly RedisFailure Disposed =
        new(RedisFailureKind.NotConnected, false, "the Redis client has been disposed");

    public static RedisFailure Lost(string reason) => new(RedisFailureKind.ConnectionLost, true, reason);

    public static RedisFailure NotResp(string problem) => new(RedisFailureKind.Protocol, true, "not RESP: " + problem);

    /// <summary>The same event, for a command that had not been handed to the socket.</summary>
    public static RedisFailure Unsent(RedisFailure failure) => failure with { MayHaveRun = false };
}
