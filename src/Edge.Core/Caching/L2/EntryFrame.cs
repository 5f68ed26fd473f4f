using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Edge.Core.Caching.L2;

/// <summary>
/// An entry as bytes in the second level. Little endian:
/// <code>
///   0  'E'          4  load time, ms, u32      16  length of the value, u32
///   1  version: 1   8  kept since its load,    20  the value, as its codec wrote it
///   2  format, u16     ms, u64                  n  CRC-32C of all before, u32
/// </code>
/// The format belongs to the codec: a codec whose bytes change takes another number. Whatever is not exactly this (cut, altered, another
/// version, another format) is a miss. Its age is not in it: the store's clock tells that.
/// </summary>
internal static class EntryFrame
{
    public const int HeaderBytes = 20;
    public const int TrailerBytes = 4;

    const byte Magic = (byte)'E';
    const byte Version = 1;

    /// <summary>False: the codec does not share this value.</summary>
    public static bool TryWrite<T>(T value, ICacheCodec<T> codec, long loadMs, long keepMs, out ReadOnlyMemory<byte> frame)
    {
        var to = new ArrayBufferWriter<byte>(1024);
        to.GetSpan(HeaderBytes)[..HeaderBytes].Clear();
        to.Advance(HeaderBytes);
        frame = default;
        if (!codec.TryWrite(value, to))
            return false;
        to.GetSpan(TrailerBytes);
        to.Advance(TrailerBytes);
        // Its own buffer, just written: there is no other way to go back in it.
        var bytes = MemoryMarshal.AsMemory(to.WrittenMemory);
        var span = bytes.Span;
        (span[0], span[1]) = (Magic, Version);
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], codec.Format);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], (uint)Math.Clamp(loadMs, 0, uint.MaxValue));
        BinaryPrimitives.WriteUInt64LittleEndian(span[8..], (ulong)Math.Max(0, keepMs));
        BinaryPrimitives.WriteUInt32LittleEndian(span[16..], (uint)(span.Length - HeaderBytes - TrailerBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(span[^TrailerBytes..], Crc32C(span[..^TrailerBytes]));
        frame = bytes;
        return true;
    }

    /// <param name="frame">The value may go on using it.</param>
    public static bool TryRead<T>(ReadOnlyMemory<byte> frame, ICacheCodec<T> codec, out Framed<T> read)
    {
        read = default;
        var span = frame.Span;
        if (span.Length < HeaderBytes + TrailerBytes || span[0] != Magic || span[1] != Version
            || BinaryPrimitives.ReadUInt16LittleEndian(span[2..]) != codec.Format
            || BinaryPrimitives.ReadUInt32LittleEndian(span[16..]) != (uint)(span.Length - HeaderBytes - TrailerBytes)
            || BinaryPrimitives.ReadUInt32LittleEndian(span[^TrailerBytes..]) != Crc32C(span[..^TrailerBytes])
            || BinaryPrimitives.ReadUInt64LittleEndian(span[8..]) is var keepMs && keepMs > long.MaxValue
            || !codec.TryRead(frame[HeaderBytes..^TrailerBytes], out var value, out var sizeBytes))
            return false;
        read = new(value, sizeBytes, BinaryPrimitives.ReadUInt32LittleEndian(span[4..]), (long)keepMs);
        return true;
    }

    /// <summary>Castagnoli's: one instruction per eight bytes where the processor has it.</summary>
    static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}

/// <param name="SizeBytes">What the value takes in memory.</param>
/// <param name="KeepMs">From its load on.</param>
internal readonly record struct Framed<T>(T Value, int SizeBytes, long LoadMs, long KeepMs);
