using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Core.Caching.L2;
using Edge.Http;
using Edge.Testing.Caching;
using Edge.Tests.House;

namespace Edge.Tests.Caching.Cases;

/// <summary>
/// Entries outlive the process that wrote them. The bytes of each format are frozen under Caching/Snapshots: this build must read them and write them.
/// A change of a layout takes a new number and a new file beside the old one.
/// </summary>
public sealed class FrameTests
{
    static readonly NumberCodec s_codec = new();

    static readonly CacheRule Rule = CacheRule.Tagged(new() { Name = "frames", DurationMs = 60_000 });
    static readonly RenderedCodec Codec = new(Rule);

    // Case 48; on the wire
    [Fact]
    public void The_frame_of_a_number_is_what_it_was()
    {
        var frozen = Snapshot("frame-1-number");
        Assert.True(EntryFrame.TryWrite(0x01020304, s_codec, loadMs: 37, keepMs: 86_400_000, out var written));
        Assert.Equal(Convert.ToHexString(frozen), Convert.ToHexString(written.Span));
        Assert.True(EntryFrame.TryRead(frozen, s_codec, out var read));
        Assert.Equal((0x01020304, 8, 37L, 86_400_000L), (read.Value, read.SizeBytes, read.LoadMs, read.KeepMs));
    }

    // Case 48; on the wire
    [Theory]
    [InlineData("rendered-1-plain", null, false)]
    [InlineData("rendered-1-variants", "</api/products?limit=2&cursor=abc>; rel=\"next\"", true)]
    public void The_frame_of_a_rendered_answer_is_what_it_was(string name, string? link, bool hasVariants)
    {
        var frozen = Snapshot(name);
        ReadOnlyMemory<byte>? brotli = hasVariants ? new("brotli"u8.ToArray()) : null;
        ReadOnlyMemory<byte>? gzip = hasVariants ? new("gzipped"u8.ToArray()) : null;
        var rendered = Rendered.Of(Rule, "{\"id\":1}"u8.ToArray(), "\"tag\"", brotli, gzip, link);
        Assert.True(EntryFrame.TryWrite(rendered, Codec, loadMs: 5, keepMs: 60_000, out var written));
        Assert.Equal(Convert.ToHexString(frozen), Convert.ToHexString(written.Span));
        Assert.True(EntryFrame.TryRead(frozen, Codec, out var read));
        Assert.Equal((5L, 60_000L, rendered.SizeBytes), (read.LoadMs, read.KeepMs, read.SizeBytes));
        Assert.Equal(rendered.Plain, read.Value.Plain, Same);
        Assert.Equal(rendered.Brotli, read.Value.Brotli, Same);
        Assert.Equal(rendered.Gzip, read.Value.Gzip, Same);
        Assert.Equal(rendered.Link, read.Value.Link);
    }

    // Found with the frozen bytes: none must not become an empty one, which would be sent to whoever takes it
    [Fact]
    public void A_body_that_does_not_get_smaller_has_no_variants()
    {
        var random = new RandomSource(1);
        var noise = Enumerable.Range(0, 2_000).Select(_ => (byte)random.NextUInt64()).ToArray();
        var rendered = Rendered.Of(Rule, noise, link: null);
        Assert.Null(rendered.Brotli);
        Assert.Null(rendered.Gzip);
    }

