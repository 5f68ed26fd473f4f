using System.Text;
using Edge.Redis.Protocol;

namespace Edge.Redis;

/// <summary>
/// A reply of any shape, as a tree. Comfortable, and it allocates: on a hot path write a <see cref="RedisReplyReader{T}"/>.
/// </summary>
public sealed class RedisReply
{
    RedisReply(RespKind kind) => Kind = kind;

    /// <summary><see cref="RespKind.Null"/> for each of the three forms of null.</summary>
    public RespKind Kind { get; }

    public bool IsNull => Kind == RespKind.Null;

    /// <summary>Integers and booleans; else 0.</summary>
    public long Integer { get; private init; }

    /// <summary>Doubles and integers; else 0.</summary>
    public double Double { get; private init; }

    /// <summary>Strings, and the text of errors; else empty.</summary>
    public byte[] Bytes { get; private init; } = [];

    /// <summary>Arrays, sets, and maps (key, value, key, …); else empty.</summary>
    public RedisReply[] Items { get; private init; } = [];

    public string Text => Encoding.UTF8.GetString(Bytes);

    // Depth is bounded by RespScanner.MaxDepth.
    internal static bool TryRead(ref RespReader reply, out RedisReply value)
    {
        var kind = reply.Kind;
        value = new RedisReply(RespKind.Null);
        if (reply.TryReadNull()) return true;
        if (reply.TryReadError(out var error))
        {
            value = new RedisReply(RespKind.Error) { Bytes = Encoding.UTF8.GetBytes(error) };
            return true;
        }

        if (reply.TryReadArray(out var count)) return TryReadItems(ref reply, kind, count, out value);
        if (kind is RespKind.Integer or RespKind.Boolean && reply.TryReadInteger(out var integer))
        {
            value = new RedisReply(kind) { Integer = integer, Double = integer };
            return true;
        }

        if (kind == RespKind.Double && reply.TryReadDouble(out var number))
        {
            value = new RedisReply(kind) { Double = number };
            return true;
        }

        if (!reply.TryReadBytes(out var bytes)) return false;
        value = new RedisReply(kind) { Bytes = bytes! };
        return true;
    }

    static bool TryReadItems(ref RespReader reply, RespKind kind, int count, out RedisReply value)
    {
        var items = new RedisReply[count];
        value = new RedisReply(kind) { Items = items };
        for (var i = 0; i < count; i++)
        {
            if (!TryRead(ref reply, out items[i])) return false;
        }

        return true;
    }
}
