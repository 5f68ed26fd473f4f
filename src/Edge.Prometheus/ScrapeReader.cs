using OpenTelemetry.Metrics;

namespace Edge.Prometheus;

/// <summary>
/// The SDK's reader, which collects when a scrape asks and at no other time.
/// <para>
/// The SDK lets a scrape share the collection of a flush or of a shutdown: of one for a pull exporter, which collects nothing, or of one that has
/// already exported (1.20 forgets a collection after it has told of its end), so that a scrape between flushes comes back with nothing. Asking again
/// met the next of the flushes. Here the scrape has a way of its own, and what comes by the shared one is answered at once: nothing is pushed, so
/// there is nothing to flush, and a shutdown does not wait for a callback that hangs.
/// </para>
/// </summary>
internal sealed class ScrapeReader : BaseExportingMetricReader
{
    public ScrapeReader(PrometheusExporter scraped)
        : base(scraped)
    {
        // Prometheus computes differences itself.
        TemporalityPreference = MetricReaderTemporalityPreference.Cumulative;
        scraped.Collect = timeoutMs => base.OnCollect(timeoutMs);
    }

    protected override bool OnCollect(int timeoutMilliseconds) => true;
}
