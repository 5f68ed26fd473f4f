using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace Edge.Telemetry;

/// <summary>Spans to a collector.</summary>
internal sealed class SpanExporter(OtlpOptions options, CollectorLog log) : OtlpTraceExporter(OtlpExporters.Of(options, log))
{
    public override ExportResult Export(in Batch<Activity> activityBatch) => log.Told(base.Export(activityBatch));
}

/// <summary>What is measured, to a collector.</summary>
internal sealed class MetricExporter(OtlpOptions options, CollectorLog log) : OtlpMetricExporter(OtlpExporters.Of(options, log))
{
    public override ExportResult Export(in Batch<Metric> metrics) => log.Told(base.Export(metrics));
}

file static class OtlpExporters
{
    public static OtlpExporterOptions Of(OtlpOptions options, CollectorLog log) => new()
    {
        Protocol = OtlpExportProtocol.HttpProtobuf,
        Endpoint = options.Endpoint,
        Headers = options.Headers,
        TimeoutMilliseconds = options.TimeoutMs,
        Compression = options.IsCompressed ? OtlpExportCompression.GZip : OtlpExportCompression.None,
        HttpClientFactory = () => new(new OtlpHandler(log)) { Timeout = TimeSpan.FromMilliseconds(options.TimeoutMs) },
    };
}