    // Case 48
    [Theory]
    [InlineData("frame-1-number")]
    [InlineData("rendered-1-plain")]
    [InlineData("rendered-1-variants")]
    public void A_frame_with_one_bit_flipped_is_none(string name)
    {
        var frame = Snapshot(name);
        Assert.True(CanRead(name, frame));
        for (var bit = 0; bit < 8 * frame.Length; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(CanRead(name, frame), $"bit {bit}");
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    // Case 48
    [Theory]
    [InlineData("frame-1-number")]
    [InlineData("rendered-1-plain")]
    [InlineData("rendered-1-variants")]
    public void A_frame_that_was_cut_or_lengthened_is_none(string name)
    {
        var frame = Snapshot(name);
        for (var length = 0; length < frame.Length; length++)
            Assert.False(CanRead(name, frame[..length]), $"{length} bytes");
        Assert.False(CanRead(name, [.. frame, 0]));
    }

    // Case 48: what the checksum lets through, the codec must refuse by itself
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_rendered_answer_that_was_cut_or_altered_under_a_right_checksum_never_throws(bool isCut)
    {
        var value = Snapshot("rendered-1-variants")[EntryFrame.HeaderBytes..^EntryFrame.TrailerBytes];
        for (var at = 0; at < value.Length; at++)
        {
            byte[] altered = isCut ? value[..at] : [.. value[..at], (byte)~value[at], .. value[(at + 1)..]];
            var isRead = Codec.TryRead(altered, out var read, out _);
            Assert.Equal(isRead, read is not null);
            Assert.False(isCut && isRead);
        }
    }

    // Case 48: another build writes another format under the same key
    [Fact]
    public void A_frame_of_another_version_or_format_is_none()
    {
        Assert.True(EntryFrame.TryWrite(7, new NumberCodec(format: 2), 0, 0, out var frame));
        Assert.False(EntryFrame.TryRead(frame, s_codec, out _));
        Assert.True(EntryFrame.TryRead(frame, new NumberCodec(format: 2), out _));
    }

    // Case 48
    [Fact]
    public void An_entry_that_cannot_be_read_is_a_miss_and_a_counter_and_is_replaced()
    {
        using var bench = new CacheBench(2);
        bench[0].Read();
        bench[1].Level.Tampers = static bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)];
        Assert.Equal((CacheSource.Miss, 2), bench[1].Read());
        Assert.Equal(1, bench.Nodes[1].Level.Stores);
        Assert.True(bench[1].Counts.Corrupt > 0);
        bench[1].Level.Tampers = null;
        bench[0].Invalidate("something else");
        Assert.Equal((CacheSource.Hit, 2), bench[1].Read());
    }

    // Case 48, in bulk
    [Fact]
    public void In_bulk_too_an_entry_that_cannot_be_read_is_a_miss_and_a_counter()
    {
        using var bench = new CacheBench(2);
        bench[0].ReadMany(null, "a", "b");
        bench[1].Level.Tampers = static _ => [];
        Assert.Equal([(CacheSource.Miss, 200), (CacheSource.Miss, 201)], bench[1].ReadMany(null, "a", "b"));
        Assert.Equal(2, bench[1].Counts.Corrupt);
    }

    // Case 48: while a stale one is all there is
    [Fact]
    public void A_stale_entry_that_cannot_be_read_is_no_fallback()
    {
        using var bench = new CacheBench(2);
        bench[0].Read();
        bench.Pass(1_500);
        bench[1].Level.Tampers = static bytes => bytes[..10];
        bench.Origin.Fail();
        Assert.Equal((CacheSource.Failed, 0), bench[1].Read());
        Assert.Equal(1, bench[1].Counts.Corrupt);
    }

    static bool Same(Rendered.Variant? a, Rendered.Variant? b) => (a, b) is (null, null)
        || (a is not null && b is not null && a.Body.Span.SequenceEqual(b.Body.Span) && (a.ETag, a.Encoding) == (b.ETag, b.Encoding));

    static bool CanRead(string name, byte[] frame) => name.StartsWith("frame", StringComparison.Ordinal)
        ? EntryFrame.TryRead(frame, s_codec, out _)
        : EntryFrame.TryRead(frame, Codec, out _);

    /// <summary>Hexadecimal, in lines, so that a difference can be read.</summary>
    internal static byte[] Snapshot(string name) => Convert.FromHexString(
        string.Concat(File.ReadLines(Path.Combine(Checkout.Root, "tests/Edge.Tests/Caching/Snapshots", name + ".hex"))));
}
