using Edge.Http;
using Microsoft.Extensions.Primitives;

namespace Edge.Tests.Http;

/// <summary>RFC 9110 section 12.5.3.</summary>
public sealed class AcceptEncodingTests
{
    const AcceptedEncodings Both = AcceptedEncodings.Brotli | AcceptedEncodings.Gzip;

    static readonly CacheRule Rule = CacheRule.Tagged(new() { Name = "encodings", DurationMs = 60_000 });

    [Theory]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("br;q=0.5, gzip;q=0.8", "gzip")]
    [InlineData("br;q=0.8, gzip;q=0.8", "br")]
    [InlineData("x-GZIP", "gzip")]
    [InlineData("*", "br")]
    [InlineData("*, br;q=0", "gzip")]
    [InlineData("br;q=0, gzip;q=0", null)]
    [InlineData("deflate", null)]
    [InlineData("", null)]
    public void The_smallest_of_what_is_wanted_most_is_sent(string header, string? encoding) => Assert.Equal(encoding, Sent(header));

    [Theory]
    [InlineData("identity, gzip;q=0.5", null)]
    [InlineData("gzip;q=0.5, Identity", null)]
    [InlineData("identity;q=0.9, br;q=0.8, gzip;q=0.7", null)]
    [InlineData("identity;q=0.5, *;q=0.1", null)]
    [InlineData("identity", null)]
    [InlineData("identity;q=0.8, br;q=0.5, gzip", "gzip")]
    [InlineData("identity;q=0.8, br;q=0.9, gzip;q=0.7", "br")]
    public void Who_names_the_body_as_it_is_and_wants_it_most_gets_it(string header, string? encoding) => Assert.Equal(encoding, Sent(header));

    [Theory]
    [InlineData("gzip;q=0.1", "gzip")]
    [InlineData("*;q=0.1", "br")]
    [InlineData("identity, gzip, br", "br")]
    [InlineData("identity, gzip", "gzip")]
    [InlineData("identity;q=0, gzip;q=0.1", "gzip")]
    [InlineData("identity;q=two, gzip;q=0.1", "gzip")]
    public void Not_named_or_wanted_no_more_than_a_smaller_one_it_is_the_last_choice(string header, string? encoding) => Assert.Equal(encoding, Sent(header));

    [Fact]
    public void The_meaning_of_one_header_is_not_taken_for_that_of_the_next()
    {
        Assert.Equal(Both, AcceptEncoding.Read("gzip, br"));
        Assert.Equal(AcceptedEncodings.None, AcceptEncoding.Read("identity, gzip;q=0.5"));
        Assert.Equal(AcceptedEncodings.Gzip, AcceptEncoding.Read(new StringValues(["identity;q=0.5", "gzip"])));
        Assert.Equal(AcceptedEncodings.None, AcceptEncoding.Read(StringValues.Empty));
        Assert.Equal(Both, AcceptEncoding.Read("gzip, br"));
    }

    static string? Sent(string header)
    {
        ReadOnlyMemory<byte> body = new byte[] { 1 };
        return Rendered.Of(Rule, body, "\"tag\"", body, body, link: null).For(AcceptEncoding.Parse(header)).Encoding;
    }
}
