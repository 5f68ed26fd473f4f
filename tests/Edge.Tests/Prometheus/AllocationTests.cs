using Edge.Prometheus.Scraping;
using Edge.Prometheus.Text;
using Edge.Tests.Basics;
using OpenTelemetry.Metrics;

namespace Edge.Tests.Prometheus;

/// <summary>A scrape of what was scraped before makes numbers and nothing else.</summary>
public sealed class AllocationTests
{
    /// <summary>What the SDK's Collect takes for itself, however many series there are.</summary>
    const int SdkBytes = 1_024;

    [Theory]
    [InlineData(ExpositionFormat.Text)]
    [InlineData(ExpositionFormat.OpenMetrics)]
    public void Writing_2000_series_allocates_nothing(object format)
    {
        using var scraped = WithSeries();
        var buffer = new ByteBuffer(1 << 24);
        var isText = (ExpositionFormat)format == ExpositionFormat.Text;
        var status = ScrapeStatus.Failed;
        var collect = scraped.Exporter.Collect!;
        // Around the SDK: its own share is not ours to bound.
        var sdk = Allocated.By(() => collect(-1));
        var whole = Allocated.By(() =>
        {
            buffer.Clear();
            status = isText ? scraped.Exporter.CollectRound(buffer, null) : scraped.Exporter.CollectRound(null, buffer);
        });
        Assert.Equal(ScrapeStatus.Ok, status);
        Assert.InRange(buffer.Length, 50_000, 1_000_000);
        Assert.InRange(sdk, 0, SdkBytes);
        Assert.Equal(0, whole - sdk);
    }

    static Scraped WithSeries()
    {
        var scraped = new Scraped(static options => options.ScopeInfoEnabled = true, static builder => builder.SetExemplarFilter(ExemplarFilterType.AlwaysOn));
        var counter = scraped.Meter.CreateCounter<long>("requests");
        var gauge = scraped.Meter.CreateGauge<double>("load");
        var histogram = scraped.Meter.CreateHistogram<double>("took", "s");
        for (var i = 0; i < 700; i++)
        {
            counter.Add(i, new("route", $"/a/{i}"), new("status", 200));
            gauge.Record(i * 0.1, new KeyValuePair<string, object?>("core", i));
            // A histogram of 15 buckets is 18 series.
            if (i < 34) histogram.Record(i * 0.01, new KeyValuePair<string, object?>("route", $"/a/{i}"));
        }

        return scraped;
    }
}
