using System.Buffers.Text;
using System.Text;

namespace Edge.Redis;

/// <summary>
/// One word of a command: text (sent as UTF-8), bytes, or a whole number. Made by conversion, so that a call reads
/// <c>Eval(script, ["bucket:7"], [limit, windowMs], …)</c> and allocates nothing. It is copied to the wire before the
/// call returns; bytes may be reused afterwards.
/// </summary>
public readonly struct RedisArg
{
    readonly ReadOnlyMemory<byte> _bytes;
    readonly string? _text;
    readonly long _number;
    readonly bool _isNumber;

    RedisArg(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    RedisArg(string text) => _text = text;

    RedisArg(long number)
    {
        _number = number;
        _isNumber = true;
    }

    public static implicit operator RedisArg(string text) => new(text);

    public static implicit operator RedisArg(byte[] bytes) => new((ReadOnlyMemory<byte>)bytes);

    public static implicit operator RedisArg(ReadOnlyMemory<byte> bytes) => new(bytes);

    public static implicit operator RedisArg(long number) => new(number);

    /// <summary>Bytes of the word itself; an upper bound for a number.</summary>
    internal int MaxByteCount => _isNumber ? 20 : _text is null ? _bytes.Length : Encoding.UTF8.GetByteCount(_text);

    /// <summary>Writes the word and returns its length.</summary>
    internal int Write(Span<byte> to)
    {
        if (_isNumber)
        {
            Utf8Formatter.TryFormat(_number, to, out var written);
            return written;
        }

        if (_text is not null) return Encoding.UTF8.GetBytes(_text, to);
        _bytes.Span.CopyTo(to);
        return _bytes.Length;
    }
}
