using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Prometheus.Text;
using FsCheck;
using FsCheck.Fluent;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Edge.Tests.Prometheus;

public sealed partial class LabelTests
{
    static readonly Gen<string> Texts = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(static text => text ?? ""),
        Gen.Elements("a", "b", "_", "\\", "\"", "\n", "\\n", "=", ",", "{", "}", "é", "😀", "le", "9", ";").ArrayOf().Select(static parts => string.Concat(parts)));

    [Fact]
    public void Keys_are_sanitised_and_in_order() =>
        Assert.Equal("""_5="d",_name_="e",a_b="a",http_route="c",url="b" """.TrimEnd(), Written(
            ("url", "b"), ("a.b", "a"), ("http.route", "c"), ("5", "d"), ("__name__", "e")));

    [Fact]
    public void A_key_may_be_empty_7077() => Assert.Equal("""_="x" """.TrimEnd(), Written(("", "x")));

    [Fact]
    public void Values_whose_keys_become_one_are_joined_7239() => Assert.Equal(
        """a_b="1;2;3",c="4" """.TrimEnd(), Written(("a_b", "3"), ("a.b", "2"), ("a-b", "1"), ("c", "4")));

    [Fact]
    public void A_key_given_twice_is_one_label() => Assert.Equal("""a="1;1" """.TrimEnd(), Written(("a", "1"), ("a", "1")));

    [Theory]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a\"b", "a\\\"b")]
    [InlineData("a\nb", "a\\nb")]
    [InlineData("\\n", "\\\\n")]
    [InlineData("é漢😀", "é漢😀")]
    public void Backslash_quote_and_line_feed_are_escaped(string value, string expected) => Assert.Equal($"k=\"{expected}\"", Written(("k", value)));

    [Fact]
    public void Any_labels_are_read_back_as_they_were() => Prop.ForAll(
        Arb.From(Texts.Two().ArrayOf()), Arb.From(ArbMap.Default.GeneratorFor<bool>()), (tags, isHistogram) =>
        {
            var written = Written(isHistogram, [.. tags.Select(static tag => (tag.Item1, tag.Item2))]);
            var labels = Label().Matches(written);
            Assert.Equal(written, string.Join(',', labels.Select(static label => label.Value)));
            var names = labels.Select(static label => label.Groups["name"].Value).ToList();
            Assert.Equal(names.Distinct(), names);
            Assert.False(isHistogram && names.Contains("le"));
            var values = labels.SelectMany(static label => Unescaped(label.Groups["value"].Value).Split(';')).Order(StringComparer.Ordinal);
            Assert.Equal(tags.SelectMany(static tag => Valid(tag.Item2).Split(';')).Order(StringComparer.Ordinal), values);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Values_are_as_in_JSON()
    {
        Assert.Equal("true", LabelValue.Of(true));
        Assert.Equal("false", LabelValue.Of(false));
        Assert.Equal("17", LabelValue.Of(17));
        Assert.Equal("0.1", LabelValue.Of(0.1));
        Assert.Equal("", LabelValue.Of(null));
        Assert.Equal("[\"a\",\"b\\\"c\"]", LabelValue.Of((string[])["a", "b\"c"]));
        Assert.Equal("[1,2.5,true,null]", LabelValue.Of((object?[])[1, 2.5, true, null]));
        Assert.Equal("", LabelValue.Of(new Silent()));
    }

    [Fact]
    public void The_scope_is_labelled_with_its_version_and_tags()
    {
        using var scraped = new Scraped(static options => options.ScopeInfoEnabled = true);
        scraped.Meter.CreateGauge<long>("a").Record(1);
        scraped.Another("v", "1.2", [new("team", "edge"), new("name", "not mine"), new("shard.id", 7)]).CreateGauge<long>("b").Record(1);
        Assert.Equal(
            $$"""
            # TYPE a gauge
            a{otel_scope_name="{{scraped.Name}}"} 1
            # TYPE b gauge
            b{otel_scope_name="{{scraped.Name}}.v",otel_scope_shard_id="7",otel_scope_team="edge",otel_scope_version="1.2"} 1

            """, scraped.Text());
    }

    [Fact]
    public void A_schema_url_is_of_the_scope()
    {
        using var scraped = new Scraped(static options => options.ScopeInfoEnabled = true);
        using var meter = new Meter(new MeterOptions($"{scraped.Name}.s") { TelemetrySchemaUrl = "https://example.org/1" });
        meter.CreateGauge<long>("a").Record(1);
        Assert.Contains($"a{{otel_scope_name=\"{scraped.Name}.s\",otel_scope_schema_url=\"https://example.org/1\"}} 1\n", scraped.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_resource_is_target_info_a_gauge_in_text_and_info_in_OpenMetrics()
    {
        using var scraped = new Scraped(resource: static resource => resource.AddAttributes(
            [new("service.name", "edge \"1\""), new("service.version", "0.1"), new("ok", true), new("n", 3L)]));
        scraped.Meter.CreateGauge<long>("a").Record(1);
        const string sample = "target_info{n=\"3\",ok=\"true\",service_name=\"edge \\\"1\\\"\",service_version=\"0.1\"} 1\n";
        Assert.Equal($"# HELP target_info Target metadata\n# TYPE target_info gauge\n{sample}# TYPE a gauge\na 1\n", scraped.Text());
        Assert.Equal($"# TYPE target info\n# HELP target Target metadata\n{sample}# TYPE a gauge\na 1\n# EOF\n", scraped.OpenMetrics());
    }

    [Fact]
    public void Target_info_can_be_left_out()
    {
        using var scraped = new Scraped(static options => options.TargetInfoEnabled = false, resource: static resource => resource.AddAttributes([new("a", "b")]));
        Assert.DoesNotContain("target_info", scraped.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Chosen_attributes_of_the_resource_label_every_series_and_give_way_to_its_own()
    {
        using var scraped = new Scraped(
            static options => (options.TargetInfoEnabled, options.ResourceConstantLabels) = (false, static key => key is "service.name" or "region"),
            resource: static resource => resource.AddAttributes([new("service.name", "edge"), new("region", "eu"), new("secret", "x")]));
        var gauge = scraped.Meter.CreateGauge<long>("a");
        gauge.Record(1);
        gauge.Record(2, new KeyValuePair<string, object?>("region", "us"));
        Assert.Equal("# TYPE a gauge\na{region=\"eu\",service_name=\"edge\"} 1\na{region=\"us\",service_name=\"edge\"} 2\n", scraped.Text());
    }

    [Fact]
    public void What_the_SDK_does_not_count_apart_is_told()
    {
        using var scraped = new Scraped(build: static builder => builder.AddView("a", new OpenTelemetry.Metrics.MetricStreamConfiguration { CardinalityLimit = 2 }));
        var counter = scraped.Meter.CreateCounter<long>("a");
        for (var i = 0; i < 10; i++) counter.Add(1, new KeyValuePair<string, object?>("i", i));
        Assert.Contains("a_total{otel_metric_overflow=\"true\"} ", scraped.Text(), StringComparison.Ordinal);
    }

    static string Written(params (string Key, string Value)[] tags) => Written(false, tags);

    static string Written(bool isHistogram, (string Key, string Value)[] tags)
    {
        var labels = new LabelSet();
        foreach (var (key, value) in tags) labels.Add(key, value);
        return Encoding.UTF8.GetString(labels.Write(isHistogram));
    }

    static string Unescaped(string value) => Escape().Replace(value, static escape => escape.Value[1] == 'n' ? "\n" : escape.Value[1..]);

    static string Valid(string value) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value));

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n]|\\["\\n])*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Label();

    [GeneratedRegex(@"\\.")]
    private static partial Regex Escape();

    sealed class Silent
    {
        public override string ToString() => throw new InvalidOperationException();
    }
}
