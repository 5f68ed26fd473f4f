using System.Globalization;

namespace Edge.Testing;

/// <summary>A started edge binary that answers scrapes, on a free port of its own.</summary>
public sealed class ScrapedEdge : IAsyncDisposable
{
    const int PortAttempts = 5;

    readonly EdgeProcess _process;
    readonly HttpClient _client;
    readonly Uri _metrics;

    ScrapedEdge(EdgeProcess process, int port)
    {
        _process = process;
        _client = process.CreateClient();
        _metrics = new($"http://127.0.0.1:{port}/metrics");
    }

    /// <summary>For its API.</summary>
    public HttpClient Http => _client;

    /// <summary>Returns when it is ready and answers scrapes.</summary>
    public static async Task<ScrapedEdge> Start(string binary, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Of();
            var process = await EdgeProcess.Start(
                binary,
                new Dictionary<string, string>(environment)
                {
                    ["OTEL_METRICS_EXPORTER"] = "prometheus", ["OTEL_EXPORTER_PROMETHEUS_HOST"] = "127.0.0.1",
                    ["OTEL_EXPORTER_PROMETHEUS_PORT"] = port.ToString(CultureInfo.InvariantCulture),
                },
                cancel);
            var edge = new ScrapedEdge(process, port);
            // It begins to answer scrapes shortly after it is ready.
            await Poll.Until(async token => edge.LostItsPort || await IsScraped(edge._client, edge._metrics, token), "it answers scrapes", cancel);
            if (!edge.LostItsPort)
                return edge;
            await edge.DisposeAsync();
            if (attempt == PortAttempts)
                throw new InvalidOperationException($"No port for metrics after {PortAttempts} attempts:\n{string.Join('\n', process.Lines)}");
        }
    }

    /// <summary>Whether scrapes are answered there by now.</summary>
    public static async ValueTask<bool> IsScraped(HttpClient client, Uri metrics, CancellationToken cancel)
    {
        try
        {
            using var answer = await client.GetAsync(metrics, cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>What it measures now, as text.</summary>
    public Task<string> Scrape(CancellationToken cancel) => _client.GetStringAsync(_metrics, cancel);

    /// <summary>Calls each path and reads its answer to the end, whatever it is: some instruments show from their first use on.</summary>
    public async Task Call(IEnumerable<string> paths, CancellationToken cancel)
    {
        foreach (var path in paths)
        {
            using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative), cancel);
            await answer.Content.ReadAsByteArrayAsync(cancel);
        }
    }

    /// <summary>Scrapes until these names are there as well: a request is measured after its answer was sent.</summary>
    public async Task<ScrapedMetrics> ScrapeWith(IReadOnlyCollection<string> names, CancellationToken cancel)
    {
        ScrapedMetrics? scraped = null;
        await Poll.Until(
            async token => names.All((scraped = ScrapedMetrics.Parse(await Scrape(token))).Labels.ContainsKey), $"a scrape has {string.Join(", ", names)}", cancel);
        return scraped!;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }

    bool LostItsPort => _process.Lines.Any(static line => line.Contains("MetricsHindered", StringComparison.Ordinal) && line.Contains("is taken", StringComparison.Ordinal));
}
