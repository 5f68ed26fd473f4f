using System.IO.Compression;
using Edge.Prometheus.Text;

namespace Edge.Prometheus.Scraping;

/// <summary>The bytes of one answer, plain and, once somebody asked, compressed. Belongs to a <see cref="ScrapeCoalescer"/>, which counts who reads it.</summary>
internal sealed class ScrapeBody(int maxBytes)
{
    ByteBuffer? _gzip;

    public ByteBuffer Plain { get; } = new(maxBytes);

    /// <summary>There are compressed bytes to read. Under the coalescer's lock.</summary>
    public bool HasGzip { get; set; }

    /// <summary>Readers, and one for being the newest of its format. Under the coalescer's lock.</summary>
    public int Holds { get; set; }

    /// <summary>Timestamp of the clock at which it was complete.</summary>
    public long CompletedAt { get; set; }

    public ReadOnlyMemory<byte> Bytes(bool isGzip) => isGzip ? _gzip!.Memory : Plain.Memory;

    public void Clear()
    {
        Plain.Clear();
        HasGzip = false;
    }

    public void Compress()
    {
        // What cannot be compressed grows by less than this.
        _gzip ??= new(maxBytes + 64 * 1024);
        _gzip.Clear();
        using var gzip = new GZipStream(new BufferStream(_gzip), CompressionLevel.Fastest);
        gzip.Write(Plain.Span);
    }

    sealed class BufferStream(ByteBuffer buffer) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

        public override void Write(byte[] bytes, int offset, int count) => buffer.Write(bytes.AsSpan(offset, count));

        public override void Flush()
        {
            // Nothing is held back.
        }

        public override int Read(byte[] bytes, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
