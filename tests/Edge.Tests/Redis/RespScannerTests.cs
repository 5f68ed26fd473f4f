using System.Buffers;
using System.Text;
using Edge.Redis.Protocol;

namespace Edge.Tests.Redis;

public sealed class RespScannerTests
{
    public static readonly TheoryData<string> Replies =
    [
        "+OK\r\n",
        "+\r\n",
        "-WRONGTYPE no\r\n",
        ":0\r\n",
        ":-9223372036854775808\r\n",
        "$-1\r\n",
        "$0\r\n\r\n",
        "$5\r\nhe\r\no\r\n",
        "*-1\r\n",
        "*0\r\n",
        "*2\r\n$1\r\na\r\n*2\r\n:1\r\n_\r\n",
        "_\r\n",
        "#t\r\n",
        ",1.5\r\n",
        ",inf\r\n",
        "(3492890328409238509324850943850943825024385\r\n",
        "!8\r\nERR a\r\nb\r\n",
        "=7\r\ntxt:abc\r\n",
        "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n",
        "~3\r\n:1\r\n:2\r\n:3\r\n",
        ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n",
        "|1\r\n+ttl\r\n:3\r\n$1\r\nv\r\n",
        "*2\r\n|1\r\n+k\r\n*1\r\n:9\r\n:1\r\n:2\r\n",
        "|0\r\n+OK\r\n",
    ];

    [Theory]
    [MemberData(nameof(Replies))]
    public void A_reply_ends_at_its_last_byte_wherever_it_is_chopped(string reply)
    {
        var bytes = Encoding.Latin1.GetBytes(reply);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var scanner = new RespScanner(1 << 20);
            Assert.Equal(RespScanner.Status.Incomplete, scanner.Scan(new(bytes.AsMemory(0, cut)), out _));
            Assert.Equal(RespScanner.Status.Complete, scanner.Scan(Segments(bytes[..cut], [.. bytes[cut..], (byte)'+']), out var length));
            Assert.Equal(bytes.Length, length);
        }
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public void A_reply_may_come_byte_by_byte_in_segments_of_one_byte(string reply)
    {
        var bytes = Encoding.Latin1.GetBytes(reply);
        var scanner = new RespScanner(1 << 20);
        for (var have = 1; have < bytes.Length; have++)
            Assert.Equal(RespScanner.Status.Incomplete, scanner.Scan(Segments([.. bytes.Take(have).Select(one => new[] { one })]), out _));
        Assert.Equal(RespScanner.Status.Complete, scanner.Scan(Segments([.. bytes.Select(one => new[] { one })]), out var length));
        Assert.Equal(bytes.Length, length);
    }

    [Fact]
    public void Replies_that_come_together_are_told_apart()
    {
        var buffer = new ReadOnlySequence<byte>("+OK\r\n*1\r\n:1\r\n$1\r\nx\r\n"u8.ToArray());
        var scanner = new RespScanner(1 << 20);
        foreach (var expected in new long[] { 5, 8, 7 })
        {
            Assert.Equal(RespScanner.Status.Complete, scanner.Scan(buffer, out var length));
            Assert.Equal(expected, length);
            buffer = buffer.Slice(length);
        }

        Assert.True(buffer.IsEmpty);
    }

    [Theory]
    [InlineData("x\r\n", "type byte")]
    [InlineData("\r\n", "line")]
    [InlineData("+a\rb\r\n", "line")]
    [InlineData(":\r\n", "integer")]
    [InlineData(":1a\r\n", "integer")]
    [InlineData(":9223372036854775808\r\n", "integer")]
    [InlineData("_x\r\n", "null")]
    [InlineData("#x\r\n", "boolean")]
    [InlineData("$-2\r\n", "length")]
    [InlineData("$abc\r\n", "length")]
    [InlineData("$?\r\n", "length")]
    [InlineData("=3\r\nabc\r\n", "length")]
    [InlineData("!-1\r\n", "length")]
    [InlineData("$99999999999999999\r\n", "MaxReplyBytes")]
    [InlineData("$1048576\r\n", "MaxReplyBytes")]
    [InlineData("*2\r\n$600000\r\n", null)]
    [InlineData("$3\r\nabcd\r\n", "longer")]
    [InlineData("*-2\r\n", "count")]
    [InlineData("~-1\r\n", "count")]
    [InlineData("*?\r\n", "count")]
    [InlineData("*9999999999\r\n", "elements")]
    [InlineData("%9999999999\r\n", "elements")]
    [InlineData("*1\r\n>1\r\n", "push")]
    public void What_is_no_RESP_or_too_large_is_refused_before_it_is_buffered(string bytes, string? problem)
    {
        var scanner = new RespScanner(1_000_000);
        var status = scanner.Scan(new(Encoding.Latin1.GetBytes(bytes)), out _);
        Assert.Equal(problem is null ? RespScanner.Status.Incomplete : RespScanner.Status.Invalid, status);
        if (problem is not null) Assert.Contains(problem, scanner.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bound_counts_all_strings_of_a_reply_together()
    {
        var scanner = new RespScanner(1_000);
        var half = "$600\r\n" + new string('x', 600) + "\r\n";
        Assert.Equal(RespScanner.Status.Invalid, scanner.Scan(new(Encoding.Latin1.GetBytes("*2\r\n" + half + "$600\r\n")), out _));
    }

    [Theory]
    [InlineData(RespScanner.MaxDepth - 1, true)]
    [InlineData(RespScanner.MaxDepth, false)]
    [InlineData(100_000, false)]
    public void Depth_is_bounded(int depth, bool isTaken)
    {
        var bytes = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("*1\r\n", depth)) + ":1\r\n");
        var status = new RespScanner(1 << 20).Scan(new(bytes), out _);
        Assert.Equal(isTaken ? RespScanner.Status.Complete : RespScanner.Status.Invalid, status);
    }

    [Theory]
    [InlineData("_\r\n", "*1048576\r\n")]
    [InlineData("|0\r\n", "")]
    public void Elements_are_bounded_empty_attributes_too(string element, string header)
    {
        var bytes = Encoding.Latin1.GetBytes(header + string.Concat(Enumerable.Repeat(element, RespScanner.MaxElements + 1)));
        Assert.Equal(RespScanner.Status.Invalid, new RespScanner(1 << 26).Scan(new(bytes), out _));
    }

    [Fact]
    public void A_line_without_end_is_refused()
    {
        var line = Encoding.Latin1.GetBytes("+" + new string('a', RespScanner.MaxLineBytes + 1));
        Assert.Equal(RespScanner.Status.Invalid, new RespScanner(1 << 20).Scan(new(line), out _));
    }

    internal static ReadOnlySequence<byte> Segments(params byte[][] pieces)
    {
        var first = new Segment(pieces[0], null);
        var last = first;
        foreach (var piece in pieces.AsSpan(1)) last = new Segment(piece, last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes;
            if (previous is null) return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
