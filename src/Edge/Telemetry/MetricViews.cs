using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Edge.Telemetry;

/// <summary>How much of each metric is kept.</summary>
internal static class MetricViews
{
    /// <summary>Of a metric by route, method, status and error. The SDK makes room for all of them when the metric is made.</summary>
    const int RouteSeries = 1000;

    const int Series = 200;

    public static MetricStreamConfiguration? Of(Instrument instrument) => instrument.Name switch
    {
        "http.server.request.duration" => new() { CardinalityLimit = RouteSeries },
        "http.server.active_requests" => MetricStreamConfiguration.Drop,
        _ => new() { CardinalityLimit = Series },
    };
}
