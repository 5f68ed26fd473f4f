using System.Buffers;
using Edge.Redis.Protocol;

namespace Edge.Redis.Connections;

/// <summary>
/// One command on its way: its place in the order of replies, and whoever waits for it.
/// <para>
/// <b>Claim.</b> Reply, deadline, cancellation and loss of the connection race for the right to answer the caller; the first
/// to <see cref="TryClaim"/> does, the others leave it alone.
/// </para>
/// <para>
/// <b>Two owners.</b> The caller owns the slot until it has taken the result, the queue until the reply has been drained. A
/// command that timed out is free of its caller but keeps its place, so the late reply meets its own slot and no other. When
/// both have let go, the slot is used again.
/// </para>
/// </summary>
abstract class CommandSlot(int owners)
{
    int _claimed;
    int _owners = owners;
    byte[]? _encoded;
    int _encodedBytes;

    /// <summary>Timestamp after which the caller is told Timeout.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Timestamp at which the command was queued.</summary>
    public long QueuedAt { get; set; }

    /// <summary>Bytes on the wire.</summary>
    public int ByteCount { get; set; }

    /// <summary>Set for EVALSHA, until it has been sent again after NOSCRIPT.</summary>
    public RedisScript? Script { get; set; }

    /// <summary>What <see cref="RedisFailure.MayHaveRun"/> of a server error depends on.</summary>
    public bool IsScript { get; set; }

    public bool IsPending => Volatile.Read(ref _claimed) == 0;

    public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

    /// <summary>Answers the caller. Only after a successful claim.</summary>
    public abstract void Complete(ref RespReader reply);

    /// <summary>Answers the caller. Only after a successful claim.</summary>
    public abstract void Fail(RedisFailure failure);

    /// <summary>True where this push is the confirmation that the slot waits for; it then takes the place of a reply.</summary>
    public virtual bool IsConfirmedBy(ReadOnlySpan<byte> pushKind) => false;

    protected abstract void Recycle();

    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) != 0) return;
        ForgetEncoded();
        Recycle();
    }

    /// <summary>A script's command is kept until its reply: the caller's arguments are gone by the time NOSCRIPT comes.</summary>
    public void KeepEncoded(ReadOnlySpan<byte> command)
    {
        _encoded = ArrayPool<byte>.Shared.Rent(command.Length);
        command.CopyTo(_encoded);
        _encodedBytes = command.Length;
    }

    public ReadOnlySpan<byte> Encoded => _encoded.AsSpan(0, _encodedBytes);

    public void ForgetEncoded()
    {
        if (_encoded is null) return;
        ArrayPool<byte>.Shared.Return(_encoded);
        _encoded = null;
        _encodedBytes = 0;
    }

    protected void Prepare(int owners)
    {
        Script = null;
        IsScript = false;
        Volatile.Write(ref _owners, owners);
        Volatile.Write(ref _claimed, 0);
    }
}
