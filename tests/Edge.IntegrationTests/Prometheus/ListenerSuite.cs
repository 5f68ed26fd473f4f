using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Prometheus;
using Edge.Testing;

namespace Edge.IntegrationTests.Prometheus;

/// <summary>Requests over sockets, to each of the two listeners.</summary>
public abstract class ListenerSuite(string host) : IDisposable
{
    readonly HttpClient _client = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { Timeout = TimeSpan.FromSeconds(Poll.TimeoutSeconds) };

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_scrape_is_answered_with_its_type_and_length()
    {
        using var target = ScrapeTarget.Start(host: host);
        target.Meter.CreateCounter<long>("jobs").Add(3);
        using var answer = await _client.GetAsync(target.Metrics, Cancel);
        var body = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        Assert.Equal("Accept, Accept-Encoding", string.Join(", ", answer.Headers.Vary));
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal(
            $$"""
            # HELP target_info Target metadata
            # TYPE target_info gauge
            target_info{service_instance_id="one",service_name="edge",telemetry_sdk_language="dotnet",telemetry_sdk_name="opentelemetry",telemetry_sdk_version=""} 1
            # TYPE jobs_total counter
            jobs_total{otel_scope_name="{{target.Meter.Name}}",otel_scope_version="1.0"} 3

            """, WithoutSdkVersion(Encoding.UTF8.GetString(body)));
    }

