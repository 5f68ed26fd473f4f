using Edge.Redis.Protocol;

namespace Edge.Redis.Connections;

/// <summary>
/// A command of the client itself (keep-alive, SCRIPT LOAD), whose reply only has to be drained. It has no deadline: silence
/// ends the connection.
/// </summary>
sealed class DrainedSlot() : CommandSlot(owners: 1)
{
    public override void Complete(ref RespReader reply)
    {
    }

    public override void Fail(RedisFailure failure)
    {
    }

    protected override void Recycle()
    {
    }
}

/// <summary>
/// SUBSCRIBE or UNSUBSCRIBE of one channel. On success Redis sends no reply but a push, in the place where the reply would
/// be; a refusal comes as an ordinary error in that place.
/// </summary>
sealed class SubscribeSlot(byte[] pushKind, Action<RedisFailure?> answer) : CommandSlot(owners: 1)
{
    public static readonly byte[] Subscribe = "subscribe"u8.ToArray();
    public static readonly byte[] Unsubscribe = "unsubscribe"u8.ToArray();

    public override bool IsConfirmedBy(ReadOnlySpan<byte> kind) => kind.SequenceEqual(pushKind);

    public override void Complete(ref RespReader reply) => answer(null);

    public override void Fail(RedisFailure failure) => answer(failure);

    protected override void Recycle()
    {
    }
}
