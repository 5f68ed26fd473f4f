using System.Diagnostics;
using System.Text.RegularExpressions;
using OpenTelemetry.Metrics;

namespace Edge.Tests.Prometheus;

public sealed partial class ExemplarTests
{
    static readonly ActivityTraceId Trace = ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c");
    static readonly ActivitySpanId Span = ActivitySpanId.CreateFromString("b7ad6b7169203331");

    [Fact]
    public void A_counter_shows_the_trace_of_its_last_measurement_in_OpenMetrics_alone()
    {
        using var scraped = new Scraped(build: static builder => Traced(builder));
        InTrace(() => scraped.Meter.CreateCounter<long>("a").Add(3));
        Assert.Matches("""^# TYPE a counter\na_total 3 # \{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="[0-9a-f]{16}"\} 3 \d{10}(\.\d{1,3})?\n# EOF\n$""", scraped.OpenMetrics());
        Assert.Equal("# TYPE a_total counter\na_total 3\n", scraped.Text());
    }

    [Fact]
    public void A_bucket_shows_a_measurement_that_is_in_it_and_sum_and_count_show_none()
    {
        using var scraped = new Scraped(build: static builder => Traced(builder).AddView("h", new ExplicitBucketHistogramConfiguration { Boundaries = [1, 10] }));
        var histogram = scraped.Meter.CreateHistogram<double>("h", "s");
        InTrace(() =>
        {
            histogram.Record(1);
            histogram.Record(70.5);
        });
        var lines = scraped.OpenMetrics().Split('\n');
        Assert.Matches("""^h_seconds_bucket\{le="1\.0"\} 1 # \{trace_id="0af7.*",span_id="[0-9a-f]{16}"\} 1 \d""", lines[2]);
        Assert.Equal("h_seconds_bucket{le=\"10.0\"} 1", lines[3]);
        Assert.Matches("""^h_seconds_bucket\{le="\+Inf"\} 2 # \{trace_id="0af7.*",span_id="[0-9a-f]{16}"\} 70\.5 \d""", lines[4]);
        Assert.Equal(["h_seconds_sum 71.5", "h_seconds_count 2", "# EOF", ""], lines[5..]);
    }

    [Fact]
    public void A_gauge_has_none()
    {
        using var scraped = new Scraped(build: static builder => Traced(builder));
        InTrace(() => scraped.Meter.CreateGauge<long>("a").Record(3));
        InTrace(() => scraped.Meter.CreateUpDownCounter<long>("b").Add(3));
        Assert.DoesNotContain(" # {", scraped.OpenMetrics(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_that_a_view_took_away_go_with_it_up_to_128_characters()
    {
        using var scraped = new Scraped(build: static builder => Traced(builder).AddView("a", new MetricStreamConfiguration { TagKeys = [] }));
        // 63 characters are the trace's: 65 are left. The first is too long by one, the second fits to the last.
        InTrace(() => scraped.Meter.CreateCounter<double>("a").Add(
            0.5, new("too.long", new string('x', 58)), new("fits", new string('"', 61)), new("trace_id", "another"), new("no", "room")));
        var exemplar = Exemplar().Match(scraped.OpenMetrics());
        Assert.True(exemplar.Success);
        Assert.Equal($"trace_id=\"{Trace}\",fits=\"{string.Concat(Enumerable.Repeat("\\\"", 61))}\"", SpanId().Replace(exemplar.Groups["labels"].Value, ""));
        Assert.Equal("0.5", exemplar.Groups["value"].Value);
    }

    [Fact]
    public void A_measurement_outside_of_a_trace_has_no_ids()
    {
        using var scraped = new Scraped(build: static builder => builder.SetExemplarFilter(ExemplarFilterType.AlwaysOn));
        Activity.Current = null;
        scraped.Meter.CreateCounter<long>("a").Add(3);
        Assert.Matches(@"\na_total 3 # \{\} 3 \d{10}", scraped.OpenMetrics());
    }

    static MeterProviderBuilder Traced(MeterProviderBuilder builder) => builder.SetExemplarFilter(ExemplarFilterType.TraceBased);

    static void InTrace(Action measure)
    {
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).SetParentId(Trace, Span, ActivityTraceFlags.Recorded);
        activity.Start();
        measure();
    }

    [GeneratedRegex(@"a_total 0\.5 # \{(?<labels>.*)\} (?<value>\S+) \d{10}")]
    private static partial Regex Exemplar();

    [GeneratedRegex("span_id=\"[0-9a-f]{16}\",")]
    private static partial Regex SpanId();
}
