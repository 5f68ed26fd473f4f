using System.Text.RegularExpressions;
using Edge.Prometheus.Names;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Prometheus;

public sealed partial class NameTests
{
    static readonly Gen<string> Texts = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(static text => text ?? ""),
        Gen.Elements("a", "Z", "_", "__", "9", ".", "-", ":", "é", "漢", "\ud800", "total", "_total", "seconds", "s", "/", "{x}", " ", "\n", "1", "%").ArrayOf().Select(static parts => string.Concat(parts)));

    [Theory]
    [InlineData("http.server.request.duration", "s", "http_server_request_duration_seconds")]
    [InlineData("jobs", null, "jobs")]
    [InlineData("jobs", "", "jobs")]
    [InlineData("edge:cache.hits", null, "edge:cache_hits")]
    public void An_instrument_is_named_by_its_name_and_unit(string instrument, string? unit, string expected) => Assert.Equal(expected, Gauge(instrument, unit));

    [Theory]
    [InlineData("a..b", "a_b")]
    [InlineData("a.-/b", "a_b")]
    [InlineData("a__b", "a_b")]
    [InlineData("a.", "a")]
    public void What_no_name_may_have_becomes_one_underscore_for_a_run(string instrument, string expected) => Assert.Equal(expected, Gauge(instrument, null));

    [Theory]
    [InlineData("5xx", "_5xx")]
    [InlineData("0", "_0")]
    public void A_digit_at_the_start_gets_an_underscore_7209_7454(string instrument, string expected) => Assert.Equal(expected, Gauge(instrument, null));

    [Theory]
    [InlineData("température.eau", "temp_rature_eau")]
    [InlineData("漢字", "unnamed")]
    [InlineData("a漢字b", "a_b")]
    [InlineData("a\ud83d\ude00b", "a_b")]
    public void Letters_of_other_alphabets_are_no_letters_of_a_name_7184(string instrument, string expected) => Assert.Equal(expected, Gauge(instrument, null));

    [Theory]
    [InlineData("s", "seconds")]
    [InlineData("ms", "milliseconds")]
    [InlineData("us", "microseconds")]
    [InlineData("ns", "nanoseconds")]
    [InlineData("min", "minutes")]
    [InlineData("h", "hours")]
    [InlineData("d", "days")]
    [InlineData("By", "bytes")]
    [InlineData("KiBy", "kibibytes")]
    [InlineData("MiBy", "mebibytes")]
    [InlineData("GiBy", "gibibytes")]
    [InlineData("TiBy", "tibibytes")]
    [InlineData("KBy", "kilobytes")]
    [InlineData("MBy", "megabytes")]
    [InlineData("GBy", "gigabytes")]
    [InlineData("TBy", "terabytes")]
    [InlineData("m", "meters")]
    [InlineData("V", "volts")]
    [InlineData("A", "amperes")]
    [InlineData("J", "joules")]
    [InlineData("W", "watts")]
    [InlineData("g", "grams")]
    [InlineData("Cel", "celsius")]
    [InlineData("Hz", "hertz")]
    [InlineData("%", "percent")]
    [InlineData("widget", "widget")]
    public void A_unit_is_written_out(string unit, string expected) => Assert.Equal("x_" + expected, Gauge("x", unit));

    [Theory]
    [InlineData("1")]
    [InlineData("{request}")]
    [InlineData("{request}{again}")]
    [InlineData(" ")]
    [InlineData("1{ratio}")]
    public void A_unit_that_says_nothing_adds_nothing_and_no_ratio(string unit) => Assert.Equal("x", Gauge("x", unit));

    [Theory]
    [InlineData("By/s", "bytes_per_second")]
    [InlineData("{request}/s", "per_second")]
    [InlineData("1/min", "per_minute")]
    [InlineData("m/h", "meters_per_hour")]
    [InlineData("By/{request}", "bytes")]
    [InlineData("{a}/{b}", "")]
    [InlineData("ms/By", "milliseconds_per_byte")]
    [InlineData("g/d", "grams_per_day")]
    [InlineData("g/w", "grams_per_week")]
    [InlineData("g/mo", "grams_per_month")]
    [InlineData("g/y", "grams_per_year")]
    public void A_unit_per_another_is_written_so(string unit, string expected) => Assert.Equal(expected, PrometheusUnit.Suffix(unit));

    [Theory]
    [InlineData("foo.bar", "foo_bar")]
    [InlineData("a b/c.d", "a_b_per_c_d")]
    [InlineData("µs", "s")]
    [InlineData("{open", "open")]
    [InlineData("°", "")]
    public void A_unit_is_sanitised_7033(string unit, string expected) => Assert.Equal(expected, PrometheusUnit.Suffix(unit));

    [Theory]
    [InlineData("request.seconds", "s", "request_seconds")]
    [InlineData("request_seconds", "s", "request_seconds")]
    [InlineData("seconds", "s", "seconds")]
    [InlineData("milliseconds", "s", "milliseconds_seconds")]
    [InlineData("rate.bytes_per_second", "By/s", "rate_bytes_per_second")]
    public void A_unit_is_not_doubled_7454(string instrument, string unit, string expected) => Assert.Equal(expected, Gauge(instrument, unit));

    [Theory]
    [InlineData("requests", null, "requests_total")]
    [InlineData("requests.total", null, "requests_total")]
    [InlineData("time", "s", "time_seconds_total")]
    [InlineData("time_seconds_total", "s", "time_seconds_total")]
    [InlineData("time_total", "s", "time_seconds_total")]
    [InlineData("total", null, "total_total")]
    public void A_counter_ends_with_total_behind_its_unit(string instrument, string? unit, string expected) =>
        Assert.Equal(expected, PrometheusName.Of(instrument, unit, isCounter: true, disableTotal: false).Sample);

    [Theory]
    [InlineData("requests", "requests")]
    [InlineData("requests_total", "requests_total")]
    public void Without_the_suffix_a_counter_keeps_its_name(string instrument, string expected) =>
        Assert.Equal(expected, PrometheusName.Of(instrument, null, isCounter: true, disableTotal: true).Sample);

    [Fact]
    public void Any_instrument_and_unit_give_a_name_that_Prometheus_reads() => Prop.ForAll(Arb.From(Texts), Arb.From(Texts), (instrument, unit) =>
    {
        foreach (var isCounter in (bool[])[false, true])
        {
            var name = PrometheusName.Of(instrument, unit, isCounter, disableTotal: false);
            Assert.Matches(MetricName(), name.Sample);
            Assert.DoesNotContain("__", name.Sample, StringComparison.Ordinal);
            Assert.Equal(isCounter, name.Sample.EndsWith("_total", StringComparison.Ordinal) && name.HasTotal);
            // What OpenMetrics asks of a unit.
            Assert.True(name.Unit.Length == 0 || name.Base.EndsWith("_" + name.Unit, StringComparison.Ordinal), $"{name}");
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_name_that_is_one_already_stays_as_it_is() => Prop.ForAll(Arb.From(Texts), instrument =>
    {
        var once = Gauge(instrument, null);
        Assert.Equal(once, Gauge(once, null));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_key_gives_a_label_that_Prometheus_reads_and_leaves_to_others() => Prop.ForAll(Arb.From(Texts), key =>
    {
        Assert.Matches(LabelName(), PrometheusName.Label(key));
        Assert.False(PrometheusName.Label(key).StartsWith("__", StringComparison.Ordinal));
    }).QuickCheckThrowOnFailure();

    static string Gauge(string instrument, string? unit) => PrometheusName.Of(instrument, unit, isCounter: false, disableTotal: false).Sample;

    [GeneratedRegex(@"\A[a-zA-Z_:][a-zA-Z0-9_:]*\z")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"\A[a-zA-Z_][a-zA-Z0-9_]*\z")]
    private static partial Regex LabelName();
}
