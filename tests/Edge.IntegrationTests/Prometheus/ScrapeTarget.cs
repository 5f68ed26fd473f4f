using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Edge.Prometheus;
using Edge.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Edge.IntegrationTests.Prometheus;

/// <summary>The exporter as a service has it, on a free port of this machine.</summary>
sealed class ScrapeTarget : IDisposable
{
    const int PortAttempts = 5;
    static int _created;

    readonly string _asked;

    ScrapeTarget(string host, int port, Action<PrometheusHttpListenerOptions>? configure, Action<MeterProviderBuilder>? build)
    {
        Port = port;
        _asked = host.Contains(':', StringComparison.Ordinal) ? "[::1]" : "127.0.0.1";
        Meter = new(string.Create(CultureInfo.InvariantCulture, $"target-{Interlocked.Increment(ref _created)}"), "1.0");
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(static resource => OpenTelemetry.Resources.ResourceBuilderExtensions.AddService(resource, "edge", serviceInstanceId: "one"))
            .AddMeter(Meter.Name);
        build?.Invoke(builder);
        Provider = builder.AddPrometheusHttpListener(options =>
        {
            (options.Host, options.Port, options.OnProblem) = (host, port, Problems.Add);
            configure?.Invoke(options);
        }).Build();
    }

    public int Port { get; }

    public Meter Meter { get; }

    public MeterProvider Provider { get; }

    public List<PrometheusProblem> Problems { get; } = [];

    public Uri Metrics => At("/metrics");

    public static ScrapeTarget Start(
        Action<PrometheusHttpListenerOptions>? configure = null, Action<MeterProviderBuilder>? build = null, string host = "127.0.0.1")
    {
        for (var attempt = 1; ; attempt++)
        {
            var target = new ScrapeTarget(host, FreePort.Of(host.Contains(':', StringComparison.Ordinal) ? IPAddress.IPv6Loopback : null), configure, build);
            if (target.Problems.Count == 0) return target;
            target.Dispose();
            // Between choosing a free port and binding it, another process may take it.
            Assert.True(attempt < PortAttempts && target.Problems[0].Kind == PrometheusProblemKind.PortInUse, target.Problems[0].Text);
        }
    }

    /// <summary>With whatever problems it has.</summary>
    public static ScrapeTarget StartAt(string host, int port) => new(host, port, null, null);

    public Uri At(string path, string? host = null) => new($"http://{host ?? _asked}:{Port}{path}");

    public void Dispose()
    {
        Provider.Dispose();
        Meter.Dispose();
    }
}
