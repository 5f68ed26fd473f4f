using System.Collections.Concurrent;

namespace Edge.Core.Metrics;

/// <summary>The latencies of an instance over the last hour: of its routes, and of its queries. Who owns it calls <see cref="Rotate"/>.</summary>
public sealed class Latencies(TimeProvider clock)
{
    readonly TimeProvider _clock = clock;
    readonly long _startedAt = clock.GetTimestamp();
    readonly ConcurrentDictionary<string, LatencyStatistics> _routes = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, LatencyStatistics> _queries = new(StringComparer.Ordinal);

    /// <summary>By <c>GET /api/products/{id}</c>.</summary>
    public IEnumerable<KeyValuePair<string, LatencyStatistics>> Routes => _routes;

    /// <summary>By <c>Product.ById</c>.</summary>
    public IEnumerable<KeyValuePair<string, LatencyStatistics>> Queries => _queries;

    /// <summary>One object per name, to be kept by who records.</summary>
    public LatencyStatistics OfRoute(string name) => _routes.GetOrAdd(name, static (_, all) => new(all._clock, all._startedAt), this);

    /// <inheritdoc cref="OfRoute"/>
    public LatencyStatistics OfQuery(string name) => _queries.GetOrAdd(name, static (_, all) => new(all._clock, all._startedAt), this);

    /// <summary>Every <see cref="LatencyStatistics.RotateEvery"/>.</summary>
    public void Rotate()
    {
        foreach (var (_, latency) in _routes)
            latency.Rotate();
        foreach (var (_, latency) in _queries)
            latency.Rotate();
    }
}
