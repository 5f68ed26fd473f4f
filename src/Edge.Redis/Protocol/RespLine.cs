using System.Buffers;

namespace Edge.Redis.Protocol;

/// <summary>What scanner and reader share: the line that every element starts with.</summary>
static class RespLine
{
    public enum Outcome
    {
        Found,
        Incomplete,
        Invalid,
    }

    /// <summary>
    /// Takes the line at the reader's place: its type byte and what stands between that and CR LF. Copies only where the line
    /// lies across two segments of the pipe.
    /// </summary>
    public static Outcome TryRead(scoped ref SequenceReader<byte> input, int maxLineBytes, out RespKind kind, out ReadOnlySpan<byte> line)
    {
        var unread = input.UnreadSpan;
        var end = unread.IndexOf((byte)'\r');
        if (end > 0 && end + 1 < unread.Length)
        {
            kind = (RespKind)unread[0];
            line = unread[1..end];
            if (unread[end + 1] != (byte)'\n' || line.Length > maxLineBytes) return Outcome.Invalid;
            input.Advance(end + 2);
            return Outcome.Found;
        }

        return TryReadSlowly(ref input, maxLineBytes, out kind, out line);
    }

    static Outcome TryReadSlowly(scoped ref SequenceReader<byte> input, int maxLineBytes, out RespKind kind, out ReadOnlySpan<byte> line)
    {
        kind = RespKind.None;
        if (!input.TryReadTo(out line, (byte)'\r'))
            return input.Remaining > maxLineBytes ? Outcome.Invalid : Outcome.Incomplete;
        if (line.IsEmpty || line.Length > maxLineBytes) return Outcome.Invalid;
        kind = (RespKind)line[0];
        line = line[1..];
        if (!input.TryRead(out var next)) return Outcome.Incomplete;
        return next == (byte)'\n' ? Outcome.Found : Outcome.Invalid;
    }

    /// <summary>Strict: an optional sign, one to nineteen digits, no overflow, nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        var negative = !digits.IsEmpty && digits[0] == (byte)'-';
        if (negative || (!digits.IsEmpty && digits[0] == (byte)'+')) digits = digits[1..];
        if (digits.Length is 0 or > 19) return false;
        ulong sum = 0;
        foreach (var digit in digits)
        {
            var value = (uint)(digit - '0');
            if (value > 9) return false;
            sum = sum * 10 + value;
        }

        if (sum > long.MaxValue + (negative ? 1UL : 0UL)) return false;
        number = negative ? unchecked(-(long)sum) : (long)sum;
        return true;
    }
}
