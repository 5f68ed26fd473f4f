using System.Text;
using Edge.Http;
using Edge.Tests.Basics;

namespace Edge.Tests.Http;

public sealed class HeaderLinesTests
{
    static readonly string Limits = $"{HeaderLines.Security}{HeaderLines.RateLimit}\"public\";r=1;t=2{HeaderLines.RateLimitPolicy}\"public\";q=3;w=4{HeaderLines.XRateLimitLimit}3{HeaderLines.XRateLimitRemaining}1{HeaderLines.XRateLimitReset}2";

    const string LimitsOnTheWire =
        "nosniff\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'"
        + "\r\nRateLimit: \"public\";r=1;t=2\r\nRateLimit-Policy: \"public\";q=3;w=4\r\nX-RateLimit-Limit: 3\r\nX-RateLimit-Remaining: 1\r\nX-RateLimit-Reset: 2";

    static Encoding Lines { get; } = HeaderLines.EncodingOf(HeaderLines.Carrier)!;

    [Fact]
    public void A_carrier_is_written_as_the_headers_that_it_carries()
    {
        Assert.Equal(LimitsOnTheWire, Encoding.ASCII.GetString(Lines.GetBytes(Limits)));
        Assert.Equal(LimitsOnTheWire.Length, Lines.GetByteCount(Limits));
        Assert.Equal("", Encoding.ASCII.GetString(Lines.GetBytes("")));
    }

    [Theory]
    [InlineData("X-Content-Type-Options", true)]
    [InlineData("RateLimit", false)]
    [InlineData("RateLimit-Policy", false)]
    [InlineData("Location", false)]
    [InlineData("Access-Control-Allow-Origin", false)]
    [InlineData("", false)]
    public void Only_carriers_are_written_so_and_no_header_that_could_hold_what_a_client_sent(string name, bool isCarrier) =>
        Assert.Equal(isCarrier, HeaderLines.EncodingOf(name) is not null);

    /// <summary>As Kestrel does where its block of memory ends within a value: by an encoder, with at least the room of one character each time.</summary>
    [Fact]
    public void A_value_is_written_piece_by_piece_into_blocks_of_any_size()
    {
        for (var size = Lines.GetMaxByteCount(1); size <= LimitsOnTheWire.Length + 64; size++)
        {
            var (encoder, written) = (Lines.GetEncoder(), new List<byte>());
            var source = Limits.AsSpan();
            var block = new byte[size];
            while (written.Count < LimitsOnTheWire.Length)
            {
                encoder.Convert(source, block, source.IsEmpty, out var charsUsed, out var bytesUsed, out _);
                written.AddRange(block.AsSpan(0, bytesUsed));
                source = source[charsUsed..];
            }
            Assert.Equal(LimitsOnTheWire, Encoding.ASCII.GetString([.. written]));
        }
    }

    [Fact]
    public void What_does_not_fit_and_what_stands_for_no_header_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Lines.GetBytes(Limits, new byte[LimitsOnTheWire.Length - 1]));
        Assert.Throws<IndexOutOfRangeException>(() => Lines.GetBytes("\uE007"));
        Assert.ThrowsAny<Exception>(() => Lines.GetBytes("é"));
    }

    [Fact]
    public void Writing_takes_nothing()
    {
        var bytes = new byte[512];
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
                if (Lines.GetByteCount(Limits) <= bytes.Length)
                    Lines.GetBytes(Limits, bytes);
        }));
    }
}
