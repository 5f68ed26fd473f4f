using System.Diagnostics.Metrics;
using Edge.Prometheus.Text;
using OpenTelemetry.Metrics;

namespace Edge.Tests.Prometheus;

/// <summary>Measurements in, bytes out.</summary>
public sealed class ExpositionTests
{
    [Fact]
    public void A_counter()
    {
        using var scraped = new Scraped();
        var counter = scraped.Meter.CreateCounter<long>("jobs.done", "{job}", "Jobs that are done.");
        counter.Add(3, new KeyValuePair<string, object?>("queue", "mail"));
        counter.Add(4, new KeyValuePair<string, object?>("queue", "mail"));
        Assert.Equal(
            """
            # HELP jobs_done_total Jobs that are done.
            # TYPE jobs_done_total counter
            jobs_done_total{queue="mail"} 7

            """, scraped.Text());
        Assert.Equal(
            """
            # TYPE jobs_done counter
            # HELP jobs_done Jobs that are done.
            jobs_done_total{queue="mail"} 7
            # EOF

            """, scraped.OpenMetrics());
    }

    [Fact]
    public void Sums_are_cumulative()
    {
        using var scraped = new Scraped();
        var counter = scraped.Meter.CreateCounter<long>("a");
        counter.Add(1);
        Assert.EndsWith("\na_total 1\n", scraped.Text(), StringComparison.Ordinal);
        counter.Add(1);
        Assert.EndsWith("\na_total 2\n", scraped.Text(), StringComparison.Ordinal);
        Assert.EndsWith("\na_total 2\n", scraped.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sum_that_can_fall_is_a_gauge_and_so_is_a_gauge()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateUpDownCounter<int>("b.open").Add(-2);
        scraped.Meter.CreateUpDownCounter<double>("c.open").Add(0.5);
        scraped.Meter.CreateGauge<double>("d.level", "%").Record(12.5);
        scraped.Meter.CreateObservableGauge("e.size", () => 1L << 60, "By");
        scraped.Meter.CreateObservableUpDownCounter("f.rest", () => -7);
        Assert.Equal(
            """
            # TYPE b_open gauge
            b_open -2
            # TYPE c_open gauge
            c_open 0.5
            # TYPE d_level_percent gauge
            d_level_percent 12.5
            # TYPE e_size_bytes gauge
            e_size_bytes 1152921504606846976
            # TYPE f_rest gauge
            f_rest -7

            """, scraped.Text());
    }

    [Fact]
    public void Counters_of_all_kinds()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateCounter<double>("a", "s").Add(0.25);
        scraped.Meter.CreateObservableCounter("b", () => new Measurement<double>(1.5, new KeyValuePair<string, object?>("core", 0)));
        scraped.Meter.CreateObservableCounter("c", () => 5L);
        Assert.Equal(
            """
            # TYPE a_seconds counter
            # UNIT a_seconds seconds
            a_seconds_total 0.25
            # TYPE b counter
            b_total{core="0"} 1.5
            # TYPE c counter
            c_total 5
            # EOF

            """, scraped.OpenMetrics());
    }

    [Fact]
    public void A_histogram_has_ascending_cumulative_buckets_and_its_count_is_the_last()
    {
        using var scraped = new Scraped(build: static builder => builder.AddView("took", new ExplicitBucketHistogramConfiguration { Boundaries = [0.005, 0.1, 1, 10] }));
        var histogram = scraped.Meter.CreateHistogram<double>("took", "s", "Time.");
        foreach (var value in (double[])[0.001, 0.005, 0.05, 1, 5, 50]) histogram.Record(value, new KeyValuePair<string, object?>("route", "/a"));
        Assert.Equal(
            """
            # HELP took_seconds Time.
            # TYPE took_seconds histogram
            took_seconds_bucket{route="/a",le="0.005"} 2
            took_seconds_bucket{route="/a",le="0.1"} 3
            took_seconds_bucket{route="/a",le="1"} 4
            took_seconds_bucket{route="/a",le="10"} 5
            took_seconds_bucket{route="/a",le="+Inf"} 6
            took_seconds_sum{route="/a"} 56.056
            took_seconds_count{route="/a"} 6

            """, scraped.Text());
        Assert.Equal(
            """
            # TYPE took_seconds histogram
            # UNIT took_seconds seconds
            # HELP took_seconds Time.
            took_seconds_bucket{route="/a",le="0.005"} 2
            took_seconds_bucket{route="/a",le="0.1"} 3
            took_seconds_bucket{route="/a",le="1.0"} 4
            took_seconds_bucket{route="/a",le="10.0"} 5
            took_seconds_bucket{route="/a",le="+Inf"} 6
            took_seconds_sum{route="/a"} 56.056
            took_seconds_count{route="/a"} 6
            # EOF

            """, scraped.OpenMetrics());
    }

