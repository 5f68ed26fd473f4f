using Edge.Prometheus.Scraping;
using Edge.Prometheus.Text;

namespace Edge.Tests.Prometheus;

public sealed class NegotiationTests
{
    const string Text = "text/plain; version=0.0.4; charset=utf-8";
    const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    [Theory]
    [InlineData(null, Text)]
    [InlineData("", Text)]
    [InlineData("*/*", Text)]
    [InlineData("text/plain", Text)]
    [InlineData("text/plain;version=0.0.4", Text)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Text)]
    [InlineData("application/openmetrics-text", OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0", OpenMetrics)]
    [InlineData("application/openmetrics-text;version=\"1.0.0\"", OpenMetrics)]
    [InlineData("APPLICATION/OpenMetrics-Text;Version=1.0.0", OpenMetrics)]
    [InlineData("application/*", OpenMetrics)]
    [InlineData("application/openmetrics-text, */*;q=0.1", OpenMetrics)]
    public void What_is_asked_for_is_what_comes(string? accept, string contentType) => Assert.Equal(contentType, Negotiation.Of(accept, null).ContentType);

    [Theory]
    [InlineData("application/openmetrics-text;q=0.5,text/plain;q=0.6", Text)]
    [InlineData("application/openmetrics-text;q=0.6,text/plain;q=0.5", OpenMetrics)]
    [InlineData("text/plain;q=0.5,application/openmetrics-text;q=0.5", OpenMetrics)]
    [InlineData("application/openmetrics-text;q=0,text/plain", Text)]
    [InlineData("application/openmetrics-text;q=0", Text)]
    [InlineData("application/openmetrics-text;q=0,*/*", Text)]
    [InlineData("application/openmetrics-text;q=nonsense", Text)]
    [InlineData("application/openmetrics-text;q=1.5,text/plain;q=0.1", Text)]
    [InlineData("application/openmetrics-text;q=0.8;version=1.0.0,text/plain;q=0.7", OpenMetrics)]
    [InlineData("application/*;q=0.1,application/openmetrics-text;q=0.9,text/plain;q=0.5", OpenMetrics)]
    public void Weights_decide_7208(string accept, string contentType) => Assert.Equal(contentType, Negotiation.Of(accept, null).ContentType);

    [Theory]
    [InlineData("  application/openmetrics-text ;  version = 1.0.0 ; q = 0.7 , text/plain ; q=0.3 ", OpenMetrics)]
    [InlineData("application/openmetrics-text\t;\tq=0.2,\ttext/plain;q=0.3", Text)]
    [InlineData(",, ,application/openmetrics-text,", OpenMetrics)]
    public void Space_says_nothing_7266(string accept, string contentType) => Assert.Equal(contentType, Negotiation.Of(accept, null).ContentType);

    [Theory]
    // What Prometheus 2.42 and 3.5 send.
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OpenMetrics + "; escaping=underscores")]
    // Before 2.5, and with protobuf first: there is none here.
    [InlineData("text/plain;version=0.0.4;q=1,*/*;q=0.1", Text)]
    [InlineData("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", Text)]
    [InlineData("application/openmetrics-text;version=0.0.1", Text)]
    [InlineData("application/openmetrics-text;version=2.0.0;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", OpenMetrics)]
    public void Prometheus_gets_the_best_version_that_there_is(string accept, string contentType) => Assert.Equal(contentType, Negotiation.Of(accept, null).ContentType);

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("gzip", true)]
    [InlineData("GZIP", true)]
    [InlineData("x-gzip", true)]
    [InlineData("deflate, gzip;q=1.0, *;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("*", true)]
    [InlineData("*;q=0", false)]
    [InlineData("gzip;q=0, *", false)]
    [InlineData("br, deflate", false)]
    [InlineData("gzip;q=0.5, identity;q=1", false)]
    [InlineData("identity, gzip", true)]
    [InlineData(" gzip ; q = 0.4 ", true)]
    public void Gzip_comes_to_those_who_want_it(string? acceptEncoding, bool isGzip) => Assert.Equal(isGzip, Negotiation.Of(null, acceptEncoding).IsGzip);

    [Theory]
    [InlineData(null, 10_000)]
    [InlineData("", 10_000)]
    [InlineData("nonsense", 10_000)]
    [InlineData("0", 10_000)]
    [InlineData("-1", 10_000)]
    [InlineData("NaN", 10_000)]
    [InlineData("10", 9_500)]
    [InlineData("0.5", 475)]
    [InlineData(" 2 ", 1_900)]
    [InlineData("1000000", 120_000)]
    public void A_scrape_may_take_what_Prometheus_waits_less_the_way_back_7252(string? header, double expectedMs) =>
        Assert.Equal(expectedMs, ScrapeDeadline.Of(header, 10_000).TotalMilliseconds);

    [Fact]
    public void Any_header_gets_an_answer_with_a_type()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => "application/openmetrics-text;,q=0.1\" */textplain"[random.Next(48)])]);
            var negotiated = Negotiation.Of(text, text);
            Assert.StartsWith(negotiated.Format == ExpositionFormat.Text ? "text/plain; version=0.0.4" : "application/openmetrics-text; version=1.0.0", negotiated.ContentType, StringComparison.Ordinal);
        }
    }
}
