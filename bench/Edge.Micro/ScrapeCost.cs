using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using Edge.Prometheus;
using Edge.Prometheus.Scraping;
using Edge.Prometheus.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Edge.Micro;

/// <summary>What one scrape of 2,000 series takes, from the SDK's collection to the last byte, without the socket.</summary>
internal static class ScrapeCost
{
    const int Routes = 50;
    const int Gauges = 550;
    const int Counters = 550;

    /// <returns>1: more than the budget.</returns>
    public static int Print(string? budgetsPath, int rounds, TextWriter output)
    {
        using var meter = new Meter("Edge.Micro");
        var exporter = new PrometheusExporter(new());
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddReader(new ScrapeReader(exporter)).Build();
        Measure(meter);
        var buffer = new ByteBuffer(1 << 24);
        var exceeded = 0;
        foreach (var format in (ExpositionFormat[])[ExpositionFormat.Text, ExpositionFormat.OpenMetrics])
        {
            var (times, bytes) = Scrapes(exporter, buffer, format, Math.Min(rounds, 1_000));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"A scrape of 2,000 series as {format}: {times[0]:0.00} / {times[times.Length / 2]:0.00} ms min / median, {bytes} B allocated, {buffer.Length:N0} B written."));
            if (budgetsPath is null) continue;
            using var budgets = JsonDocument.Parse(File.ReadAllText(budgetsPath));
            var scrape = budgets.RootElement.GetProperty("scrape");
            if (times[0] <= scrape.GetProperty("ms").GetDouble() && bytes <= scrape.GetProperty("allocatedBytes").GetInt64()) continue;
            Console.Error.WriteLine($"That exceeds {scrape.GetRawText()}.");
            exceeded = 1;
        }

        return exceeded;
    }

    /// <summary>Milliseconds, ascending, and the bytes of the last.</summary>
    static (double[] Ms, long Bytes) Scrapes(PrometheusExporter exporter, ByteBuffer buffer, ExpositionFormat format, int rounds)
    {
        const int warmUp = 50;
        var times = new double[rounds];
        var bytes = 0L;
        for (var round = -warmUp; round < rounds; round++)
        {
            buffer.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            var status = format == ExpositionFormat.Text ? exporter.CollectRound(buffer, null) : exporter.CollectRound(null, buffer);
            var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (status != ScrapeStatus.Ok) throw new InvalidOperationException("The scrape failed.");
            if (round >= 0) times[round] = took;
        }

        Array.Sort(times);
        return (times, bytes);
    }

    // 50 histograms of 18 lines, 550 gauges and 550 counters.
    static void Measure(Meter meter)
    {
        var took = meter.CreateHistogram<double>("http.server.request.duration", "s", "How long requests took.");
        var level = meter.CreateGauge<double>("queue.level", "%", "How full it is.");
        var done = meter.CreateCounter<long>("jobs.done", "{job}", "Jobs that are done.");
        for (var i = 0; i < Routes; i++)
        {
            for (var value = 0.001; value < 20; value *= 1.7)
                took.Record(value, new("http.route", $"/api/route/{i}"), new("http.request.method", "GET"), new("http.response.status_code", 200));
        }

        for (var i = 0; i < Gauges; i++) level.Record(i / 7.0, new("queue", $"queue-{i}"), new("kind", "work"));
        for (var i = 0; i < Counters; i++) done.Add(i, new("queue", $"queue-{i}"), new("kind", "work"));
    }
}
