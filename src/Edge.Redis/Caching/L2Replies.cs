using System.Diagnostics.CodeAnalysis;
using System.Text;
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

    EpochText _epoch = new([], "");

    public L2Replies()
    {
        Fetch = TryReadFetch;
        Moved = TryReadMoved;
        AllGenerations = TryReadAllGenerations;
    }

    sealed record EpochText(byte[] Utf8, string Text);

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
        if (!reply.TryReadArray(out var parts) || parts != 3 || !TryReadPosition(ref reply, out var position)) return false;
        if (!reply.TryReadArray(out var count) || !TryReadGenerations(ref reply, count, out var at)) return false;
        value = new(position, [], at);
        return true;
    }

    bool TryReadAllGenerations(ref RespReader reply, out L2Generations value)
    {
        value = default;
        if (!reply.TryReadArray(out var words)) return false;
        var places = new int[words / 2];
        var at = new uint[words / 2];
        var count = 0;
        var epoch = "";
        var version = 0L;
        for (var i = 0; i < words / 2; i++)
        {
            if (!reply.TryReadSpan(out var name)) return false;
            if (name.SequenceEqual("e"u8))
            {
                if (!TryReadEpoch(ref reply, out epoch)) return false;
            }
            else if (name.SequenceEqual("v"u8))
            {
                if (!reply.TryReadInteger(out version)) return false;
            }
            else if (RespLine.TryParse(name, out var place) && place is >= 0 and <= int.MaxValue)
            {
                if (!TryReadGeneration(ref reply, out at[count])) return false;
                places[count++] = (int)place;
            }
            else
            {
                // Of a later version of this code.
                reply.Skip();
            }
        }

        value = new(new(epoch, version), places[..count], at[..count]);
        return epoch.Length > 0;
    }

    bool TryReadPosition(ref RespReader reply, out L2Position position)
    {
        position = default;
        if (!TryReadEpoch(ref reply, out var epoch) || !reply.TryReadInteger(out var version)) return false;
        position = new(epoch, version);
        return true;
    }

    bool TryReadEpoch(ref RespReader reply, [MaybeNullWhen(false)] out string text)
    {
        text = null;
        if (!reply.TryReadSpan(out var utf8) || utf8.IsEmpty) return false;
        var last = _epoch;
        if (!utf8.SequenceEqual(last.Utf8)) _epoch = last = new(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        text = last.Text;
        return true;
    }

    static bool TryReadGenerations(ref RespReader reply, int count, [MaybeNullWhen(false)] out uint[] at)
    {
        at = new uint[count];
        for (var i = 0; i < count; i++)
            if (!TryReadGeneration(ref reply, out at[i])) return false;
        return true;
    }

    static bool TryReadGeneration(ref RespReader reply, out uint generation)
    {
        var isRead = reply.TryReadInteger(out var number) && number is >= 0 and <= uint.MaxValue;
        generation = (uint)number;
        return isRead;
    }
}
