using System.Buffers;
using System.Text;
using Edge.Redis;
using Edge.Redis.Protocol;

namespace Edge.Tests.Redis;

public sealed class RespReaderTests
{
    [Theory]
    [InlineData("$-1\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("_\r\n")]
    public void Null_has_three_forms_and_reads_as_one(string bytes)
    {
        var reader = Over(bytes);
        Assert.True(reader.TryReadNull());
        Assert.Equal(RespKind.None, reader.Kind);

        reader = Over(bytes);
        Assert.True(reader.TryReadBytes(out var value));
        Assert.Null(value);
        reader = Over(bytes);
        Assert.False(reader.TryReadArray(out _));
        Assert.False(reader.TryReadInteger(out _));
        Assert.True(reader.TryReadNull());
    }

    [Theory]
    [InlineData("$3\r\nabc\r\n", "abc")]
    [InlineData("+abc\r\n", "abc")]
    [InlineData("=7\r\ntxt:abc\r\n", "abc")]
    [InlineData("$0\r\n\r\n", "")]
    [InlineData("(123\r\n", "123")]
    [InlineData("|1\r\n+k\r\n$1\r\nv\r\n$3\r\nabc\r\n", "abc")]
    public void Strings_of_every_kind_read_alike_also_across_segments(string bytes, string expected)
    {
        var raw = Encoding.Latin1.GetBytes(bytes);
        for (var cut = 0; cut <= raw.Length; cut++)
        {
            var reader = new RespReader(RespScannerTests.Segments(raw[..cut], raw[cut..]));
            Assert.True(reader.TryReadString(out var value));
            Assert.Equal(expected, value);
            Assert.Equal(RespKind.None, reader.Kind);
        }
    }

    [Theory]
    [InlineData(":42\r\n", 42)]
    [InlineData("$2\r\n42\r\n", 42)]
    [InlineData("+-42\r\n", -42)]
    [InlineData("#t\r\n", 1)]
    [InlineData("#f\r\n", 0)]
    public void Integers_come_in_several_forms(string bytes, long expected)
    {
        var reader = Over(bytes);
        Assert.True(reader.TryReadInteger(out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData(",1.25\r\n", 1.25)]
    [InlineData(",-1e3\r\n", -1000)]
    [InlineData(",inf\r\n", double.PositiveInfinity)]
    [InlineData(",-inf\r\n", double.NegativeInfinity)]
    [InlineData(",nan\r\n", double.NaN)]
    [InlineData(":3\r\n", 3)]
    [InlineData("$4\r\n1.25\r\n", 1.25)]
    public void Doubles_come_in_several_forms(string bytes, double expected)
    {
        var reader = Over(bytes);
        Assert.True(reader.TryReadDouble(out var value));
        Assert.Equal(expected, value);
    }

    [Fact]
    public void A_method_for_another_type_returns_false_and_moves_nothing()
    {
        var reader = Over("$3\r\nabc\r\n:2\r\n");
        Assert.False(reader.TryReadInteger(out _));
        Assert.False(reader.TryReadDouble(out _));
        Assert.False(reader.TryReadBoolean(out _));
        Assert.False(reader.TryReadArray(out _));
        Assert.False(reader.TryReadError(out _));
        Assert.False(reader.TryReadNull());
        Assert.True(reader.TryReadString(out var text));
        Assert.Equal("abc", text);
        Assert.False(reader.TryReadBoolean(out _));
        Assert.False(reader.TryReadString(out _));
        Assert.True(reader.TryReadInteger(out var number));
        Assert.Equal(2, number);
        Assert.False(reader.TryReadInteger(out _));
    }

    [Fact]
    public void A_map_reads_as_its_keys_and_values_in_turn_as_RESP2_sends_them()
    {
        foreach (var bytes in new[] { "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n" })
        {
            var reader = Over(bytes);
            Assert.True(reader.TryReadArray(out var count));
            Assert.Equal(4, count);
            Assert.True(reader.TryReadString(out _));
            Assert.True(reader.TryReadInteger(out var one));
            Assert.Equal(1, one);
        }
    }

    [Fact]
    public void Skip_passes_over_an_element_with_all_that_is_in_it()
    {
        foreach (var reply in RespScannerTests.Replies)
        {
            var reader = Over(reply.Data + ":77\r\n");
            reader.Skip();
            Assert.True(reader.TryReadInteger(out var value));
            Assert.Equal(77, value);
        }
    }

    [Fact]
    public void The_tree_holds_every_kind()
    {
        var reader = Over("*6\r\n:1\r\n$1\r\na\r\n*1\r\n_\r\n-ERR x\r\n,1.5\r\n#t\r\n");
        Assert.True(Replies.Any(ref reader, out var tree));
        Assert.Equal(
            [RespKind.Integer, RespKind.BulkString, RespKind.Array, RespKind.Error, RespKind.Double, RespKind.Boolean],
            tree.Items.Select(item => item.Kind));
        Assert.Equal(1, tree.Items[0].Integer);
        Assert.Equal("a", tree.Items[1].Text);
        Assert.True(tree.Items[2].Items[0].IsNull);
        Assert.Equal("ERR x", tree.Items[3].Text);
        Assert.Equal(1.5, tree.Items[4].Double);
        Assert.Equal(1, tree.Items[5].Integer);
    }

    static RespReader Over(string bytes) => new(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(bytes)));
}
