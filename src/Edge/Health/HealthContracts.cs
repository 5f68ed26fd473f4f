using System.Text.Json.Serialization;

namespace Edge.Health;

internal sealed record HealthStatus(string Status)
{
    public static HealthStatus Healthy { get; } = new("healthy");

    public static HealthStatus Degraded { get; } = new("degraded");

    public static HealthStatus Starting { get; } = new("starting");

    public static HealthStatus Draining { get; } = new("draining");
}

/// <param name="AgeSeconds">Since the last probe; null: none has ended yet.</param>
internal sealed record DependencyHealth(string Name, string Status, DateTimeOffset? CheckedAt, double? AgeSeconds, double? LatencyMs);

internal sealed record BuildHealth(string Version, string Framework, bool IsNative);

/// <param name="State">closed: what it guards is used; open: the instance does without.</param>
internal sealed record BreakerHealth(string Name, string State);

internal sealed record CacheHealth(int Entries, long Bytes, long CapacityBytes, int LoadsUnderWay);

/// <summary>What waits for its turn, or to be done.</summary>
internal sealed record QueueHealth(string Name, long Depth);

/// <param name="Cache">Null: there is none.</param>
internal sealed record DetailedHealth(
    string Status, double UptimeSeconds, IReadOnlyList<DependencyHealth> Dependencies, IReadOnlyCollection<Data.PoolUse> Pools, IReadOnlyList<BreakerHealth> Breakers,
    CacheHealth? Cache, IReadOnlyList<QueueHealth> Queues, BuildHealth Build);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthStatus))]
[JsonSerializable(typeof(DetailedHealth))]
internal sealed partial class HealthJson : JsonSerializerContext;
