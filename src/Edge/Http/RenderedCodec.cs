using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Edge.Core.Caching.L2;

namespace Edge.Http;

/// <summary>
/// A rendered answer on its way to the other instances: the bytes of each encoding as they are. Little endian:
/// <code>
///   0  length of the body, u32            12  length of the tag, u16     16  tag (ASCII), link (UTF-8),
///   4  of the br variant; 2³²−1: none     14  of the link; 2¹⁶−1: none       body, br, gzip
///   8  of the gzip variant; the same
/// </code>
/// Problems are not shared: they live for seconds.
/// </summary>
internal sealed class RenderedCodec : ICacheCodec<Rendered>
{
    const int HeaderBytes = 16;
    const uint NoVariant = uint.MaxValue;
    const ushort NoLink = ushort.MaxValue;

    public static readonly RenderedCodec Instance = new();

    public ushort Format => 1;

    public bool TryWrite(Rendered value, IBufferWriter<byte> to)
    {
        if (value.Problem is not null)
            return false;
        var header = to.GetSpan(HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)value.Plain.Body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint?)value.Brotli?.Body.Length ?? NoVariant);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint?)value.Gzip?.Body.Length ?? NoVariant);
        BinaryPrimitives.WriteUInt16LittleEndian(header[12..], (ushort)value.Plain.ETag.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[14..], value.Link is null ? NoLink : (ushort)Encoding.UTF8.GetByteCount(value.Link));
        to.Advance(HeaderBytes);
        Encoding.ASCII.GetBytes(value.Plain.ETag, to);
        if (value.Link is not null)
            Encoding.UTF8.GetBytes(value.Link, to);
        to.Write(value.Plain.Body.Span);
        if (value.Brotli is not null)
            to.Write(value.Brotli.Body.Span);
        if (value.Gzip is not null)
            to.Write(value.Gzip.Body.Span);
        return true;
    }

    public bool TryRead(ReadOnlyMemory<byte> bytes, [MaybeNullWhen(false)] out Rendered value, out int sizeBytes)
    {
        (value, sizeBytes) = (null, 0);
        if (bytes.Length < HeaderBytes)
            return false;
        var header = bytes.Span;
        var bodyBytes = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var brotliBytes = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        var gzipBytes = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        var tagBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[12..]);
        var linkBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[14..]);
        var rest = bytes[HeaderBytes..];
        if (rest.Length != (long)tagBytes + Present(linkBytes) + bodyBytes + Present(brotliBytes) + Present(gzipBytes))
            return false;

        var tag = Encoding.ASCII.GetString(Cut(ref rest, tagBytes).Span);
        var link = linkBytes == NoLink ? null : Encoding.UTF8.GetString(Cut(ref rest, linkBytes).Span);
        var body = Cut(ref rest, bodyBytes);
        // Typed: a bare null beside a memory becomes an empty memory, and none would be served as an empty body.
        var brotli = brotliBytes == NoVariant ? default(ReadOnlyMemory<byte>?) : Cut(ref rest, brotliBytes);
        var gzip = gzipBytes == NoVariant ? default(ReadOnlyMemory<byte>?) : Cut(ref rest, gzipBytes);
        // Both go into headers as they are.
        if (!Rendered.IsTag(tag) || link.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
            return false;
        value = Rendered.Of(body, tag, brotli, gzip, link);
        sizeBytes = value.SizeBytes;
        return true;
    }

    static long Present(ushort length) => length == NoLink ? 0 : length;

    static long Present(uint length) => length == NoVariant ? 0 : length;

    static ReadOnlyMemory<byte> Cut(ref ReadOnlyMemory<byte> rest, uint length)
    {
        var cut = rest[..(int)length];
        rest = rest[(int)length..];
        return cut;
    }
}
