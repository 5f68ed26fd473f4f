using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Edge.Core.Caching.L2;
using Edge.Redis.Protocol;

namespace Edge.Redis.Caching;

/// <summary>
/// Reads what the scripts answer, in place. An epoch lasts for weeks and comes with each reply: the last one's text is used again.
/// </summary>
sealed class L2Replies
{
    public static readonly RedisReplyReader<L2Stored> Stored = static (ref RespReader reply, out L2Stored value) =>
    {
        var isRead = reply.TryReadInteger(out var number) && number is >= 0 and <= 2;
        value = (L2Stored)number;
        return isRead;
    };

    public readonly RedisReplyReader<L2Fetch> Fetch;
    public readonly RedisReplyReader<L2Generations> Moved;
    public readonly RedisReplyReader<L2Generations> AllGenerations;

    EpochText _epoch = new(0, "0");

    public L2Replies()
    {
        Fetch = TryReadFetch;
        Moved = TryReadMoved;
        AllGenerations = TryReadAllGenerations;
    }

    sealed record EpochText(long Number, string Text);

    bool TryReadFetch(ref RespReader reply, out L2Fetch value)
    {
        value = default;
        if (!reply.TryReadArray(out var parts) || parts != 7 || !reply.TryReadArray(out var stands) || stands < 2) return false;
        if (!TryReadPosition(ref reply, out var position) || !TryReadGenerations(ref reply, stands - 2, out var at)) return false;
        if (!reply.TryReadInteger(out var lease) || lease is < 0 or > 2 || !reply.TryReadInteger(out var waitMs)) return false;
        if (!reply.TryReadBoolean(out var isSuspect) || !reply.TryReadInteger(out var ageMs) || !reply.TryReadInteger(out var freshMs)) return false;
        if (!reply.TryReadBytes(out var entry)) return false;
        value = new(position, at, entry, isSuspect, ageMs, freshMs, (L2Lease)lease, (int)Math.Clamp(waitMs, 0, int.MaxValue));
        return true;
    }

    bool TryReadMoved(ref RespReader reply, out L2Generations value)
    {
        value = default;
        if (!reply.TryReadArray(out var parts) || parts != 4 || !TryReadPosition(ref reply, out var position)) return false;
        if (!reply.TryReadArray(out var count) || !TryReadGenerations(ref reply, count, out var at) || !reply.TryReadBoolean(out var isRepeat)) return false;
        value = new(position, [], at, isRepeat);
        return true;
    }

    bool TryReadAllGenerations(ref RespReader reply, out L2Generations value)
    {
        value = default;
        if (!reply.TryReadArray(out var parts) || parts != 3 || !TryReadPosition(ref reply, out var position)) return false;
        if (!reply.TryReadSpan(out var words)) return false;
        var everyPlace = new uint[words.Length / sizeof(uint)];
        var count = 0;
        for (var place = 0; place < everyPlace.Length; place++)
        {
            everyPlace[place] = BinaryPrimitives.ReadUInt32BigEndian(words[(place * sizeof(uint))..]);
            if (everyPlace[place] > 0) count++;
        }

        var (places, at) = (new int[count], new uint[count]);
        for (var place = everyPlace.Length - 1; place >= 0; place--)
            if (everyPlace[place] > 0) (places[--count], at[count]) = (place, everyPlace[place]);
        value = new(position, places, at);
        return true;
    }

    bool TryReadPosition(ref RespReader reply, out L2Position position)
    {
        position = default;
        if (!reply.TryReadInteger(out var epoch) || !reply.TryReadInteger(out var version)) return false;
        var last = _epoch;
        if (epoch != last.Number) _epoch = last = new(epoch, epoch.ToString(CultureInfo.InvariantCulture));
        position = new(last.Text, version);
        return true;
    }

    static bool TryReadGenerations(ref RespReader reply, int count, [MaybeNullWhen(false)] out uint[] at)
    {
        at = new uint[count];
        for (var i = 0; i < count; i++)
        {
            if (!reply.TryReadInteger(out var generation) || generation is < 0 or > uint.MaxValue) return false;
            at[i] = (uint)generation;
        }
        return true;
    }
}
