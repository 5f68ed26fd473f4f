using System.Text.Json.Serialization;
using Edge.Core.Resilience;

namespace Edge.Performance;

/// <summary>What a window of time saw; see <see cref="Core.Metrics.LatencySummary"/>.</summary>
internal sealed class WindowUse
{
    /// <summary>The time that all of this is from: the window's, or what there is of it.</summary>
    public required double Seconds { get; init; }

    public required long Count { get; init; }

    public required double PerSecond { get; init; }

    public required long Errors { get; init; }

    /// <summary>Of all; null: there was nothing. So are the times.</summary>
    public double? ErrorRate { get; init; }

    public double? P50Ms { get; init; }

    public double? P95Ms { get; init; }

    public double? P99Ms { get; init; }

    public double? MaxMs { get; init; }
}

/// <summary>One route, or one query.</summary>
internal sealed class TimedUse
{
    public required string Name { get; init; }

    public required WindowUse Minute { get; init; }

    public required WindowUse FiveMinutes { get; init; }

    public required WindowUse Hour { get; init; }
}

internal sealed class GcUse
{
    /// <summary>Collections of each generation since the start, the youngest first.</summary>
    public required int[] Collections { get; init; }

    public required double PausePercent { get; init; }

    public required long HeapBytes { get; init; }

    public required long FragmentedBytes { get; init; }

    public required long CommittedBytes { get; init; }

    /// <summary>Since the start.</summary>
    public required long AllocatedBytes { get; init; }
}

internal sealed class ProcessUse
{
    public required long ResidentBytes { get; init; }

    /// <summary>Since the start; of all processors together.</summary>
    public required double CpuSeconds { get; init; }

    public required int Processors { get; init; }

    public required int Threads { get; init; }

    public required long QueuedWork { get; init; }
}

internal sealed class PerformanceMetrics
{
    public required double UptimeSeconds { get; init; }

    public required string Version { get; init; }

    /// <summary>Those that were called, by method and path. Errors are answers of 500 and above.</summary>
    public required TimedUse[] Routes { get; init; }

    /// <summary>Those that were sent, by name. Errors are all that the database did not do.</summary>
    public required TimedUse[] Queries { get; init; }

    /// <summary>Null: there is no cache.</summary>
    public CacheUse? Cache { get; init; }

    public required IReadOnlyCollection<Data.PoolUse> Pools { get; init; }

    public required LimitUse[] Limits { get; init; }

    /// <summary>Null: nothing is shed.</summary>
    public LoadStatistics? Load { get; init; }

    public required GcUse Gc { get; init; }

    public required ProcessUse Process { get; init; }
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PerformanceMetrics))]
internal sealed partial class MetricsJson : JsonSerializerContext;
