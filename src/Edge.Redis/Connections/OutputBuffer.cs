using System.Buffers;
using System.Buffers.Text;

namespace Edge.Redis.Connections;

/// <summary>Commands, encoded, waiting to be sent. Grows in pooled arrays and gives a large one back once it has been sent.</summary>
sealed class OutputBuffer
{
    const int InitialBytes = 16 * 1024;
    const int KeptBytes = 256 * 1024;

    byte[] _array = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _array.AsMemory(0, Length);

    public void Reserve(int bytes)
    {
        if (_array.Length - Length >= bytes) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(InitialBytes, Math.Max(Length + bytes, Math.Min(_array.Length, 1 << 29) * 2)));
        Written.CopyTo(larger);
        Return();
        _array = larger;
    }

    public void Clear()
    {
        Length = 0;
        if (_array.Length <= KeptBytes) return;
        Return();
        _array = [];
    }

    /// <summary>Moves what lies at <paramref name="from"/> forward to <paramref name="to"/>: commands between them are given up.</summary>
    public void Move(int from, int to, int bytes) => _array.AsSpan(from, bytes).CopyTo(_array.AsSpan(to));

    public void Truncate(int length) => Length = length;

    public void AppendHeader(byte marker, int number)
    {
        var to = _array.AsSpan(Length);
        to[0] = marker;
        Utf8Formatter.TryFormat(number, to[1..], out var digits);
        to[digits + 1] = (byte)'\r';
        to[digits + 2] = (byte)'\n';
        Length += digits + 3;
    }

    public void AppendWord(in RedisArg word)
    {
        // The length stands before the word. Where its digits are as many as the upper bound's, as nearly always, the word is
        // written to its place at once; a number's bound is 20, so a number is moved.
        var bound = word.MaxByteCount;
        var headerBytes = 3 + Digits(bound);
        var to = _array.AsSpan(Length);
        var written = word.Write(to[headerBytes..]);
        var exact = 3 + Digits(written);
        if (exact != headerBytes) to.Slice(headerBytes, written).CopyTo(to[exact..]);
        AppendHeader((byte)'$', written);
        Length += written;
        _array[Length++] = (byte)'\r';
        _array[Length++] = (byte)'\n';
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_array.AsSpan(Length));
        Length += bytes.Length;
    }

    static int Digits(int number)
    {
        var digits = 1;
        while ((number /= 10) > 0) digits++;
        return digits;
    }

    void Return()
    {
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
    }
}
