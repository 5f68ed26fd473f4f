namespace Edge.Redis;

/// <summary>What a subscription tells its reader.</summary>
public enum RedisEventKind
{
    /// <summary>A message; <see cref="RedisEvent.Payload"/> holds it.</summary>
    Message,

    /// <summary>
    /// The server has confirmed the subscription, for the first time or again after a loss. Every message published before
    /// this point may have been missed; none published after it is, until the next LinkLost or Overflowed.
    /// </summary>
    Subscribed,

    /// <summary>The link is gone; messages are being missed until the next Subscribed.</summary>
    LinkLost,

    /// <summary>
    /// The reader was too slow and something was dropped: messages, or a LinkLost with its Subscribed.
    /// <see cref="RedisSubscription.IsLive"/> says how the link is now.
    /// </summary>
    Overflowed,

    /// <summary>
    /// The server refused the subscription (ACL); <see cref="RedisEvent.Failure"/> says why. Tried again at the next connection.
    /// </summary>
    Refused,
}

/// <summary>One event of a subscription.</summary>
public readonly record struct RedisEvent(RedisEventKind Kind, ReadOnlyMemory<byte> Payload, RedisFailure? Failure)
{
    internal static RedisEvent Of(RedisEventKind kind, RedisFailure? failure = null) => new(kind, default, failure);
}
