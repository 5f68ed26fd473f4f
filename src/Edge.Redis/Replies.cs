using System.Diagnostics.CodeAnalysis;
using Edge.Redis.Protocol;

namespace Edge.Redis;

/// <summary>The readers of the common replies.</summary>
public static class Replies
{
    /// <summary>A string as a new array; null where Redis has none.</summary>
    public static readonly RedisReplyReader<byte[]?> Bytes =
        static (ref RespReader reply, out byte[]? value) => reply.TryReadBytes(out value);

    /// <summary>A string as text; null where Redis has none.</summary>
    public static readonly RedisReplyReader<string?> Text =
        static (ref RespReader reply, out string? value) => reply.TryReadString(out value);

    /// <summary>A whole number.</summary>
    public static readonly RedisReplyReader<long> Integer =
        static (ref RespReader reply, out long value) => reply.TryReadInteger(out value);

    /// <summary>0 and 1, or a boolean.</summary>
    public static readonly RedisReplyReader<bool> Flag =
        static (ref RespReader reply, out bool value) => reply.TryReadBoolean(out value);

    /// <summary>True for +OK, false for null: SET with a condition.</summary>
    public static readonly RedisReplyReader<bool> Done = static (ref RespReader reply, out bool value) =>
    {
        value = false;
        if (reply.TryReadNull()) return true;
        value = reply.TryReadSpan(out var text) && text.SequenceEqual("OK"u8);
        return value;
    };

    /// <summary>Strings, some of them null.</summary>
    public static readonly RedisReplyReader<byte[]?[]> ByteArrays = ReadByteArrays;

    /// <summary>Whatever comes, as a tree.</summary>
    public static readonly RedisReplyReader<RedisReply> Any = RedisReply.TryRead;

    internal static readonly RedisReplyReader<bool> Pong = static (ref RespReader reply, out bool value) =>
    {
        // A RESP2 connection that has subscribed answers PING with an array of two.
        if (reply.TryReadArray(out _)) return value = true;
        value = reply.TryReadSpan(out var text) && text.SequenceEqual("PONG"u8);
        return value;
    };

    internal static readonly RedisReplyReader<DateTimeOffset> Time = static (ref RespReader reply, out DateTimeOffset value) =>
    {
        value = default;
        if (!reply.TryReadArray(out var count) || count != 2) return false;
        if (!reply.TryReadInteger(out var seconds) || !reply.TryReadInteger(out var microseconds)) return false;
        if (seconds is < 0 or > 253_402_300_799 || microseconds is < 0 or > 999_999) return false;
        value = DateTimeOffset.FromUnixTimeSeconds(seconds).AddMicroseconds(microseconds);
        return true;
    };

    internal static readonly RedisReplyReader<RedisScanPage> ScanPage = static (ref RespReader reply, out RedisScanPage value) =>
    {
        value = default;
        if (!reply.TryReadArray(out var count) || count != 2) return false;
        // A cursor is an unsigned 64-bit number: not every one fits TryReadInteger.
        if (!reply.TryReadString(out var cursor) || !ulong.TryParse(cursor, out var next)) return false;
        if (!ReadByteArrays(ref reply, out var keys)) return false;
        value = new RedisScanPage(next, keys!);
        return true;
    };

    static bool ReadByteArrays(ref RespReader reply, [MaybeNullWhen(false)] out byte[]?[] value)
    {
        value = null;
        if (!reply.TryReadArray(out var count)) return false;
        value = new byte[]?[count];
        for (var i = 0; i < count; i++)
        {
            if (!reply.TryReadBytes(out value[i])) return false;
        }

        return true;
    }
}

/// <summary>One step of SCAN.</summary>
/// <param name="Cursor">What the next step is asked with; 0 after the last one.</param>
/// <param name="Keys">May be empty before the last step, and may repeat a key of another one.</param>
public readonly record struct RedisScanPage(ulong Cursor, byte[][] Keys);
