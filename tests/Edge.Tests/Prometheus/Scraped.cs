using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Prometheus;
using Edge.Prometheus.Scraping;
using Edge.Prometheus.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Edge.Tests.Prometheus;

/// <summary>
/// The real SDK with the exporter and without a listener. Meters are the process's: each test has some of its own name, and unless it is about scopes
/// or the resource its output has neither.
/// </summary>
sealed partial class Scraped : IDisposable
{
    static int _created;

    readonly List<Meter> _meters = [];

    public Scraped(Action<PrometheusHttpListenerOptions>? configure = null, Action<MeterProviderBuilder>? build = null, Action<ResourceBuilder>? resource = null)
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"scraped-{Interlocked.Increment(ref _created)}");
        Options = new() { ScopeInfoEnabled = false, TargetInfoEnabled = resource is not null, OnProblem = Problems.Add };
        configure?.Invoke(Options);
        Exporter = new(Options);
        var resources = ResourceBuilder.CreateEmpty();
        resource?.Invoke(resources);
        var builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resources).AddMeter(Name).AddMeter(Name + ".*");
        build?.Invoke(builder);
        Provider = builder.AddReader(new ScrapeReader(Exporter)).Build();
        Meter = Add(Name);
    }

    public string Name { get; }

    public PrometheusHttpListenerOptions Options { get; }

    public List<PrometheusProblem> Problems { get; } = [];

    public PrometheusExporter Exporter { get; }

    public MeterProvider Provider { get; }

    public Meter Meter { get; }

    /// <summary>A further meter, whose name begins with this one's.</summary>
    public Meter Another(string suffix = "other", string? version = null, IEnumerable<KeyValuePair<string, object?>>? tags = null) => Add(
        $"{Name}.{suffix}", version, tags);

    public string Text() => Encoding.UTF8.GetString(Bytes(ExpositionFormat.Text));

    /// <summary>Without the moments of creation, of which there is one for each counter and histogram.</summary>
    public string OpenMetrics() => Created().Replace(OpenMetricsWithCreated(), "");

    public string OpenMetricsWithCreated() => Encoding.UTF8.GetString(Bytes(ExpositionFormat.OpenMetrics));

    public byte[] Bytes(ExpositionFormat format)
    {
        var buffer = new ByteBuffer(Options.MaxResponseBytes);
        var status = format == ExpositionFormat.Text ? Exporter.CollectRound(buffer, null) : Exporter.CollectRound(null, buffer);
        Assert.Equal(ScrapeStatus.Ok, status);
        return buffer.ToArray();
    }

    public void Dispose()
    {
        Provider.Dispose();
        foreach (var meter in _meters) meter.Dispose();
    }

    Meter Add(string name, string? version = null, IEnumerable<KeyValuePair<string, object?>>? tags = null)
    {
        var meter = new Meter(name, version, tags);
        _meters.Add(meter);
        return meter;
    }

    [GeneratedRegex(@"^\w+_created(\{.*\})? [\d.]+\n", RegexOptions.Multiline)]
    private static partial Regex Created();
}
