using Edge.Prometheus.Listening;

namespace Edge.Tests.Prometheus;

public sealed class RequestHeadTests
{
    [Fact]
    public void Everything_that_counts_is_read() => Assert.Equal(
        new RequestHead(new("GET", "/metrics", "a;q=1,b", "gzip", "10"), KeepsAlive: true),
        RequestHead.Read("GET /metrics?x=1 HTTP/1.1\r\nHost: a:1\r\nACCEPT:  a;q=1 \r\naccept: b\r\nAccept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\nContent-Length: 0"));

    [Theory]
    [InlineData("GET / HTTP/1.1", true)]
    [InlineData("GET / HTTP/1.0", false)]
    [InlineData("GET / HTTP/1.1\r\nConnection: Close", false)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 1", false)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked", false)]
    public void A_connection_goes_on_where_the_end_of_a_request_is_known(string text, bool keepsAlive) => Assert.Equal(keepsAlive, RequestHead.Read(text)!.KeepsAlive);

    [Theory]
    [InlineData("http://a:9464/metrics?x", "/metrics")]
    [InlineData("/metrics", "/metrics")]
    [InlineData("*", "*")]
    public void A_target_may_name_the_host(string target, string path) => Assert.Equal(path, RequestHead.Read($"GET {target} HTTP/1.1")!.Request.Path);

    [Theory]
    [InlineData("")]
    [InlineData("GET /")]
    [InlineData("GET / HTTP/2.0")]
    [InlineData("GET  / HTTP/1.1")]
    [InlineData("GET / HTTP/1.1\r\nnonsense")]
    [InlineData("GET / HTTP/1.1\r\n: empty")]
    public void What_is_no_request_is_refused(string text) => Assert.Null(RequestHead.Read(text));
}
