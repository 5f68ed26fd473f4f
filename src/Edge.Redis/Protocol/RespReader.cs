using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Edge.Redis.Protocol;

/// <summary>
/// Reads one whole reply, element after element, in place: no copy is made before a method that returns an array or a string.
/// Every method returns false, and moves nothing, where the next element is of another type. What it hands out by reference is
/// valid only inside the <see cref="RedisReplyReader{T}"/> that it was given to.
/// <para>RESP2 and RESP3 forms of the same thing (three kinds of null, a map or a flat array) read alike.</para>
/// </summary>
public ref struct RespReader
{
    SequenceReader<byte> _input;

    /// <param name="reply">One or more whole elements, as <see cref="RespScanner"/> has passed them.</param>
    internal RespReader(scoped in ReadOnlySequence<byte> reply) => _input = new SequenceReader<byte>(reply);

    /// <summary>Type of the next element; attributes are skipped. <see cref="RespKind.None"/> at the end.</summary>
    public RespKind Kind
    {
        get
        {
            while (true)
            {
                if (!_input.TryPeek(out var first)) return RespKind.None;
                if (first != (byte)RespKind.Attribute) return (RespKind)first;
                TakeLine(out _, out var line);
                RespLine.TryParse(line, out var pairs);
                for (var i = 0; i < pairs * 2; i++) Skip();
            }
        }
    }

    /// <summary>Takes any of the three forms of null.</summary>
    public bool TryReadNull()
    {
        var kind = Kind;
        if (kind is not (RespKind.Null or RespKind.BulkString or RespKind.Array)) return false;
        var before = _input;
        TakeLine(out _, out var line);
        if (kind == RespKind.Null || line is [(byte)'-', ..]) return true;
        _input = before;
        return false;
    }

    /// <summary>An integer, a boolean as 0 or 1, or a string of digits.</summary>
    public bool TryReadInteger(out long value)
    {
        var before = _input;
        value = 0;
        switch (Kind)
        {
            case RespKind.Integer:
                TakeLine(out _, out var line);
                return RespLine.TryParse(line, out value);
            case RespKind.Boolean:
                TakeLine(out _, out line);
                value = line[0] == (byte)'t' ? 1 : 0;
                return true;
            case RespKind.BulkString or RespKind.SimpleString when TryReadSpan(out var digits) && RespLine.TryParse(digits, out value):
                return true;
            default:
                _input = before;
                return false;
        }
    }

    /// <summary>A double (also <c>inf</c>, <c>-inf</c>, <c>nan</c>), an integer, or a string that holds one.</summary>
    public bool TryReadDouble(out double value)
    {
        var before = _input;
        value = 0;
        if (Kind is RespKind.Double or RespKind.Integer)
        {
            TakeLine(out _, out var line);
            if (TryParseDouble(line, out value)) return true;
        }
        else if (Kind is RespKind.BulkString or RespKind.SimpleString && TryReadSpan(out var text) && TryParseDouble(text, out value))
        {
            return true;
        }

        _input = before;
        return false;
    }

    /// <summary>A boolean, or an integer that is 0 or 1.</summary>
    public bool TryReadBoolean(out bool value)
    {
        var before = _input;
        value = false;
        if (Kind is RespKind.Boolean or RespKind.Integer && TryReadInteger(out var number) && number is 0 or 1)
        {
            value = number == 1;
            return true;
        }

        _input = before;
        return false;
    }

    /// <summary>A string of any kind, in place. False for null: look with <see cref="TryReadNull"/> first.</summary>
    public bool TryReadSequence(out ReadOnlySequence<byte> value)
    {
        value = default;
        var before = _input;
        var kind = Kind;
        switch (kind)
        {
            case RespKind.SimpleString or RespKind.BigNumber or RespKind.Double:
                _input.Advance(1);
                if (!_input.TryReadTo(out value, "\r\n"u8)) break;
                return true;
            case RespKind.BulkString or RespKind.VerbatimString:
                TakeLine(out _, out var line);
                RespLine.TryParse(line, out var length);
                if (length < 0) break;
                value = _input.UnreadSequence.Slice(0, length);
                _input.Advance(length + 2);
                // A verbatim string starts with its format, "txt:".
                if (kind == RespKind.VerbatimString) value = value.Slice(4);
                return true;
        }

        _input = before;
        return false;
    }

    /// <summary>As <see cref="TryReadSequence"/>; copies only where the string lies across two segments of the pipe.</summary>
    public bool TryReadSpan(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryReadSequence(out var sequence)) return false;
        value = sequence.IsSingleSegment ? sequence.FirstSpan : sequence.ToArray();
        return true;
    }

    /// <summary>A string of any kind as a new array, or null.</summary>
    public bool TryReadBytes(out byte[]? value)
    {
        value = null;
        if (TryReadNull()) return true;
        if (!TryReadSequence(out var sequence)) return false;
        value = sequence.ToArray();
        return true;
    }

    /// <summary>A string of any kind, decoded from UTF-8, or null.</summary>
    public bool TryReadString(out string? value)
    {
        value = null;
        if (TryReadNull()) return true;
        if (!TryReadSequence(out var sequence)) return false;
        value = Encoding.UTF8.GetString(sequence);
        return true;
    }

    /// <summary>
    /// Enters an array, set, push or map; the elements follow as the next ones. <paramref name="count"/> is their number; a map
    /// counts keys and values. False for null.
    /// </summary>
    public bool TryReadArray(out int count)
    {
        count = 0;
        var kind = Kind;
        if (kind is not (RespKind.Array or RespKind.Set or RespKind.Push or RespKind.Map)) return false;
        var before = _input;
        TakeLine(out _, out var line);
        RespLine.TryParse(line, out var number);
        if (number < 0)
        {
            _input = before;
            return false;
        }

        count = (int)number * (kind == RespKind.Map ? 2 : 1);
        return true;
    }

    /// <summary>An error element: the text without its marker.</summary>
    public bool TryReadError([NotNullWhen(true)] out string? text)
    {
        text = null;
        switch (Kind)
        {
            case RespKind.Error:
                TakeLine(out _, out var line);
                text = Encoding.UTF8.GetString(line);
                return true;
            case RespKind.BulkError:
                TakeLine(out _, out line);
                RespLine.TryParse(line, out var length);
                text = Encoding.UTF8.GetString(_input.UnreadSequence.Slice(0, length));
                _input.Advance(length + 2);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Passes over the next element with all that is in it.</summary>
    public void Skip()
    {
        var open = 1L;
        while (open-- > 0 && Kind != RespKind.None)
        {
            if (TryReadArray(out var count))
            {
                open += count;
                continue;
            }

            TakeLine(out var kind, out var line);
            if (kind is not (RespKind.BulkString or RespKind.BulkError or RespKind.VerbatimString)) continue;
            RespLine.TryParse(line, out var length);
            if (length >= 0) _input.Advance(length + 2);
        }
    }

    void TakeLine(out RespKind kind, out ReadOnlySpan<byte> line) =>
        RespLine.TryRead(ref _input, RespScanner.MaxLineBytes, out kind, out line);

    static bool TryParseDouble(ReadOnlySpan<byte> text, out double value)
    {
        if (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length) return true;
        if (text.SequenceEqual("inf"u8)) value = double.PositiveInfinity;
        else if (text.SequenceEqual("-inf"u8)) value = double.NegativeInfinity;
        else if (text.SequenceEqual("nan"u8) || text.SequenceEqual("-nan"u8)) value = double.NaN;
        else return false;
        return true;
    }
}
