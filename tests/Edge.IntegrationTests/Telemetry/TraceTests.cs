using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Edge.IntegrationTests.Cli;
using Edge.Testing;

namespace Edge.IntegrationTests.Telemetry;

/// <summary>What a collector is told of requests, by the program itself.</summary>
public sealed class TraceTests
{
    const string AdminToken = "0123456789abcdef0123456789abcdef";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static async Task<Dictionary<string, string>> Settings(string endpoint, params (string Key, string Value)[] more)
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var all = new Dictionary<string, string> { ["DATABASE_URL"] = database.Url, ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint, ["OTEL_BSP_SCHEDULE_DELAY"] = "50", ["EDGE_WARM_SECONDS"] = "0" };
        foreach (var (key, value) in more)
            all[key] = value;
        return all;
    }

    static HttpRequestMessage Get(string path, string? traceParent = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (traceParent is not null)
            request.Headers.Add("traceparent", traceParent);
        return request;
    }

    static async Task<HttpStatusCode> Send(EdgeServer server, string path, string? traceParent = null)
    {
        using var request = Get(path, traceParent);
        using var answer = await server.Http.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    /// <summary>Ends it, with which all spans have left that were to leave.</summary>
    static async Task<Ended> End(EdgeServer server)
    {
        server.Send(PosixSignal.SIGTERM);
        var ended = await server.End(Cancelled);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        return ended;
    }

    static async ValueTask<bool> IsSettled(EdgeServer server, CancellationToken cancelled)
    {
        using var ask = Get("/performance/cache/stats");
        ask.Headers.Authorization = new("Bearer", AdminToken);
        using var answer = await server.Http.SendAsync(ask, cancelled);
        var stats = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancelled)).RootElement;
        return stats.GetProperty("l2").GetProperty("isOpen").GetBoolean() && stats.GetProperty("changes").GetProperty("gaps").GetInt64() > 0;
    }

    static string NewTrace() => ActivityTraceId.CreateRandom().ToHexString();

    [Fact]
    public async Task A_read_that_is_not_in_memory_is_one_trace_of_request_cache_query_and_Redis_and_a_hit_is_its_request_alone()
    {
        // Its own: whoever else shares one may make invalid what was just loaded.
        await using var redis = await RedisServer.Start(Cancelled);
        await using var collector = OtlpCollector.Start();
        await using var server = await EdgeServer.StartReady(
            await Settings(collector.Endpoint, ("REDIS_URL", redis.Url), ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=a%20secret"), ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"),
                ("OTEL_SERVICE_NAME", "shop"), ("ADMIN_TOKEN", AdminToken),
                // A busy machine must not make Redis fail here, and the spans of what the limits ask of it are not what is counted.
                ("EDGE_LIMITS", "0"), ("EDGE_CACHE_REDIS_TIMEOUT_MS", "10000")), Cancelled);
        await Poll.Until(async token => await IsSettled(server, token), "it shares with Redis and has dealt with what it did not hear before its start", Cancelled);
        var (caller, callersSpan) = (NewTrace(), ActivitySpanId.CreateRandom().ToHexString());
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products/7", $"00-{caller}-{callersSpan}-01"));

        // The request ends last, and may come in a batch of its own.
        var miss = await collector.Trace(
            spans => spans[0].Trace == caller && spans.Any(static span => span.Name == "cache products.one") && spans.Any(static span => span.Kind == 2), "the read that was loaded", Cancelled);
        var request = Assert.Single(miss, static span => span.Kind == 2);
        Assert.Equal(("GET /api/products/{id}", callersSpan), (request.Name, request.Parent));
        Assert.Equal(("GET", "/api/products/{id}", "/api/products/7", "200"), (
            request.Attributes["http.request.method"], request.Attributes["http.route"], request.Attributes["url.path"], request.Attributes["http.response.status_code"]));
        Assert.StartsWith("edge; fwd=miss; stored", request.Attributes["http.response.header.cache-status"], StringComparison.Ordinal);
        var cache = Assert.Single(miss, static span => span.Kind == 1);
        Assert.Equal((request.Id, "loaded"), (cache.Parent, cache.Attributes["cache.result"]));
        var query = Assert.Single(miss, static span => span.Attributes.GetValueOrDefault("db.system.name") == "postgresql");
        Assert.Equal(("Product.ById", cache.Id, "1"), (query.Name, query.Parent, query.Attributes["db.response.returned_rows"]));
        Assert.Equal(
            ["cache.fetch", "cache.store"],
            miss.Where(span => span.Attributes.GetValueOrDefault("db.system.name") == "redis" && span.Parent == cache.Id).Select(static span => span.Name));
        Assert.DoesNotContain(miss, static span => span.IsError);

        var again = "";
        await Poll.Until(
            async token =>
            {
                using var read = Get("/api/products/7", $"00-{again = NewTrace()}-{callersSpan}-01");
                using var answer = await server.Http.SendAsync(read, token);
                return answer.Headers.GetValues("Cache-Status").Single().StartsWith("edge; hit", StringComparison.Ordinal);
            },
            "it is read from memory", Cancelled);
        await End(server);
        var hit = collector.Spans.Where(span => span.Trace == again).ToArray();
        Assert.StartsWith("edge; hit", Assert.Single(hit, static span => span.Kind == 2).Attributes["http.response.header.cache-status"], StringComparison.Ordinal);
        Assert.DoesNotContain(hit, static span => span.Kind == 1 || span.Attributes.GetValueOrDefault("db.system.name") == "postgresql");

        // Names, and nothing of what was asked of whom: no SQL, no key, no address. What an instance does by itself is no trace.
        Assert.All(collector.Spans.SelectMany(static span => span.Attributes.Values), static value =>
            Assert.DoesNotMatch("(?i)select |127\\.0\\.0\\.1|secret|redis://", value));
        Assert.All(collector.Spans.GroupBy(static span => span.Trace), static trace => Assert.Contains(trace, static span => span.Kind == 2));
        Assert.All(collector.Requests, static sent => Assert.Equal(("/v1/traces", "a secret", "gzip"), (sent.Path, sent.Headers["api-key"], sent.Headers["Content-Encoding"])));
        // The resource that they are of begins the batch.
        Assert.All(collector.Requests, static sent => Assert.Contains("service.name\u0012\u0006\n\u0004shop", System.Text.Encoding.UTF8.GetString(sent.Body), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Callers_decide_by_their_traceparent_and_probes_are_left_out()
    {
        await using var collector = OtlpCollector.Start();
        await using var server = await EdgeServer.StartReady(await Settings(collector.Endpoint), Cancelled);
        var (left, kept) = (NewTrace(), NewTrace());
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products/1", $"00-{left}-b7ad6b7169203331-00"));
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/health"));
        Assert.Equal(HttpStatusCode.NotFound, await Send(server, "/nothing/here", $"00-{kept}-b7ad6b7169203331-01"));
        await End(server);

        var only = Assert.Single(collector.Spans);
        Assert.Equal((kept, "GET", "404"), (only.Trace, only.Name, only.Attributes["http.response.status_code"]));
        Assert.False(only.IsError);
    }

    [Theory]
    [InlineData("always_off", "1")]
    [InlineData("traceidratio", "0")]
    [InlineData("parentbased_traceidratio", "0")]
    public async Task A_sampler_that_takes_nothing_sends_nothing(string sampler, string ratio)
    {
        await using var collector = OtlpCollector.Start();
        await using var server = await EdgeServer.StartReady(
            await Settings(collector.Endpoint, ("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", ratio)), Cancelled);
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products/1"));
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products"));
        await End(server);
        Assert.Empty(collector.Requests);
    }

    [Fact]
    public async Task A_problem_its_log_line_its_spans_and_an_exemplar_have_one_trace_id()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await using var proxy = CuttingProxy.Start(new Uri(database.Url).Port);
        await proxy.Refuse();
        await using var collector = OtlpCollector.Start();
        var metrics = FreePort.Of();
        await using var server = await EdgeServer.StartReady(
            await Settings(
                collector.Endpoint, ("DATABASE_URL", database.UrlAt(proxy.Port)), ("OTEL_METRICS_EXPORTER", "prometheus"),
                ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"), ("OTEL_EXPORTER_PROMETHEUS_PORT", metrics.ToString(CultureInfo.InvariantCulture))),
            Cancelled);
        var address = new Uri($"http://127.0.0.1:{metrics}/metrics");
        await Poll.Until(async token => await ScrapedEdge.IsScraped(server.Http, address, token), "it can be scraped", Cancelled);

        using var answer = await server.Http.GetAsync(new Uri("/api/products/1", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var id = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("traceId").GetString()!;
        var logged = await server.Event("DependencyFailed", Cancelled);
        Assert.Equal(id, logged.GetProperty("traceId").GetString());
        var trace = await collector.Trace(spans => spans[0].Trace == id && spans.Any(static span => span.Kind == 2), "the request", Cancelled);
        Assert.All(trace, static span => Assert.True(span.IsError, $"{span.Name} failed and does not say so."));
        Assert.Equal("503", Assert.Single(trace, static span => span.Kind == 2).Attributes["error.type"]);
        Assert.Equal("unavailable", Assert.Single(trace, static span => span.Name == "Product.ById").Attributes["error.type"]);

        using var scrape = new HttpRequestMessage(HttpMethod.Get, address);
        scrape.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text; version=1.0.0"));
        using var scraped = await server.Http.SendAsync(scrape, Cancelled);
        var lines = (await scraped.Content.ReadAsStringAsync(Cancelled)).Split('\n').Where(line => line.Contains($"trace_id=\"{id}\"", StringComparison.Ordinal)).ToArray();
        Assert.Contains(lines, static line => line.StartsWith("http_server_request_duration_seconds_bucket", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.StartsWith("edge_db_query_duration_seconds_bucket", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_is_gone_costs_no_request_and_two_lines_in_the_log()
    {
        var port = FreePort.Of();
        await using var server = await EdgeServer.StartReady(await Settings(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")), Cancelled);
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products/1"));
        var down = (await server.Event("CollectorDown", Cancelled)).GetProperty("message").GetString();
        Assert.StartsWith("The collector does not take spans: ", down, StringComparison.Ordinal);
        Assert.Contains("refused", down, StringComparison.Ordinal);

        await using var collector = OtlpCollector.Start(port);
        await Poll.Until(
            async token =>
            {
                Assert.Equal(HttpStatusCode.OK, await server.Status("/api/products/1", token));
                return collector.Requests.Count > 0;
            },
            "it takes spans again", Cancelled);
        await server.Event("CollectorUp", Cancelled);
        await End(server);
        Assert.Single(server.Log, static line => line.GetProperty("event").GetString() == "CollectorDown");
    }

    /// <summary>The exporter's own deadline is ten minutes here: only the bound of the flush ends this in the time that a run has.</summary>
    [Fact]
    public async Task A_collector_that_never_answers_does_not_hold_up_the_end()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var endpoint = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        await using var server = await EdgeServer.StartReady(await Settings(endpoint, ("OTEL_EXPORTER_OTLP_TIMEOUT", "600000")), Cancelled);
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products/1"));
        using var accepted = await silent.AcceptSocketAsync(Cancelled);
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products/2"));
        await End(server);
    }

    [Fact]
    public async Task Over_TLS_a_collector_is_spoken_to_that_is_trusted_and_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("edge-collector-");
        TestCertificate.Write(folder.FullName);
        var file = Path.Combine(folder.FullName, "cert.pem");
        using var certificate = X509Certificate2.CreateFromPemFile(file, Path.Combine(folder.FullName, "key.pem"));
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        var endpoint = $"https://127.0.0.1:{((IPEndPoint)collector.LocalEndpoint).Port}";

        await using (var trusting = await EdgeServer.StartReady(await Settings(endpoint, ("SSL_CERT_FILE", file)), Cancelled))
        {
            Assert.Equal(HttpStatusCode.OK, await Send(trusting, "/api/products/1"));
            Assert.Equal("POST /v1/traces HTTP/1.1", await TakeOverTls(collector, certificate));
        }
        await using (var other = await EdgeServer.StartReady(await Settings(endpoint), Cancelled))
        {
            Assert.Equal(HttpStatusCode.OK, await Send(other, "/api/products/1"));
            Assert.Null(await TakeOverTls(collector, certificate));
            Assert.Contains("certificate", (await other.Event("CollectorDown", Cancelled)).GetProperty("message").GetString(), StringComparison.Ordinal);
        }
        folder.Delete(recursive: true);
    }

    /// <summary>The first line of a request, which is answered; null: the client would not have it.</summary>
    static async Task<string?> TakeOverTls(TcpListener collector, X509Certificate2 certificate)
    {
        using var client = await collector.AcceptTcpClientAsync(Cancelled);
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Cancelled);
            using var reader = new StreamReader(stream, leaveOpen: true);
            var line = await reader.ReadLineAsync(Cancelled);
            if (line is not null)
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancelled);
            return line;
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return null;
        }
    }

    [Fact]
    public async Task A_variable_that_only_the_exporter_reads_and_refuses_costs_no_instance()
    {
        await using var collector = OtlpCollector.Start();
        await using var server = await EdgeServer.StartReady(
            await Settings(collector.Endpoint, ("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "never"), ("OTEL_METRICS_EXPORTER", "otlp")), Cancelled);
        await server.Event("TracesHindered", Cancelled);
        await server.Event("MetricsHindered", Cancelled);
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products/1"));
        await End(server);
        Assert.Empty(collector.Requests);
    }

    [Fact]
    public async Task What_is_measured_is_pushed_where_the_exporter_is_otlp_and_once_more_at_the_end()
    {
        await using var collector = OtlpCollector.Start();
        await using var server = await EdgeServer.StartReady(
            await Settings(collector.Endpoint, ("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRIC_EXPORT_INTERVAL", "1000")), Cancelled);
        await Poll.Until(() => collector.Requests.Count > 0, "a push has come", Cancelled);
        Assert.Equal(HttpStatusCode.OK, await Send(server, "/api/products/3"));
        await End(server);
        Assert.All(collector.Requests, static request => Assert.Equal("/v1/metrics", request.Path));
        var last = System.Text.Encoding.UTF8.GetString(collector.Requests.Last().Body);
        Assert.Contains("edge.db.query.duration", last, StringComparison.Ordinal);
        Assert.Contains("Product.ById", last, StringComparison.Ordinal);
        Assert.Contains("/api/products/{id}", last, StringComparison.Ordinal);
    }
}
