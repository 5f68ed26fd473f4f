using Edge.Prometheus;
using Edge.Prometheus.Scraping;
using Edge.Prometheus.Text;
using Edge.Tests.Redis;
using OpenTelemetry.Metrics;

namespace Edge.Tests.Prometheus;

/// <summary>What the SDK asks of an exporter, and what it must not do to one.</summary>
public sealed class ExporterTests
{
    [Fact]
    public void Before_the_provider_is_built_metrics_are_not_there_yet()
    {
        using var exporter = new PrometheusExporter(new());
        Assert.Equal(ScrapeStatus.Unavailable, exporter.CollectRound(new ByteBuffer(1024), null));
        using var reader = new ScrapeReader(exporter);
        Assert.Equal(ScrapeStatus.Unavailable, exporter.CollectRound(new ByteBuffer(1024), null));
    }

    [Fact]
    public void A_flush_outside_of_a_scrape_writes_nothing_and_harms_none()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateCounter<long>("a").Add(1);
        scraped.Provider.ForceFlush();
        Assert.Equal("# TYPE a_total counter\na_total 1\n", scraped.Text());
        scraped.Provider.ForceFlush();
        Assert.Equal("# TYPE a_total counter\na_total 1\n", scraped.Text());
    }

    [Fact]
    public async Task Flushes_beside_scrapes_make_none_empty_7571()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateGauge<long>("a").Record(7);
        using var isDone = new CancellationTokenSource();
        var flushes = Task.Run(
            () =>
            {
                while (!isDone.IsCancellationRequested) scraped.Provider.ForceFlush();
            }, TestContext.Current.CancellationToken);
        for (var i = 0; i < 1_000; i++) Assert.Equal("# TYPE a gauge\na 7\n", scraped.Text());
        await isDone.CancelAsync();
        await flushes.In();
    }

    [Fact]
    public void A_collection_without_an_export_is_a_failure()
    {
        using var scraped = new Scraped();
        Assert.Equal("# Nothing has been measured yet.\n", scraped.Text());
        scraped.Exporter.Collect = static _ => true;
        Assert.Equal(ScrapeStatus.Failed, scraped.Exporter.CollectRound(new ByteBuffer(1024), null));
        Assert.Equal(PrometheusProblemKind.ScrapeFailed, Assert.Single(scraped.Problems).Kind);
    }

    [Fact]
    public void A_callback_that_throws_costs_its_own_metric()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateObservableGauge("bad", static () => int.Parse("boom", System.Globalization.CultureInfo.InvariantCulture));
        scraped.Meter.CreateGauge<long>("good").Record(1);
        Assert.Equal("# TYPE good gauge\ngood 1\n", scraped.Text());
    }

    [Fact]
    public void What_fails_in_writing_is_told_and_the_next_scrape_is_whole()
    {
        var throws = true;
        using var scraped = new Scraped(
            options => options.ResourceConstantLabels = _ => throws ? throw new InvalidOperationException("boom") : true,
            resource: static resource => OpenTelemetry.Resources.ResourceBuilderExtensions.AddAttributes(resource, [new("k", "v")]));
        scraped.Meter.CreateGauge<long>("a").Record(1);
        Assert.Equal(ScrapeStatus.Failed, scraped.Exporter.CollectRound(new ByteBuffer(1024), null));
        Assert.Contains("boom", scraped.Problems[0].Text, StringComparison.Ordinal);
        throws = false;
        Assert.EndsWith("# TYPE a gauge\na{k=\"v\"} 1\n", scraped.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_allowed_is_told_with_the_setting()
    {
        using var scraped = new Scraped(static options => options.MaxResponseBytes = 4096);
        var gauge = scraped.Meter.CreateGauge<long>("a");
        for (var i = 0; i < 1_000; i++) gauge.Record(i, new KeyValuePair<string, object?>("i", i));
        Assert.Equal(ScrapeStatus.TooLarge, scraped.Exporter.CollectRound(new ByteBuffer(4096), null));
        Assert.Contains("MaxResponseBytes", Assert.Single(scraped.Problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_formats_of_one_collection_are_of_one_moment()
    {
        using var scraped = new Scraped();
        var asked = 0;
        scraped.Meter.CreateObservableGauge("a", () => ++asked);
        var (text, openMetrics) = (new ByteBuffer(1024), new ByteBuffer(1024));
        Assert.Equal(ScrapeStatus.Ok, scraped.Exporter.CollectRound(text, openMetrics));
        Assert.Equal("# TYPE a gauge\na 1\n"u8, text.Span);
        Assert.Equal("# TYPE a gauge\na 1\n# EOF\n"u8, openMetrics.Span);
    }

    [Fact]
    public async Task After_the_provider_is_shut_down_there_is_nothing_to_scrape()
    {
        var scraped = new Scraped();
        scraped.Dispose();
        Assert.Equal(ScrapeStatus.Unavailable, (await scraped.Exporter.Coalescer.Scrape(ExpositionFormat.Text, false, TimeSpan.FromSeconds(1))).Status);
    }
}
