using Edge.Hosting;
using Edge.Telemetry;
using Microsoft.Extensions.Configuration;

namespace Edge.Tests.Hosting;

public sealed class TelemetrySettingsTests
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    static (TelemetryOptions Options, IReadOnlyList<SettingMistake> Mistakes) Read(params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();
        var source = new SettingsSource(configuration);
        return (TelemetryReader.Read(source), source.Mistakes);
    }

    static TelemetryOptions Valid(params (string Key, string Value)[] values)
    {
        var (options, mistakes) = Read(values);
        Assert.Empty(mistakes);
        return options;
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_traced_and_nothing_pushed()
    {
        var options = Valid(("OTEL_TRACES_EXPORTER", "otlp"));
        Assert.True(options is { IsOn: true, IsScraped: true, Traces: null, Push: null });
    }

    [Theory]
    [InlineData("http://collector:4318", "http://collector:4318/v1/traces")]
    [InlineData("https://otlp.example.org/otlp/", "https://otlp.example.org/otlp/v1/traces")]
    public void An_endpoint_for_all_signals_gets_the_path_of_each(string endpoint, string traces)
    {
        Assert.Equal(traces, Valid((Endpoint, endpoint)).Traces!.Collector.Endpoint.AbsoluteUri);
    }

    [Fact]
    public void What_is_said_for_traces_alone_is_taken_as_it_is_and_goes_first()
    {
        var collector = Valid(
            (Endpoint, "http://all:4318"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:1/here"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2000"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"), ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=2,c=%203"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")).Traces!.Collector;
        Assert.Equal(new OtlpOptions { Endpoint = new("http://traces:1/here"), TimeoutMs = 2_000, Headers = "b=2,c=%203", IsCompressed = true }, collector);
    }

    [Fact]
    public void Traces_can_be_switched_off_while_metrics_are_pushed()
    {
        var options = Valid((Endpoint, "http://all:4318"), ("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_METRIC_EXPORT_INTERVAL", "10000"));
        Assert.Null(options.Traces);
        Assert.False(options.IsScraped);
        Assert.Equal(("http://all:4318/v1/metrics", 10_000), (options.Push!.Endpoint.AbsoluteUri, options.PushIntervalMs));
        Assert.Equal("http://localhost:4318/v1/metrics", Valid(("OTEL_METRICS_EXPORTER", "otlp")).Push!.Endpoint.AbsoluteUri);
    }

    [Fact]
    public void A_disabled_SDK_reads_nothing_else()
    {
        var options = Valid(("OTEL_SDK_DISABLED", "true"), (Endpoint, "nonsense"), ("OTEL_METRICS_EXPORTER", "nonsense"));
        Assert.True(options is { IsOn: false, IsScraped: false, Traces: null, Push: null });
    }

    [Fact]
    public void Sampler_and_batches_have_the_defaults_of_the_specification()
    {
        var traces = Valid((Endpoint, "http://all:4318")).Traces!;
        Assert.Equal(("parentbased_always_on", 1.0, 5_000, 2_048, 512), (traces.Sampler, traces.SampledRatio, traces.DelayMs, traces.MaxQueued, traces.MaxBatch));
        traces = Valid((Endpoint, "http://all:4318"), ("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.01"), ("OTEL_BSP_MAX_QUEUE_SIZE", "100")).Traces!;
        Assert.Equal(("traceidratio", 0.01, 100, 100), (traces.Sampler, traces.SampledRatio, traces.MaxQueued, traces.MaxBatch));
    }

    [Theory]
    [InlineData(Endpoint, "collector:4318")]
    [InlineData(Endpoint, "grpc://collector:4317")]
    [InlineData(Endpoint, "http://user:secret@collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "nowhere")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "secret")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a=1,,b=2")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a=secret%0d%0aX:1")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a b=secret")]
    [InlineData("OTEL_EXPORTER_OTLP_COMPRESSION", "br")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "10s")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "/key.pem")]
    [InlineData("OTEL_TRACES_SAMPLER", "sometimes")]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "1.1")]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "-0.1")]
    [InlineData("OTEL_TRACES_EXPORTER", "zipkin")]
    [InlineData("OTEL_METRICS_EXPORTER", "statsd")]
    [InlineData("OTEL_BSP_SCHEDULE_DELAY", "0")]
    public void A_mistake_names_its_key_and_the_fix_and_no_secret(string key, string value)
    {
        var (_, mistakes) = Read(key == Endpoint ? [(key, value)] : [(Endpoint, "http://all:4318"), (key, value)]);
        var mistake = Assert.Single(mistakes);
        Assert.Equal(key, mistake.Key);
        Assert.NotEmpty(mistake.Fix);
        Assert.DoesNotContain("secret", mistake.ToString(), StringComparison.Ordinal);
    }
}
