namespace Edge.Core.Metrics;

/// <summary>
/// Counts of <see cref="LatencyScale.Slots"/> slots in few bytes. Most are 0 and most others small and beside each other: a slot that is not 0 is its
/// count shifted left by one, and in the lowest bit whether it follows the one before it; if not, how far it is from there comes next. All in groups of
/// seven bits, the lowest first, as LEB128 has them. A neighbour with a count below 64 is one byte, a lonely one two.
/// </summary>
internal static class SparseCounts
{
    /// <summary>Of one slot: ten of a count, or those and two of a distance, of which there are then half as many.</summary>
    const int BytesPerSlot = 10;

    /// <param name="counts">0 or more each.</param>
    public static byte[] Encode(ReadOnlySpan<long> counts)
    {
        Span<byte> buffer = stackalloc byte[LatencyScale.Slots * BytesPerSlot];
        var (length, before) = (0, -1);
        for (var slot = 0; slot < counts.Length; slot++)
        {
            if (counts[slot] == 0)
                continue;
            var distance = slot - before;
            before = slot;
            Write(buffer, ref length, ((ulong)counts[slot] << 1) | (distance == 1 ? 1UL : 0));
            if (distance > 1)
                Write(buffer, ref length, (ulong)distance);
        }
        return buffer[..length].ToArray();
    }

    /// <summary>Adds what was encoded to what is there.</summary>
    public static void AddTo(ReadOnlySpan<byte> encoded, Span<long> counts)
    {
        for (var (at, slot) = (0, -1); at < encoded.Length;)
        {
            var head = Read(encoded, ref at);
            slot += (head & 1) == 1 ? 1 : (int)Read(encoded, ref at);
            counts[slot] += (long)(head >> 1);
        }
    }

    static void Write(Span<byte> buffer, ref int at, ulong value)
    {
        for (; value > 0x7F; value >>= 7)
            buffer[at++] = (byte)(value | 0x80);
        buffer[at++] = (byte)value;
    }

    static ulong Read(ReadOnlySpan<byte> encoded, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var group = encoded[at++];
            value |= (ulong)(group & 0x7F) << shift;
            if (group <= 0x7F)
                return value;
        }
    }
}