    [Fact]
    public async Task OpenMetrics_comes_to_those_who_ask()
    {
        using var target = ScrapeTarget.Start(host: host);
        using var answer = await Get(target.Metrics, accept: "application/openmetrics-text; version=1.0.0; escaping=allow-utf-8, */*;q=0.1");
        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores", answer.Content.Headers.ContentType!.ToString());
        Assert.EndsWith("# EOF\n", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gzip_comes_to_those_who_ask_and_is_the_same()
    {
        using var target = ScrapeTarget.Start(static options => options.ScrapeResponseCacheDurationMilliseconds = 60_000, host: host);
        for (var i = 0; i < 2_000; i++) target.Meter.CreateGauge<long>($"g{i % 7}").Record(i, new KeyValuePair<string, object?>("i", i));
        using var compressed = await Get(target.Metrics, acceptEncoding: "gzip");
        Assert.Equal(["gzip"], compressed.Content.Headers.ContentEncoding);
        var bytes = await compressed.Content.ReadAsByteArrayAsync(Cancel);
        await using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        var unzipped = await new StreamReader(gzip, Encoding.UTF8).ReadToEndAsync(Cancel);
        Assert.Equal(await _client.GetStringAsync(target.Metrics, Cancel), unzipped);
        Assert.InRange(bytes.Length, 1, unzipped.Length / 5);
    }

    [Fact]
    public async Task HEAD_is_GET_without_the_body()
    {
        using var target = ScrapeTarget.Start(static options => options.ScrapeResponseCacheDurationMilliseconds = 60_000, host: host);
        target.Meter.CreateCounter<long>("jobs").Add(3);
        var length = (await _client.GetByteArrayAsync(target.Metrics, Cancel)).Length;
        using var request = new HttpRequestMessage(HttpMethod.Head, target.Metrics);
        using var answer = await _client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(length, answer.Content.Headers.ContentLength);
        Assert.StartsWith("text/plain", answer.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancel));
        // The connection is still in step.
        Assert.Equal(length, (await _client.GetByteArrayAsync(target.Metrics, Cancel)).Length);
    }

    [Theory]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/metrics/", 404)]
    [InlineData("GET", "/metrics/more", 404)]
    [InlineData("GET", "/Metrics", 404)]
    [InlineData("HEAD", "/other", 404)]
    [InlineData("POST", "/metrics", 405)]
    [InlineData("DELETE", "/metrics", 405)]
    [InlineData("OPTIONS", "/metrics", 405)]
    [InlineData("POST", "/other", 404)]
    [InlineData("GET", "/metrics?collect[]=a", 200)]
    public async Task Other_paths_are_404_and_other_methods_405_and_all_say_what_they_are(string method, string path, int status)
    {
        using var target = ScrapeTarget.Start(host: host);
        using var request = new HttpRequestMessage(new(method), target.At(path));
        if (method == "POST") request.Content = new StringContent("a=b");
        using var answer = await _client.SendAsync(request, Cancel);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.StartsWith("text/plain; ", answer.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.Equal(status == 405 ? ["GET", "HEAD"] : [], answer.Content.Headers.Allow);
        if (status == 404 && method != "HEAD") Assert.Equal("Metrics are at /metrics.\n", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task The_path_can_be_another()
    {
        using var target = ScrapeTarget.Start(static options => options.ScrapeEndpointPath = "/internal/prometheus", host: host);
        Assert.Contains("target_info", await _client.GetStringAsync(target.At("/internal/prometheus"), Cancel), StringComparison.Ordinal);
        using var answer = await _client.GetAsync(target.Metrics, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_collection_that_hangs_is_408_when_Prometheus_would_give_up_and_503_once_it_is_shut_down_7252()
    {
        using var entered = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        var target = ScrapeTarget.Start(host: host);
        target.Meter.CreateObservableGauge("slow", () =>
        {
            entered.Release();
            goOn.Wait(Cancel);
            return 1;
        });
        using var hasty = await Get(target.Metrics, timeoutSeconds: "0.05");
        Assert.Equal(HttpStatusCode.RequestTimeout, hasty.StatusCode);
        Assert.StartsWith("text/plain", hasty.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        await entered.WaitAsync(Cancel);
        var waiting = Get(target.Metrics, timeoutSeconds: "60");
        // A second one, after which the first has surely arrived: they come in turn, and this one gives up.
        using var behind = await Get(target.Metrics, timeoutSeconds: "0.2");
        Assert.Equal(HttpStatusCode.RequestTimeout, behind.StatusCode);
        var disposal = Task.Run(target.Dispose, Cancel);
        using var answer = await waiting;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        goOn.Set();
        await disposal;
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetStringAsync(target.Metrics, Cancel));
    }

    [Fact]
    public async Task What_is_too_large_is_500_with_a_text()
    {
        using var target = ScrapeTarget.Start(static options => options.MaxResponseBytes = 4096, host: host);
        var gauge = target.Meter.CreateGauge<long>("a");
        for (var i = 0; i < 1_000; i++) gauge.Record(i, new KeyValuePair<string, object?>("i", i));
        using var answer = await _client.GetAsync(target.Metrics, Cancel);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("The metrics are larger than MaxResponseBytes.\n", await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(PrometheusProblemKind.ResponseTooLarge, Assert.Single(target.Problems).Kind);
    }

    [Fact]
    public async Task A_crowd_of_scrapes_gets_whole_answers_of_one_collection_at_a_time_7571()
    {
        using var target = ScrapeTarget.Start(static options => options.ScrapeResponseCacheDurationMilliseconds = 0, host: host);
        var (inside, most) = (0, 0);
        target.Meter.CreateObservableGauge("a", () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            Interlocked.Decrement(ref inside);
            return 1;
        });
        for (var i = 0; i < 500; i++) target.Meter.CreateCounter<long>("c").Add(i, new KeyValuePair<string, object?>("i", i));
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(async i =>
        {
            using var answer = await Get(target.Metrics, accept: i % 2 == 0 ? "text/plain" : "application/openmetrics-text");
            return (i, answer.StatusCode, Body: await answer.Content.ReadAsStringAsync(Cancel));
        }));
        Assert.Equal(1, most);
        foreach (var (i, status, body) in answers)
        {
            // 64 at once are served, further ones are told so.
            if (status == HttpStatusCode.ServiceUnavailable) continue;
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal(500, body.Split("\nc_total{").Length - 1);
            Assert.Equal(i % 2 != 0, body.EndsWith("# EOF\n", StringComparison.Ordinal));
        }

        Assert.True(answers.Count(static answer => answer.StatusCode == HttpStatusCode.OK) >= 64);
        Assert.Empty(target.Problems);
    }

    [Fact]
    public async Task A_client_that_goes_away_harms_nobody()
    {
        using var target = ScrapeTarget.Start(host: host);
        for (var i = 0; i < 2_000; i++) target.Meter.CreateCounter<long>("c").Add(i, new KeyValuePair<string, object?>("i", i));
        for (var i = 0; i < 50; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(target.Metrics.IdnHost, target.Port, Cancel);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /metrics HTTP/1.1\r\nHost: {target.Metrics.Authority}\r\n\r\n"), Cancel);
            socket.LingerState = new(true, 0);
        }

        Assert.Contains("c_total{", await _client.GetStringAsync(target.Metrics, Cancel), StringComparison.Ordinal);
        Assert.Empty(target.Problems);
    }

    [Fact]
    public async Task A_disposed_listener_leaves_its_port_and_can_come_again()
    {
        var target = ScrapeTarget.Start(host: host);
        for (var i = 0; i < 10; i++)
        {
            await _client.GetStringAsync(target.Metrics, Cancel);
            target.Dispose();
            target.Dispose();
            target = await Again(target.Port);
        }

        target.Dispose();
    }

    [Fact]
    public async Task Scraping_measures_no_requests_of_its_own()
    {
        using var target = ScrapeTarget.Start(static options => options.ScrapeResponseCacheDurationMilliseconds = 0, static builder => builder
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"), host);
        var port = $"server_port=\"{target.Port}\"";
        for (var i = 0; i < 3; i++) Assert.DoesNotContain(port, await _client.GetStringAsync(target.Metrics, Cancel), StringComparison.Ordinal);
    }

    /// <summary>
    /// At once, or when nobody has the port any more: a process that some other test starts just now holds a copy of the closed socket, which listens until its
    /// program runs. A socket of this program's own has no such excuse.
    /// </summary>
    async Task<ScrapeTarget> Again(int port)
    {
        ScrapeTarget again = null!;
        await Poll.Until(
            () =>
            {
                again = ScrapeTarget.StartAt(host, port);
                if (again.Problems.Count == 0)
                    return true;
                Assert.Equal(PrometheusProblemKind.PortInUse, again.Problems[0].Kind);
                again.Dispose();
                Assert.False(ListensHere(port), "a disposed listener left its socket open");
                return false;
            },
            "the port can be listened on again", Cancel);
        return again;
    }

    /// <summary>Whether this process holds a socket that listens there; false where the system does not tell.</summary>
    static bool ListensHere(int port)
    {
        const int local = 1;
        const int state = 3;
        const int inode = 9;
        const string listening = "0A";
        if (!OperatingSystem.IsLinux())
            return false;
        var end = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        var sockets = ((string[])["/proc/self/net/tcp", "/proc/self/net/tcp6"])
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[local].EndsWith(end, StringComparison.Ordinal) && fields[state] == listening)
            .Select(static fields => $"socket:[{fields[inode]}]")
            .ToHashSet();
        return new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Any(held => held.LinkTarget is { } target && sockets.Contains(target));
    }

    async Task<HttpResponseMessage> Get(Uri uri, string? accept = null, string? acceptEncoding = null, string? timeoutSeconds = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        if (acceptEncoding is not null) request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(acceptEncoding));
        if (timeoutSeconds is not null) request.Headers.Add("X-Prometheus-Scrape-Timeout-Seconds", timeoutSeconds);
        return await _client.SendAsync(request, Cancel);
    }

    static string WithoutSdkVersion(string text) => Regex.Replace(text, "telemetry_sdk_version=\"[^\"]+\"", "telemetry_sdk_version=\"\"");
}

/// <summary>By HttpListener.</summary>
public sealed class HttpListenerTests() : ListenerSuite("127.0.0.1");

/// <summary>Its own HTTP, for IPv6.</summary>
public sealed class SocketListenerTests() : ListenerSuite("::1")
{
    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("GET /metrics HTTP/2.0\r\n\r\n")]
    [InlineData("GET /metrics HTTP/1.1\r\nno colon\r\n\r\n")]
    [InlineData(" / HTTP/1.1\r\n\r\n")]
    public async Task What_is_no_request_ends_the_connection_and_nothing_else(string sent)
    {
        using var target = ScrapeTarget.Start(host: "::1");
        Assert.Equal("", await Exchange(target, sent));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await Exchange(target, "GET /metrics HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);
        Assert.Empty(target.Problems);
    }

    [Fact]
    public async Task Headers_without_end_are_not_read_for_ever()
    {
        using var target = ScrapeTarget.Start(host: "::1");
        Assert.Equal("", await Exchange(target, "GET /metrics HTTP/1.1\r\nA: " + new string('a', 16 * 1024 - 30)));
    }

    [Fact]
    public async Task Requests_sent_ahead_are_answered_in_turn_and_a_body_ends_the_connection()
    {
        using var target = ScrapeTarget.Start(host: "::1");
        var answers = await Exchange(target,
            "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nHEAD /metrics HTTP/1.1\r\n\r\nGET http://a/other HTTP/1.1\r\n\r\nPOST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n");
        Assert.Equal(["200 OK", "200 OK", "404 NotFound", "405 MethodNotAllowed"], Regex.Matches(answers, @"HTTP/1\.1 (\d+ \w+)").Select(static match => match.Groups[1].Value));
    }

    static async Task<string> Exchange(ScrapeTarget target, string sent)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.IPv6Loopback, target.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.Latin1.GetBytes(sent), TestContext.Current.CancellationToken);
        var received = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken)) > 0) received.Write(buffer, 0, read);
        }
        catch (SocketException)
        {
            // Closed with some of what was sent unread.
        }

        return Encoding.UTF8.GetString(received.ToArray());
    }
}
