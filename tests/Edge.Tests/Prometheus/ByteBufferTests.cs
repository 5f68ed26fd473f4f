using System.Text;
using Edge.Prometheus.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Prometheus;

public sealed class ByteBufferTests
{
    [Fact]
    public void Growing_loses_nothing_5676() => Prop.ForAll(
        Arb.From(Gen.Choose(1, 5_000).ArrayOf()), sizes =>
        {
            var buffer = new ByteBuffer(maxBytes: 1 << 24, initialBytes: 16);
            var expected = new List<byte>();
            for (var i = 0; i < sizes.Length; i++)
            {
                var part = new byte[sizes[i]];
                Array.Fill(part, (byte)i);
                if (i % 3 == 0) foreach (var one in part) buffer.Write(one);
                else buffer.Write(part);
                expected.AddRange(part);
            }

            Assert.False(buffer.IsOverfull);
            Assert.Equal(expected, buffer.ToArray());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void It_grows_to_its_last_byte_and_no_further_7487()
    {
        var buffer = new ByteBuffer(maxBytes: 100, initialBytes: 16);
        buffer.Write(new byte[100]);
        Assert.False(buffer.IsOverfull);
        Assert.Equal(100, buffer.Length);
        buffer.Write(0);
        Assert.True(buffer.IsOverfull);
    }

    [Fact]
    public void An_overfull_one_takes_anything_and_stays_small_and_overfull()
    {
        var buffer = new ByteBuffer(maxBytes: 64);
        for (var i = 0; i < 10_000; i++) buffer.Write("abcdefgh"u8);
        buffer.Write(new string('x', 1000));
        Assert.True(buffer.IsOverfull);
        Assert.InRange(buffer.Length, 0, 4_000);
        buffer.Clear();
        Assert.False(buffer.IsOverfull);
        buffer.Write("again");
        Assert.Equal("again", Encoding.UTF8.GetString(buffer.Span));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_becomes_a_character_that_is_one()
    {
        var buffer = new ByteBuffer(maxBytes: 64);
        buffer.Write("a\ud800b😀");
        Assert.Equal("a\ufffdb😀", new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(buffer.Span));
    }
}
