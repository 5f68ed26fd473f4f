using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Telemetry;

public sealed class OtlpHandlerTests : IDisposable
{
    const string Taken = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    static readonly byte[] s_batch = [10, 0, 255];

    readonly TcpListener _collector = new(IPAddress.Loopback, 0);
    readonly CollectorLog _log = new("spans", NullLogger.Instance);

    public OtlpHandlerTests() => _collector.Start();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_collector.LocalEndpoint).Port}/v1/traces?team=a");

    public void Dispose() => _collector.Dispose();

    /// <summary>As the exporter does it, from a thread of its own.</summary>
    Task<HttpResponseMessage> Send(Uri? to = null) => SendUntil(Cancel, to);

    async Task<HttpResponseMessage> SendUntil(CancellationToken cancelled, Uri? to = null)
    {
        using var client = new HttpClient(new OtlpHandler(_log));
        using var request = new HttpRequestMessage(HttpMethod.Post, to ?? Endpoint) { Content = new ReadOnlyMemoryContent(s_batch) };
        request.Content.Headers.ContentType = new("application/x-protobuf");
        request.Headers.Add("api-key", "secret");
        return await Task.Factory.StartNew(() => client.Send(request, cancelled), cancelled, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>One connection: what came on it, answered in the given pieces and closed.</summary>
    async Task<string> Answer(params string[] pieces)
    {
        using var connection = await _collector.AcceptSocketAsync(Cancel);
        connection.NoDelay = true;
        var request = new byte[4096];
        var count = 0;
        while (!Encoding.Latin1.GetString(request, 0, count).EndsWith("\n\u0000\u00ff", StringComparison.Ordinal))
            count += await connection.ReceiveAsync(request.AsMemory(count), Cancel);
        foreach (var piece in pieces)
            await connection.SendAsync(Encoding.Latin1.GetBytes(piece), Cancel);
        return Encoding.Latin1.GetString(request, 0, count);
    }

    [Fact]
    public async Task A_batch_is_one_post_over_a_connection_of_its_own()
    {
        var sent = Send();
        var request = await Answer(Taken);
        using var answer = await sent;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            $"POST /v1/traces?team=a HTTP/1.1\r\nHost: {Endpoint.Authority}\r\napi-key: secret\r\nContent-Type: application/x-protobuf\r\nContent-Length: 3\r\nConnection: close\r\n\r\n\n\u0000\u00ff",
            request);
    }

    [Fact]
    public async Task An_answer_may_come_in_two_pieces_cut_anywhere()
    {
        const string answer = "HTTP/1.1 429 Slow\r\nretry-after: 7\r\nContent-Length: 2\r\n\r\n{}";
        for (var at = 1; at < answer.Length; at++)
        {
            var sent = Send();
            await Answer(answer[..at], answer[at..]);
            using var read = await sent;
            Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (read.StatusCode, read.Headers.RetryAfter?.Delta));
        }
        Assert.Equal("it answers 429", _log.Reason);
    }

    [Theory]
    [InlineData("", "without an answer")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", "without an answer")]
    [InlineData("\0\0\u0012\u0004\0\0\0\0\0\r\n\r\n", "does not speak HTTP/1.1")]
    [InlineData("HTTP/2 200\r\n\r\n", "does not speak HTTP/1.1")]
    [InlineData("HTTP/1.1 abc\r\n\r\n", "does not speak HTTP/1.1")]
    [InlineData("HTTP/1.1 20\r\n\r\n", "does not speak HTTP/1.1")]
    public async Task What_is_no_answer_of_HTTP_is_a_failure_with_its_reason(string answer, string reason)
    {
        var sent = Send();
        await Answer(answer);
        await Assert.ThrowsAsync<HttpRequestException>(() => sent);
        Assert.Contains(reason, _log.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_whose_head_does_not_end_is_given_up()
    {
        var sent = Send();
        await Answer("HTTP/1.1 200 OK\r\nX: " + new string('a', 17 * 1024));
        await Assert.ThrowsAsync<HttpRequestException>(() => sent);
        Assert.Contains("does not begin like one of HTTP", _log.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_and_a_name_that_nobody_has_are_failures()
    {
        _collector.Stop();
        await Assert.ThrowsAsync<HttpRequestException>(() => Send());
        Assert.Contains("refused", _log.Reason, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => Send(new("http://collector.invalid:4318/v1/traces")));
        Assert.DoesNotContain("refused", _log.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_says_nothing_is_left_when_the_token_says_so()
    {
        using var patience = new CancellationTokenSource();
        var sent = SendUntil(patience.Token);
        using var connection = await _collector.AcceptSocketAsync(Cancel);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
    }

    [Fact]
    public async Task Where_TLS_is_asked_for_plain_text_is_no_answer()
    {
        var sent = Send(new(Endpoint.AbsoluteUri.Replace("http:", "https:", StringComparison.Ordinal)));
        using (var connection = await _collector.AcceptSocketAsync(Cancel))
        {
            // A handshake, not a request.
            var first = new byte[1];
            Assert.Equal(1, await connection.ReceiveAsync(first, Cancel));
            Assert.Equal(0x16, first[0]);
            await connection.SendAsync(Encoding.Latin1.GetBytes(Taken), Cancel);
        }
        await Assert.ThrowsAsync<HttpRequestException>(() => sent);
    }
}