    [Fact]
    public void A_histogram_without_labels_and_one_without_buckets()
    {
        using var scraped = new Scraped(build: static builder => builder
            .AddView("a", new ExplicitBucketHistogramConfiguration { Boundaries = [1] })
            .AddView("b", new ExplicitBucketHistogramConfiguration { Boundaries = [] }));
        scraped.Meter.CreateHistogram<long>("a").Record(2);
        scraped.Meter.CreateHistogram<long>("b").Record(2);
        Assert.Equal(
            """
            # TYPE a histogram
            a_bucket{le="1"} 0
            a_bucket{le="+Inf"} 1
            a_sum 2
            a_count 1
            # TYPE b histogram
            b_bucket{le="+Inf"} 1
            b_sum 2
            b_count 1

            """, scraped.Text());
    }

    [Fact]
    public void With_bounds_below_zero_OpenMetrics_has_neither_sum_nor_count_7221()
    {
        using var scraped = new Scraped(build: static builder => builder.AddView("t", new ExplicitBucketHistogramConfiguration { Boundaries = [-10, 0] }));
        scraped.Meter.CreateHistogram<double>("t", "Cel").Record(-4);
        Assert.Equal(
            """
            # TYPE t_celsius histogram
            # UNIT t_celsius celsius
            t_celsius_bucket{le="-10.0"} 0
            t_celsius_bucket{le="0.0"} 1
            t_celsius_bucket{le="+Inf"} 1
            # EOF

            """, scraped.OpenMetrics());
        Assert.Contains("t_celsius_sum -4\nt_celsius_count 1\n", scraped.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_le_of_a_histogram_gives_way_to_the_buckets()
    {
        using var scraped = new Scraped(build: static builder => builder.AddView("h", new ExplicitBucketHistogramConfiguration { Boundaries = [1] }));
        scraped.Meter.CreateHistogram<long>("h").Record(0, new("le", "mine"), new("exported_le", "too"));
        scraped.Meter.CreateGauge<long>("i").Record(1, new KeyValuePair<string, object?>("le", "kept"));
        var text = scraped.Text();
        Assert.Contains("h_bucket{exported_exported_le=\"mine\",exported_le=\"too\",le=\"1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("h_count{exported_exported_le=\"mine\",exported_le=\"too\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("i{le=\"kept\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Created_is_when_counting_began_in_OpenMetrics_alone()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateCounter<long>("a").Add(1, new KeyValuePair<string, object?>("k", "v"));
        scraped.Meter.CreateHistogram<long>("b").Record(1);
        scraped.Meter.CreateGauge<long>("c").Record(1);
        var text = scraped.OpenMetricsWithCreated();
        Assert.Matches("""a_total\{k="v"\} 1\na_created\{k="v"\} \d{10}(\.\d{1,3})?\n# TYPE b histogram""", text);
        Assert.Matches(@"b_count 1\nb_created \d{10}(\.\d{1,3})?\n# TYPE c gauge\nc 1\n# EOF", text);
        Assert.DoesNotContain("_created", scraped.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_header_and_no_gap_where_two_meters_share_a_name()
    {
        using var scraped = new Scraped(static options => options.ScopeInfoEnabled = true);
        scraped.Meter.CreateCounter<long>("shared", null, "The first says what it is.").Add(1);
        scraped.Meter.CreateCounter<long>("between").Add(2);
        scraped.Another().CreateCounter<long>("shared", null, "The second would say it otherwise.").Add(3);
        Assert.Equal(
            $$"""
            # TYPE between_total counter
            between_total{otel_scope_name="{{scraped.Name}}"} 2
            # HELP shared_total The first says what it is.
            # TYPE shared_total counter
            shared_total{otel_scope_name="{{scraped.Name}}"} 1
            shared_total{otel_scope_name="{{scraped.Name}}.other"} 3

            """, scraped.Text());
    }

    [Fact]
    public void HELP_of_the_text_format_escapes_backslash_and_line_feed_and_OpenMetrics_quotes_too_7491()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateGauge<long>("a", null, "of \"C:\\\"\r\nand more").Record(1);
        Assert.Contains("# HELP a of \"C:\\\\\"\\nand more\n", scraped.Text(), StringComparison.Ordinal);
        Assert.Contains("# HELP a of \\\"C:\\\\\\\"\\nand more\n", scraped.OpenMetrics(), StringComparison.Ordinal);
    }

    [Fact]
    public void UNIT_is_told_in_OpenMetrics_only_and_only_where_the_name_ends_with_it()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateGauge<long>("a", "By").Record(1);
        scraped.Meter.CreateGauge<long>("seconds", "s").Record(1);
        scraped.Meter.CreateGauge<long>("z", "1").Record(1);
        Assert.DoesNotContain("# UNIT", scraped.Text(), StringComparison.Ordinal);
        Assert.Equal(["# UNIT a_bytes bytes"], scraped.OpenMetrics().Split('\n').Where(static line => line.StartsWith("# UNIT", StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_the_suffix_a_counter_is_unknown_to_OpenMetrics()
    {
        using var scraped = new Scraped(static options => options.DisableTotalNameSuffixForCounters = true);
        scraped.Meter.CreateCounter<long>("a").Add(1);
        Assert.Equal("# TYPE a counter\na 1\n", scraped.Text());
        Assert.Equal("# TYPE a unknown\na 1\n# EOF\n", scraped.OpenMetricsWithCreated());
    }

    [Fact]
    public void Nothing_measured_is_not_an_empty_answer_7571()
    {
        using var scraped = new Scraped();
        Assert.Equal("# Nothing has been measured yet.\n", scraped.Text());
        Assert.Equal("# EOF\n", scraped.OpenMetrics());
    }

    [Fact]
    public void No_sample_has_a_timestamp_7176()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateCounter<long>("a").Add(1, new KeyValuePair<string, object?>("k", "v"));
        scraped.Meter.CreateHistogram<long>("b").Record(1);
        foreach (var line in (scraped.Text() + scraped.OpenMetrics()).Split('\n').Where(static line => line.Length > 0 && line[0] != '#'))
            Assert.Equal(2, line.Split(' ').Length);
    }

    [Fact]
    public void Lines_end_in_a_line_feed_and_no_mark_stands_before_the_first()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateGauge<long>("a", null, "one\r\ntwo\rthree").Record(1, new KeyValuePair<string, object?>("k", "é漢😀"));
        foreach (var format in (ExpositionFormat[])[ExpositionFormat.Text, ExpositionFormat.OpenMetrics])
        {
            var bytes = scraped.Bytes(format);
            Assert.DoesNotContain((byte)'\r', bytes);
            Assert.Equal((byte)'#', bytes[0]);
            Assert.Equal((byte)'\n', bytes[^1]);
            Assert.True(bytes.AsSpan().IndexOf("k=\"é漢😀\""u8) > 0);
            Assert.True(bytes.AsSpan().IndexOf("\n\n"u8) < 0);
        }
    }

    [Fact]
    public void The_order_is_that_of_names_whichever_was_measured_first()
    {
        using var scraped = new Scraped();
        string[] names = ["m.z", "m.a", "m.k"];
        foreach (var name in names) scraped.Meter.CreateGauge<long>(name).Record(1, new("z", 1), new("a", 2));
        var first = scraped.Text();
        Assert.Equal("# TYPE m_a gauge\nm_a{a=\"2\",z=\"1\"} 1\n# TYPE m_k gauge\nm_k{a=\"2\",z=\"1\"} 1\n# TYPE m_z gauge\nm_z{a=\"2\",z=\"1\"} 1\n", first);
        Assert.Equal(first, scraped.Text());
    }

    [Fact]
    public void Series_stay_where_they_are_when_others_come()
    {
        using var scraped = new Scraped();
        var gauge = scraped.Meter.CreateGauge<long>("a");
        for (var i = 0; i < 5; i++) gauge.Record(i, new KeyValuePair<string, object?>("i", i));
        var before = scraped.Text();
        // The point without tags has the first place, which moves all others by one.
        gauge.Record(99);
        gauge.Record(5, new KeyValuePair<string, object?>("i", 5));
        var after = scraped.Text();
        Assert.Equal("# TYPE a gauge\na 99\n" + before["# TYPE a gauge\n".Length..] + "a{i=\"5\"} 5\n", after);
        Assert.Empty(scraped.Problems);
    }
}
