using Edge.Http;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Edge.Telemetry;

/// <summary>
/// Samples requests, gathers the spans of those that are traced and hands them to a collector, from shortly after the start until the host has
/// stopped. A collector that is slow, or gone, costs spans and a line in the log, never a request.
/// </summary>
internal sealed partial class TraceExport(TraceOptions options, ILogger<TraceExport> log) : BackgroundService
{
    /// <summary>How long the end of an instance waits for its last spans to be taken.</summary>
    public const int FlushTimeoutMs = 2_000;

    TracerProvider? _provider;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // As in MetricsExport.
        await Task.Yield();
        try
        {
            _provider = Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(ServiceResource.Configure)
                .AddSource(Spans.Sources)
                .SetSampler(SamplerOf(options))
                .AddProcessor(new BatchActivityExportProcessor(
                    new SpanExporter(options.Collector, new("spans", log)), options.MaxQueued, options.DelayMs, options.Collector.TimeoutMs, options.MaxBatch))
                .Build();
        }
        catch (Exception failure)
        {
            // Of variables that the SDK reads by itself. To be looked at is not worth an instance's life.
            Hindered(log, failure.Message);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _provider?.Shutdown(FlushTimeoutMs);
    }

    public override void Dispose()
    {
        _provider?.Dispose();
        base.Dispose();
    }

    static Sampler SamplerOf(TraceOptions options) => options.Sampler switch
    {
        "always_on" => new AlwaysOnSampler(),
        "always_off" => new AlwaysOffSampler(),
        "traceidratio" => new TraceIdRatioBasedSampler(options.SampledRatio),
        "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
        "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(options.SampledRatio)),
        _ => new ParentBasedSampler(new AlwaysOnSampler()),
    };

    [LoggerMessage(1, LogLevel.Error, "Nothing is traced: {Problem}", EventName = "TracesHindered")]
    static partial void Hindered(ILogger log, string problem);
}

/// <summary>Who tells: "edge" and its version, unless OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say otherwise.</summary>
internal static class ServiceResource
{
    // Later ones take precedence, and the default has those of the environment first.
    public static void Configure(ResourceBuilder resource) =>
        resource.Clear().AddService("edge", serviceVersion: EdgeVersion.Text).AddTelemetrySdk().AddEnvironmentVariableDetector();
}
