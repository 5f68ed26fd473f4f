using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Edge.Testing;
using OpenTelemetry.Metrics;

namespace Edge.IntegrationTests.Prometheus;

/// <summary>What reads the output in earnest: promtool, and a Prometheus that scrapes it.</summary>
public sealed class PrometheusServerTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Promtool_finds_nothing_wrong()
    {
        using var target = Measured();
        using var client = new HttpClient();
        var text = await client.GetStringAsync(target.Metrics, Cancel);
        var (exitCode, output) = await Run("promtool", ["check", "metrics"], text);
        Assert.True(exitCode == 0, $"{output}\n{text}");
        Assert.Equal("", output);
        // The tool is worth something only if it finds what is wrong.
        var (brokenExitCode, _) = await Run("promtool", ["check", "metrics"], text + text);
        Assert.NotEqual(0, brokenExitCode);
    }

    [Fact]
    public async Task Prometheus_scrapes_it_and_answers_queries_from_it()
    {
        using var target = Measured();
        var folder = Directory.CreateTempSubdirectory("edge-prometheus-");
        try
        {
            await using var prometheus = await PrometheusServer.Start(folder.FullName, target.Port, Cancel);
            await prometheus.HasScraped(Cancel);
            Assert.Equal("7", await prometheus.Value("jobs_done_total{queue=\"mail\"}", Cancel));
            Assert.Equal("a \"b\" \\ c\nd é漢😀", await prometheus.Label("odd_labels", "k", Cancel));
            Assert.Equal("+Inf", await prometheus.Value("odd_infinite", Cancel));
            Assert.Equal("0.30000000000000004", await prometheus.Value("odd_third", Cancel));
            Assert.Equal("3", await prometheus.Value("took_seconds_bucket{le=\"1.0\"}", Cancel));
            Assert.Equal("4", await prometheus.Value("took_seconds_bucket{le=\"+Inf\"}", Cancel));
            Assert.Equal("4", await prometheus.Value("took_seconds_count", Cancel));
            Assert.Equal(target.Meter.Name, await prometheus.Label("took_seconds_count", "otel_scope_name", Cancel));
            Assert.Equal("edge", await prometheus.Label("target_info", "service_name", Cancel));
            Assert.Equal("counter", await prometheus.MetadataOf("jobs_done", Cancel));
            Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", await prometheus.ExemplarOf("jobs_done_total", Cancel));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static ScrapeTarget Measured()
    {
        var target = ScrapeTarget.Start(static options => options.ScrapeResponseCacheDurationMilliseconds = 0, static builder => builder
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddView("took", new ExplicitBucketHistogramConfiguration { Boundaries = [0.005, 1, 1_000_000] }));
        var jobs = target.Meter.CreateCounter<long>("jobs.done", "{job}", "Jobs that are done.");
        using (var activity = new Activity("job").SetIdFormat(ActivityIdFormat.W3C).SetParentId(
            ActivityTraceId.CreateFromString("4bf92f3577b34da6a3ce929d0e0e4736"), ActivitySpanId.CreateFromString("00f067aa0ba902b7"), ActivityTraceFlags.Recorded))
        {
            activity.Start();
            jobs.Add(7, new KeyValuePair<string, object?>("queue", "mail"));
        }

        var took = target.Meter.CreateHistogram<double>("took", "s", "How long it took, \"all\" told.\nIn seconds.");
        foreach (var value in (double[])[0.001, 0.5, 1, 3]) took.Record(value);
        target.Meter.CreateGauge<double>("odd.labels", null, "Odd.").Record(1, new KeyValuePair<string, object?>("k", "a \"b\" \\ c\nd é漢😀"));
        target.Meter.CreateGauge<double>("odd.infinite", null, "Odd.").Record(double.PositiveInfinity);
        target.Meter.CreateGauge<double>("odd.third", null, "Odd.").Record(0.1 + 0.2);
        return target;
    }

    static async Task<(int ExitCode, string Output)> Run(string program, string[] arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = process.StandardError.ReadToEndAsync(Cancel);
        await process.StandardInput.WriteAsync(input.AsMemory(), Cancel);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>A private Prometheus on a port of its own, killed when disposed of.</summary>
    sealed class PrometheusServer : IAsyncDisposable
    {
        const int PortAttempts = 5;
        readonly Process _process;
        readonly HttpClient _client;
        readonly Task<string> _log;
        string? _at;

        PrometheusServer(Process process, int port)
        {
            _process = process;
            _client = new() { BaseAddress = new($"http://127.0.0.1:{port}") };
            _log = process.StandardError.ReadToEndAsync(CancellationToken.None);
        }

        public static async Task<PrometheusServer> Start(string folder, int targetPort, CancellationToken cancel)
        {
            var settings = Path.Combine(folder, "prometheus.yml");
            await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture,
                $$"""
                global:
                  scrape_interval: 200ms
                  scrape_timeout: 200ms
                scrape_configs:
                  - job_name: edge
                    static_configs:
                      - targets: ['127.0.0.1:{{targetPort}}']

                """), cancel);
            for (var attempt = 1; ; attempt++)
            {
                var port = FreePort.Of();
                var start = new ProcessStartInfo("prometheus",
                [
                    $"--config.file={settings}", $"--storage.tsdb.path={Path.Combine(folder, $"data{attempt}")}", $"--web.listen-address=127.0.0.1:{port}",
                    "--enable-feature=exemplar-storage", "--log.level=warn",
                ]) { RedirectStandardError = true, WorkingDirectory = folder };
                var server = new PrometheusServer(Process.Start(start)!, port);
                try
                {
                    await Poll.Until(server.IsReady, "Prometheus is ready", cancel);
                    return server;
                }
                catch (InvalidOperationException) when (attempt < PortAttempts)
                {
                    // It ended: the port was taken meanwhile.
                    await server.DisposeAsync();
                }
            }
        }

        /// <summary>
        /// Queries are of that moment from here on: a later scrape may take longer than it may on a busy machine, and leaves nothing to be found.
        /// </summary>
        public Task HasScraped(CancellationToken cancel) => Poll.Until(
            async token =>
            {
                var ups = (await Data($"/api/v1/query?query={Uri.EscapeDataString("up[1m]")}", token)).GetProperty("result");
                if (ups.GetArrayLength() > 0)
                    _at = ups[0].GetProperty("values").EnumerateArray().Where(static up => up[1].GetString() == "1").Select(static up => up[0].GetRawText()).FirstOrDefault();
                return _at is not null;
            }, "Prometheus has scraped", cancel);

        public async Task<string?> Value(string query, CancellationToken cancel) =>
            (await First(query, cancel))?.GetProperty("value")[1].GetString();

        public async Task<string?> Label(string query, string name, CancellationToken cancel) =>
            (await First(query, cancel))?.GetProperty("metric").GetProperty(name).GetString();

        public async Task<string?> MetadataOf(string family, CancellationToken cancel) =>
            (await Data($"/api/v1/metadata?metric={family}", cancel)).GetProperty(family)[0].GetProperty("type").GetString();

        public async Task<string?> ExemplarOf(string query, CancellationToken cancel) =>
            (await Data($"/api/v1/query_exemplars?query={query}&start=0&end=32503680000", cancel))[0]
                .GetProperty("exemplars")[0].GetProperty("labels").GetProperty("trace_id").GetString();

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
            _client.Dispose();
        }

        async Task<JsonElement?> First(string query, CancellationToken cancel)
        {
            var result = (await Data($"/api/v1/query?query={Uri.EscapeDataString(query)}{(_at is null ? "" : "&time=" + _at)}", cancel)).GetProperty("result");
            return result.GetArrayLength() == 0 ? null : result[0];
        }

        async Task<JsonElement> Data(string path, CancellationToken cancel)
        {
            using var answer = JsonDocument.Parse(await _client.GetStringAsync(new Uri(path, UriKind.Relative), cancel));
            return answer.RootElement.GetProperty("data").Clone();
        }

        async ValueTask<bool> IsReady(CancellationToken cancel)
        {
            if (_process.HasExited) throw new InvalidOperationException($"prometheus ended: {await _log}");
            try
            {
                using var answer = await _client.GetAsync(new Uri("/-/ready", UriKind.Relative), cancel);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
