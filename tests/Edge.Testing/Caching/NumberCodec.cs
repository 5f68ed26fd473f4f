using System.Buffers;
using System.Buffers.Binary;
using Edge.Core.Caching.L2;

namespace Edge.Testing.Caching;

/// <summary>The simplest codec: four bytes, little endian.</summary>
public sealed class NumberCodec(ushort format = 1) : ICacheCodec<int>
{
    public ushort Format => format;

    public bool TryWrite(int value, IBufferWriter<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(sizeof(int)), value);
        to.Advance(sizeof(int));
        return true;
    }

    public bool TryRead(ReadOnlyMemory<byte> bytes, out int value, out int sizeBytes)
    {
        sizeBytes = 8;
        return BinaryPrimitives.TryReadInt32LittleEndian(bytes.Span, out value);
    }
}
