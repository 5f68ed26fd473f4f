using System.Text.Json.Serialization;

namespace Edge.Performance;

/// <summary>What to clear; exactly one of the three.</summary>
/// <param name="Key">A cached request, as <c>/api/products/42</c>.</param>
internal sealed record CacheClear(string? Key = null, string? Tag = null, bool? All = null);

/// <param name="Everywhere">False: the other instances cannot be told now, and will be when Redis can be reached again.</param>
internal sealed record CacheCleared(string Cleared, bool Everywhere);

/// <param name="HitRatio">Answers that needed no load, of all; null: none yet.</param>
/// <param name="LoadMsMean">Mean time of a load that succeeded; null: none yet.</param>
internal sealed record CacheUse(
    long Hits, long HitsL2, long Stale, long Misses, long Failed, double? HitRatio, long Loads, long LoadsFailed, double? LoadMsMean, long EarlyRefreshes,
    long LeaseWaits, long Outdated, long CorruptL2);

internal sealed record CacheMemory(int Entries, long Bytes, long CapacityBytes, long Evictions, long Rejections, int LoadsUnderWay);

internal sealed record CacheSecondLevel(bool IsOpen, int PendingInvalidations, long Calls, long Failures, long Closings, long Gaps, long News);

/// <param name="SinceSeconds">Since when it is, or is not.</param>
internal sealed record CacheChanges(bool IsListening, double? SinceSeconds, string? Problem, long Connections, long Gaps, long Changes);

/// <param name="L2">Null: no Redis is configured.</param>
/// <param name="Changes">Null: no database is configured.</param>
internal sealed record CacheStats(
    CacheUse Total, long Invalidations, CacheMemory L1, CacheSecondLevel? L2, CacheChanges? Changes, IReadOnlyDictionary<string, CacheUse> Routes);

// Without the writers that are made for speed: nobody asks for these often.
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CacheClear))]
[JsonSerializable(typeof(CacheCleared))]
[JsonSerializable(typeof(CacheStats))]
[JsonSerializable(typeof(Core.Resilience.LoadStatistics))]
internal sealed partial class CacheJson : JsonSerializerContext;
