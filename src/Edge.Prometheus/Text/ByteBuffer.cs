using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Edge.Prometheus.Text;

/// <summary>
/// Bytes that grow in place up to a limit and are used again. One writer. What does not fit the limit is an answer, not an exception: the buffer is
/// overfull then, what it holds is worth nothing, and writing on is harmless, so that the writer may look where it likes.
/// </summary>
internal sealed class ByteBuffer(int maxBytes, int initialBytes = 16 * 1024)
{
    byte[] _bytes = new byte[Math.Min(initialBytes, maxBytes)];
    int _length;

    public bool IsOverfull { get; private set; }

    public int Length => _length;

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    public void Clear()
    {
        _length = 0;
        IsOverfull = false;
    }

    /// <summary>Room for so many bytes; <see cref="Advance"/> keeps what was written there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Room(int count)
    {
        if (_bytes.Length - _length < count) Grow(count);
        return _bytes.AsSpan(_length);
    }

    public void Advance(int count)
    {
        Debug.Assert(count <= _bytes.Length - _length, "More was written than there was room.");
        _length += count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(byte value)
    {
        Room(1)[0] = value;
        _length++;
    }

    /// <summary>As UTF-8; half a surrogate pair becomes U+FFFD.</summary>
    public void Write(string text)
    {
        var room = Room(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, room);
    }

    public byte[] ToArray() => Span.ToArray();

    void Grow(int count)
    {
        if ((long)_length + count > maxBytes)
        {
            IsOverfull = true;
            _length = 0;
            if (count <= _bytes.Length) return;
        }

        var wanted = Math.Max((long)_length + count, Math.Min(2L * _bytes.Length, maxBytes));
        Array.Resize(ref _bytes, (int)Math.Min(wanted, Array.MaxLength));
    }
}
