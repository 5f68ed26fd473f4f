using System.Buffers;

namespace Edge.Redis.Protocol;

/// <summary>
/// Finds where a reply ends, without reading what it says, and refuses what is no RESP or too large.
/// <para>
/// It is resumable: it remembers how far into the unfinished reply it has come and how many elements are still open at each
/// depth, so that a reply that arrives in a thousand pieces is walked once, not a thousand times. Only when a reply is whole
/// does anything read it (<see cref="RespReader"/>), so readers never meet a missing byte, and nothing is allocated on the
/// word of a length that the bytes have not made good.
/// </para>
/// <para>
/// Bounds: bytes of a reply, elements of a reply, depth, bytes of a line. Streamed aggregates (<c>*?</c>) of the RESP3 draft are
/// refused: no Redis sends them.
/// </para>
/// </summary>
sealed class RespScanner
{
    public enum Status
    {
        Complete,
        Incomplete,
        Invalid,
    }

    public const int MaxDepth = 16;
    public const int MaxElements = 1 << 20;
    public const int MaxLineBytes = 64 * 1024;

    readonly long _maxReplyBytes;
    readonly long[] _open = new long[MaxDepth];
    int _depth;
    long _scanned;
    int _elements;

    public RespScanner(long maxReplyBytes)
    {
        _maxReplyBytes = maxReplyBytes;
        Reset();
    }

    /// <summary>What was wrong, after <see cref="Status.Invalid"/>.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>
    /// <paramref name="buffer"/> starts at the same reply at each call until it is complete. After Complete the scanner is
    /// ready for the next reply; after Invalid it must not be used again.
    /// </summary>
    public Status Scan(in ReadOnlySequence<byte> buffer, out long replyBytes)
    {
        replyBytes = 0;
        var input = new SequenceReader<byte>(buffer);
        if (_scanned > 0) input.Advance(_scanned);
        while (_open[0] > 0)
        {
            var status = ScanElement(ref input);
            if (status != Status.Complete) return status;
            _scanned = input.Consumed;
            if (_scanned > _maxReplyBytes) return Refuse("a reply exceeds MaxReplyBytes");
        }

        replyBytes = _scanned;
        Reset();
        return Status.Complete;
    }

    void Reset()
    {
        _depth = 0;
        _open[0] = 1;
        _scanned = 0;
        _elements = 0;
    }

    Status ScanElement(ref SequenceReader<byte> input)
    {
        switch (RespLine.TryRead(ref input, MaxLineBytes, out var kind, out var line))
        {
            case RespLine.Outcome.Incomplete: return Status.Incomplete;
            case RespLine.Outcome.Invalid: return Refuse("a line without its end");
        }

        if (++_elements > MaxElements) return Refuse("a reply has too many elements");
        switch (kind)
        {
            case RespKind.SimpleString or RespKind.Error or RespKind.Double or RespKind.BigNumber:
                return Close();
            case RespKind.Integer:
                return RespLine.TryParse(line, out _) ? Close() : Refuse("an integer that is none");
            case RespKind.Null:
                return line.IsEmpty ? Close() : Refuse("a null with content");
            case RespKind.Boolean:
                return line is [(byte)'t' or (byte)'f'] ? Close() : Refuse("a boolean that is neither t nor f");
            case RespKind.BulkString or RespKind.BulkError or RespKind.VerbatimString:
                return ScanBulk(ref input, kind, line);
            case RespKind.Push when _depth > 0:
                return Refuse("a push inside a reply");
            case RespKind.Array or RespKind.Map or RespKind.Set or RespKind.Push or RespKind.Attribute:
                return ScanAggregate(kind, line);
            default:
                return Refuse("an unknown type byte");
        }
    }

    Status ScanBulk(ref SequenceReader<byte> input, RespKind kind, scoped ReadOnlySpan<byte> line)
    {
        if (!RespLine.TryParse(line, out var length)) return Refuse("a length that is no number");
        if (length == -1 && kind == RespKind.BulkString) return Close();
        if (length < (kind == RespKind.VerbatimString ? 4 : 0)) return Refuse("a length out of range");
        if (length > _maxReplyBytes - _scanned) return Refuse("a reply exceeds MaxReplyBytes");
        if (input.Remaining < length + 2) return Status.Incomplete;
        input.Advance(length);
        input.TryRead(out var cr);
        input.TryRead(out var lf);
        return cr == (byte)'\r' && lf == (byte)'\n' ? Close() : Refuse("a string longer than its length");
    }

    Status ScanAggregate(RespKind kind, scoped ReadOnlySpan<byte> line)
    {
        if (!RespLine.TryParse(line, out var count)) return Refuse("a count that is no number");
        if (count == -1 && kind == RespKind.Array) return Close();
        if (count < 0) return Refuse("a count out of range");
        if (count > MaxElements) return Refuse("a reply has too many elements");
        if (kind is RespKind.Map or RespKind.Attribute) count *= 2;
        // An attribute stands before the element it describes and does not count as one.
        if (kind == RespKind.Attribute) _open[_depth]++;
        if (count == 0) return Close();
        if (_depth + 1 == MaxDepth) return Refuse("a reply is nested too deep");
        _open[++_depth] = count;
        return Status.Complete;
    }

    Status Close()
    {
        while (--_open[_depth] == 0 && _depth > 0) _depth--;
        return Status.Complete;
    }

    Status Refuse(string problem)
    {
        Problem = problem;
        return Status.Invalid;
    }
}
