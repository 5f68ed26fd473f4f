using Edge.Prometheus;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Edge.Telemetry;

/// <summary>
/// Collects what meters measure and answers scrapes, or pushes it to a collector, from shortly after the start until the host has stopped. Whatever hinders it is a line in the log:
/// an instance that nobody can look at still answers.
/// </summary>
internal sealed partial class MetricsExport(TelemetryOptions options, TimeProvider clock, ILogger<MetricsExport> log) : BackgroundService
{
    static readonly string[] Meters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql", EdgeMeter.Name];

    MeterProvider? _provider;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host starts its services one after the other and waits for each up to its first suspension: nothing is to delay the first answer.
        await Task.Yield();
        try
        {
            _provider = Build();
        }
        catch (Exception failure)
        {
            // As in TraceExport.
            Hindered(log, failure.Message);
        }
    }

    MeterProvider Build()
    {
        var metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(ServiceResource.Configure)
            .AddMeter(Meters)
            .AddView(MetricViews.Of);
        // Of the trace that is under way while it is recorded: so a slow request of a histogram can be looked at.
        if (options.Traces is not null)
            metrics.SetExemplarFilter(ExemplarFilterType.TraceBased);
        if (options.Push is { } collector)
            metrics.AddReader(new PeriodicExportingMetricReader(new MetricExporter(collector, new("metrics", log)), options.PushIntervalMs));
        if (options.IsScraped)
            metrics.AddPrometheusHttpListener(scraped =>
            {
                scraped.Host = options.ScrapeHost;
                scraped.Port = options.ScrapePort;
                scraped.ScopeInfoEnabled = false;
                scraped.Clock = clock;
                scraped.OnProblem = problem => Hindered(log, problem.Text);
            });
        return metrics.Build();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // With a last push, where somebody is pushed to.
        _provider?.Shutdown(TraceExport.FlushTimeoutMs);
    }

    /// <summary>Also of a host that was never stopped: its listener would go on, and what it collects is of all hosts of the process.</summary>
    public override void Dispose()
    {
        _provider?.Dispose();
        base.Dispose();
    }

    [LoggerMessage(1, LogLevel.Warning, "Metrics: {Problem}", EventName = "MetricsHindered")]
    static partial void Hindered(ILogger log, string problem);
}
