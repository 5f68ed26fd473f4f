using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Edge.Telemetry;

/// <summary>
/// How much of each metric is kept. The SDK makes room for all series of a metric when it meets it, 100 bytes each, and by default for 2,000: of a
/// hundred metrics that would be half of what an instance takes. What is beyond goes into a series that says so (otel_metric_overflow).
/// </summary>
internal static class MetricViews
{
    const int Series = 20;

    public static MetricStreamConfiguration? Of(Instrument instrument) => instrument.Name switch
    {
        // By route, method, status and error. The scheme is that of the proxy in front, or always http.
        "http.server.request.duration" => new ExplicitBucketHistogramConfiguration
        {
            CardinalityLimit = 1000, RecordMinMax = false, TagKeys = ["http.request.method", "http.route", "http.response.status_code", "error.type"],
            Boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        },
        // Two records per request, half of what metrics would cost. The load gate tells how much is under way (edge.load.active).
        "http.server.active_requests" => MetricStreamConfiguration.Drop,
        // Addresses are nobody's business, and the pool's name tells the same.
        "db.client.operation.duration" => new ExplicitBucketHistogramConfiguration
        {
            CardinalityLimit = Series, RecordMinMax = false, TagKeys = ["db.client.connection.pool.name", "error.type"], Boundaries = QueryTelemetry.Boundaries,
        },
        // Counted from the start of a command to its end: those under way when measuring began would be missing for ever.
        "db.client.operation.npgsql.executing" => MetricStreamConfiguration.Drop,
        "edge.cache.requests" or "edge.cache.loads" => new() { CardinalityLimit = 400 },
        "edge.db.query.duration" => new() { CardinalityLimit = 500 },
        "edge.db.query.rows" => new() { CardinalityLimit = 250 },
        "edge.limiter.decisions" or "edge.redis.command.duration" => new() { CardinalityLimit = 100 },
        _ => new() { CardinalityLimit = Series },
    };
}
