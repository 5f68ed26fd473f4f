using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Edge.Core.Caching.L2;

/// <summary>How a kind of value goes over the wire to the second level.</summary>
public interface ICacheCodec<T>
{
    /// <summary>Number of the layout. Bytes with another number are never read: take a new one with each change.</summary>
    ushort Format { get; }

    /// <summary>False: this value is not for the others (and nothing of what was written counts).</summary>
    bool TryWrite(T value, IBufferWriter<byte> to);

    /// <summary>False for bytes that the codec did not write. Never throws, whatever they are.</summary>
    /// <param name="bytes">Their own: the value may keep them.</param>
    /// <param name="sizeBytes">What the value takes in memory, as <see cref="Loaded{T}.SizeBytes"/>.</param>
    bool TryRead(ReadOnlyMemory<byte> bytes, [MaybeNullWhen(false)] out T value, out int sizeBytes);
}
