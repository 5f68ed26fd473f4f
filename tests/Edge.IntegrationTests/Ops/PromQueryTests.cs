namespace Edge.IntegrationTests.Ops;

public sealed class PromQueryTests
{
    [Theory]
    [InlineData("up", "up")]
    [InlineData("sum by (job, le) (rate(a_bucket{job=\"edge\", le=\"b_total\"}[5m]))", "a_bucket{job,le}")]
    [InlineData("avg(a) by (b) / on (c, d) group_left (e) (f > bool 0) or vector(0)", "a f")]
    [InlineData("job:a:rate5m * 0.001 and g unless h offset 2h", "job:a:rate5m g h")]
    [InlineData("histogram_quantile(0.99, sum(rate(a{x=~\"}b{\"}[$__rate_interval])) by (le))", "a{x}")]
    [InlineData("a{instance=~\"$instance\", b!=\"say \\\"c\\\"\"} @ end() # d", "a{instance,b}")]
    [InlineData("max_over_time(deriv(a[1h:5m] offset 1d)[6h:]) > 1e3 + Inf", "a")]
    [InlineData("time() - 8 * 3600", "")]
    public void It_finds_metrics_and_nothing_else(string expression, string found) => Assert.Equal(
        found, string.Join(' ', PromQuery.Selectors(expression).Select(static used => used.Metric + (used.Labels.Length == 0 ? "" : $"{{{string.Join(',', used.Labels)}}}"))));

    [Fact]
    public void It_finds_what_is_grouped_by() =>
        Assert.Equal(["b", "c", "d", "e"], PromQuery.Groups("avg(a{x=\"y\"}) by (b) / on (c, d) group_left (e) sum(f)"));

    [Fact]
    public void A_selector_without_a_metric_is_refused() => Assert.Throws<FormatException>(() => PromQuery.Selectors("sum({job=\"edge\"})").ToList());
}
