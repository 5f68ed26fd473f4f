using OpenTelemetry.Metrics;

namespace Edge.Prometheus;

/// <summary>
/// The SDK's reader, which on shutdown collects once more before it tells its exporter, and waits for a collection that hangs. Those who wait for a
/// scrape need not.
/// </summary>
internal sealed class ScrapeReader(PrometheusExporter scraped) : BaseExportingMetricReader(scraped)
{
    protected override bool OnShutdown(int timeoutMilliseconds)
    {
        scraped.Coalescer.ShutDown();
        return base.OnShutdown(timeoutMilliseconds);
    }
}
