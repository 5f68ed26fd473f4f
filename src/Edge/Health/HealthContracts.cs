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

internal sealed record DetailedHealth(
    string Status, double UptimeSeconds, IReadOnlyList<DependencyHealth> Dependencies, BuildHealth Build);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthStatus))]
[JsonSerializable(typeof(DetailedHealth))]
internal sealed partial class HealthJson : JsonSerializerContext;
