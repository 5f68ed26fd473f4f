using System.Diagnostics.Metrics;
using Edge.Core.Caching;
using Edge.Data.Changes;

namespace Edge.Telemetry;

/// <summary>What the cache counts, by kind of answers: a route's, or one of the parts that answers are made of.</summary>
internal static class CacheMetrics
{
    const string Kind = "cache.kind";
    const string Result = "cache.result";
    const string Outcome = "outcome";

    public static void Add(Meter meter, EdgeCache cache)
    {
        meter.CreateObservableCounter("edge.cache.requests", () => ByKind(cache, Requests), "{request}", "Reads, by where their answer came from");
        meter.CreateObservableCounter("edge.cache.loads", () => ByKind(cache, Loads), "{load}", "Loads from the origin; several misses may share one");
        meter.CreateObservableCounter("edge.cache.load.time", () => cache.Statistics().Sum.LoadMs / 1000.0, "s", "Time of the loads that succeeded");
        meter.CreateObservableCounter("edge.cache.early_refreshes", () => cache.Statistics().Sum.Early, "{load}", "Loads begun by a hit ahead of its expiry");
        meter.CreateObservableCounter("edge.cache.lease.waits", () => cache.Statistics().Sum.Waits, "{wait}", "Loads that found another instance loading the same");
        meter.CreateObservableCounter("edge.cache.corrupt", () => cache.Statistics().Sum.Corrupt, "{entry}", "Entries in Redis that could not be read");
        meter.CreateObservableCounter("edge.cache.invalidations", () => cache.Statistics().Invalidations, "{invalidation}", "Keys, tags and clears made invalid here");
        meter.CreateObservableCounter("edge.cache.evictions", () => cache.Statistics().Evictions, "{entry}", "Entries pushed out by others");
        meter.CreateObservableCounter("edge.cache.rejections", () => cache.Statistics().Rejections, "{entry}", "Entries not worth a place");
        meter.CreateObservableGauge("edge.cache.entries", () => cache.Statistics().Entries, "{entry}", "Entries in memory");
        meter.CreateObservableGauge("edge.cache.size", () => cache.Statistics().Bytes, "By", "Memory of the entries");
        meter.CreateObservableGauge("edge.cache.capacity", () => cache.Statistics().CapacityBytes, "By", "Memory that entries may take (EDGE_CACHE_MB)");
        meter.CreateObservableGauge("edge.cache.flights", () => cache.Statistics().Flights, "{load}", "Loads and looks into Redis under way");
        if (cache.SecondLevel() is not null)
            AddSecondLevel(meter, cache);
    }

    /// <summary>The changes of the database that the cache follows.</summary>
    public static void Add(Meter meter, ChangeFeed changes)
    {
        meter.CreateObservableGauge("edge.changes.listening", () => EdgeMeter.Flag(changes.Status.IsListening), unit: null, "1: changes in the database are heard of");
        meter.CreateObservableCounter("edge.changes.gaps", () => changes.Status.Gaps, "{gap}", "Stretches in which changes went unheard, after which everything was compared anew");
        meter.CreateObservableCounter("edge.changes.handled", () => changes.Status.Changes, "{change}", "Changes that were made invalid in the cache");
    }

    static void AddSecondLevel(Meter meter, EdgeCache cache)
    {
        meter.CreateObservableGauge("edge.cache.shared.open", () => EdgeMeter.Flag(cache.SecondLevel() is { IsOpen: true }), unit: null, "1: Redis is used; 0: the breaker is open, and the instance does without");
        meter.CreateObservableGauge("edge.cache.shared.pending", () => cache.SecondLevel()?.Pending ?? 0, "{invalidation}", "Invalidations of which the other instances have not been told yet");
        meter.CreateObservableCounter("edge.cache.shared.calls", () => cache.SecondLevel()?.Calls ?? 0, "{call}", "Calls of the cache to Redis");
        meter.CreateObservableCounter("edge.cache.shared.failures", () => cache.SecondLevel()?.Failures ?? 0, "{call}", "Those that failed");
        meter.CreateObservableCounter("edge.cache.shared.closings", () => cache.SecondLevel()?.Closings ?? 0, "{closing}", "How often the breaker opened");
        meter.CreateObservableCounter("edge.cache.shared.gaps", () => cache.SecondLevel()?.Gaps ?? 0, "{gap}", "Stretches in which news of other instances was missed");
        meter.CreateObservableCounter("edge.cache.shared.news", () => cache.SecondLevel()?.News ?? 0, "{message}", "News of other instances");
    }

    // Not by LINQ, here and beside: that is compiled anew for each kind of value, at 40 KB apiece.
    static IEnumerable<Measurement<long>> ByKind(EdgeCache cache, Func<string, KindStatistics, Measurement<long>[]> read)
    {
        foreach (var kind in cache.Kinds())
            foreach (var measured in read(kind, cache.Statistics(kind)))
                yield return measured;
    }

    static Measurement<long>[] Requests(string kind, KindStatistics use) =>
    [
        Of(use.Hits, kind, Result, "hit"), Of(use.Shared, kind, Result, "shared"), Of(use.Stale, kind, Result, "stale"), Of(use.Misses, kind, Result, "miss"),
        Of(use.Failed, kind, Result, "failed"),
    ];

    static Measurement<long>[] Loads(string kind, KindStatistics use) =>
    [
        Of(use.Loads - use.LoadsFailed - use.Outdated, kind, Outcome, "ok"), Of(use.LoadsFailed, kind, Outcome, "failed"), Of(use.Outdated, kind, Outcome, "outdated"),
    ];

    static Measurement<long> Of(long value, string kind, string label, string word) => new(value, new(Kind, kind), new(label, word));
}
