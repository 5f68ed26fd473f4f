using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Edge.Core.Metrics;
using Edge.Data;

namespace Edge.Telemetry;

/// <summary>Time, rows and outcome of each query, by its name: for scrapes, and over the last hour for people.</summary>
internal sealed class QueryTelemetry : IQueryObserver
{
    /// <summary>Those that semantic conventions have for databases, in seconds.</summary>
    public static readonly double[] Boundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

    const string Name = "db.query";
    const string Outcome = "outcome";

    readonly Histogram<double> _duration;
    readonly Counter<long> _rows;
    readonly Latencies _latencies;
    readonly ConcurrentDictionary<Query, LatencyStatistics> _byQuery = new();

    public QueryTelemetry(Meter meter, Latencies latencies)
    {
        _latencies = latencies;
        _duration = meter.CreateHistogram(
            "edge.db.query.duration", "s", "Time of queries, from when they have a connection", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Boundaries });
        _rows = meter.CreateCounter<long>("edge.db.query.rows", "{row}", "Rows that queries read or changed");
    }

    public Activity? Started(Query query) => Spans.OfCall(query.Name, "postgresql");

    public void Ended(Query query, Activity? span, long startedAt, int rows, Exception? failure)
    {
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        if (!_byQuery.TryGetValue(query, out var latency))
            latency = _byQuery.GetOrAdd(query, static (query, latencies) => latencies.OfQuery(query.Name), _latencies);
        latency.Record(elapsed.Ticks * TimeSpan.NanosecondsPerTick, failure is not null);
        var name = new KeyValuePair<string, object?>(Name, query.Name);
        _duration.Record(elapsed.TotalSeconds, name, new(Outcome, DatabaseFailures.OutcomeOf(failure)));
        if (rows > 0)
            _rows.Add(rows, name);
        if (span is null)
            return;
        span.SetTag("db.response.returned_rows", rows);
        Spans.End(span, failure is null ? null : DatabaseFailures.OutcomeOf(failure));
    }
}
