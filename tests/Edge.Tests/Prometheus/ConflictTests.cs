using Edge.Prometheus;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Edge.Tests.Prometheus;

/// <summary>What cannot be exposed is left out, the rest is not, and somebody is told how to mend it.</summary>
public sealed class ConflictTests
{
    [Fact]
    public void An_exponential_histogram_is_left_out_with_the_view_that_mends_it()
    {
        using var scraped = new Scraped(build: static builder => builder.AddView("took", new Base2ExponentialBucketHistogramConfiguration()));
        scraped.Meter.CreateHistogram<double>("took").Record(1);
        scraped.Meter.CreateGauge<long>("a").Record(1);
        Assert.Equal("# TYPE a gauge\na 1\n", scraped.Text());
        Assert.Equal("# TYPE a gauge\na 1\n", scraped.Text());
        var problem = Assert.Single(scraped.Problems);
        Assert.Equal(PrometheusProblemKind.ExponentialHistogram, problem.Kind);
        Assert.Contains($"The instrument took of meter {scraped.Name} has exponential buckets", problem.Text, StringComparison.Ordinal);
        Assert.Contains("AddView(\"took\", new ExplicitBucketHistogramConfiguration", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_with_explicit_buckets_exposes_it()
    {
        using var scraped = new Scraped(build: static builder => builder.AddView("took", new ExplicitBucketHistogramConfiguration { Boundaries = [1] }));
        scraped.Meter.CreateHistogram<double>("took").Record(1);
        Assert.Contains("took_bucket{le=\"1\"} 1\n", scraped.Text(), StringComparison.Ordinal);
        Assert.Empty(scraped.Problems);
    }

    [Theory]
    [InlineData("a.b", "a-b")]
    [InlineData("x", "x")]
    public void Of_two_types_with_one_name_the_first_stays(string first, string second)
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateGauge<long>(first).Record(1);
        Assert.Contains(" gauge\n", scraped.Text(), StringComparison.Ordinal);
        scraped.Another().CreateHistogram<long>(second).Record(1);
        Assert.DoesNotContain("histogram", scraped.Text(), StringComparison.Ordinal);
        Assert.Equal(PrometheusProblemKind.NameConflict, Assert.Single(scraped.Problems).Kind);
    }

    [Theory]
    [InlineData("took.sum")]
    [InlineData("took.count")]
    [InlineData("took.bucket")]
    public void A_name_that_a_histogram_has_for_its_samples_is_taken(string name)
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateHistogram<long>("took").Record(1);
        scraped.Text();
        scraped.Another().CreateGauge<long>(name).Record(1);
        Assert.DoesNotContain("gauge", scraped.Text(), StringComparison.Ordinal);
        Assert.Equal(PrometheusProblemKind.NameConflict, Assert.Single(scraped.Problems).Kind);
    }

    [Fact]
    public void A_gauge_that_is_called_as_a_counter_is_is_left_out()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateCounter<long>("jobs").Add(1);
        scraped.Text();
        scraped.Another().CreateGauge<long>("jobs.total").Record(1);
        Assert.Equal("# TYPE jobs_total counter\njobs_total 1\n", scraped.Text());
        Assert.Contains("jobs_total belongs to the counter jobs_total already", Assert.Single(scraped.Problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Target_info_is_the_resource_s()
    {
        using var scraped = new Scraped(resource: static resource => resource.AddAttributes([new("a", "b")]));
        scraped.Meter.CreateGauge<long>("target.info").Record(5);
        Assert.Equal("# HELP target_info Target metadata\n# TYPE target_info gauge\ntarget_info{a=\"b\"} 1\n", scraped.Text());
        Assert.Equal(PrometheusProblemKind.NameConflict, Assert.Single(scraped.Problems).Kind);
    }

    [Fact]
    public void Of_two_series_with_the_same_name_and_labels_the_first_stays()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateGauge<long>("a").Record(1, new KeyValuePair<string, object?>("k", "1"));
        scraped.Another().CreateGauge<long>("a").Record(2, new KeyValuePair<string, object?>("k", 1));
        Assert.Equal("# TYPE a gauge\na{k=\"1\"} 1\n", scraped.Text());
        Assert.Equal("# TYPE a gauge\na{k=\"1\"} 1\n", scraped.Text());
        Assert.Equal(PrometheusProblemKind.DuplicateSeries, Assert.Single(scraped.Problems).Kind);
    }

    [Fact]
    public void A_meter_that_is_disposed_of_leaves_its_names_to_others()
    {
        using var scraped = new Scraped();
        scraped.Meter.CreateGauge<long>("stays").Record(1);
        var gone = scraped.Another("gone");
        gone.CreateGauge<long>("a").Record(1);
        Assert.Contains("# TYPE a gauge", scraped.Text(), StringComparison.Ordinal);
        gone.Dispose();
        // The SDK has it once more: what was measured before it went.
        scraped.Text();
        Assert.Equal("# TYPE stays gauge\nstays 1\n", scraped.Text());
        scraped.Another().CreateCounter<long>("a").Add(2);
        Assert.Equal("# TYPE a_total counter\na_total 2\n# TYPE stays gauge\nstays 1\n", scraped.Text());
        Assert.Empty(scraped.Problems);
    }
}
