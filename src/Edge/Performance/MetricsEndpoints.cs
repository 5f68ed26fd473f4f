using Edge.Core.Caching;
using Edge.Core.Metrics;
using Edge.Core.Resilience;
using Edge.Data;
using Edge.Http;

namespace Edge.Performance;

/// <summary>What this instance is doing, for people with curl: the numbers of a scrape, and those that take a while to add up from scrapes.</summary>
/// <param name="latencies">Null: nothing is measured.</param>
internal sealed class MetricsEndpoints(Latencies? latencies, EdgeCache? cache, RateLimiter limiter, LoadGate? gate, PoolStatistics pools, TimeProvider clock)
{
    static readonly TimeSpan[] Windows = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(60)];

    readonly long _startedAt = clock.GetTimestamp();

    public void Map(RouteTable routes) => routes.Get(
        new()
        {
            Path = "/performance/metrics", Tag = "Performance", Summary = "Rates, errors and latencies by route and by query over the last 1, 5 and 60 minutes; cache, pools, limits, memory",
            Caching = Caching.None, Access = Access.Operator, IsLocal = true, IsMeasured = false, Problems = [404],
        },
        static () => MetricsJson.Default.PerformanceMetrics, Metrics);

    ValueTask<Answer<PerformanceMetrics>> Metrics(Call call) => new(latencies is null ? Problem.NotFound("measuring on this instance (OTEL_SDK_DISABLED is 1)") : All(latencies));

    PerformanceMetrics All(Latencies latencies)
    {
        var gc = GC.GetGCMemoryInfo();
        return new()
        {
            UptimeSeconds = clock.GetElapsedTime(_startedAt).TotalSeconds,
            Version = EdgeVersion.Text,
            Routes = Timed(latencies.Routes),
            Queries = Timed(latencies.Queries),
            Cache = cache is null ? null : CacheEndpoints.UseOf(cache.Statistics().Sum),
            Pools = pools.Read(),
            Limits = LimitEndpoints.Policies(limiter),
            Load = gate?.Statistics(),
            Gc = new()
            {
                Collections = [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)],
                PausePercent = gc.PauseTimePercentage, HeapBytes = GC.GetTotalMemory(forceFullCollection: false), FragmentedBytes = gc.FragmentedBytes, CommittedBytes = gc.TotalCommittedBytes,
                AllocatedBytes = GC.GetTotalAllocatedBytes(),
            },
            Process = new()
            {
                ResidentBytes = Environment.WorkingSet, CpuSeconds = Environment.CpuUsage.TotalTime.TotalSeconds, Processors = Environment.ProcessorCount,
                Threads = ThreadPool.ThreadCount, QueuedWork = ThreadPool.PendingWorkItemCount,
            },
        };
    }

    /// <summary>Those that were called within the hour, the busiest first.</summary>
    static TimedUse[] Timed(IEnumerable<KeyValuePair<string, LatencyStatistics>> all)
    {
        var timed = new List<TimedUse>();
        foreach (var (name, latency) in all)
        {
            var hour = latency.Read(Windows[2]);
            if (hour.Count > 0)
                timed.Add(new() { Name = name, Minute = Of(latency.Read(Windows[0])), FiveMinutes = Of(latency.Read(Windows[1])), Hour = Of(hour) });
        }
        timed.Sort(static (one, other) => other.Hour.Count != one.Hour.Count ? other.Hour.Count.CompareTo(one.Hour.Count) : string.CompareOrdinal(one.Name, other.Name));
        return [.. timed];
    }

    static WindowUse Of(LatencySummary summary) => new()
    {
        Seconds = summary.Seconds, Count = summary.Count, PerSecond = summary.PerSecond, Errors = summary.Errors,
        ErrorRate = summary.Count == 0 ? null : (double)summary.Errors / summary.Count,
        P50Ms = summary.P50Ms, P95Ms = summary.P95Ms, P99Ms = summary.P99Ms, MaxMs = summary.MaxMs,
    };
}
