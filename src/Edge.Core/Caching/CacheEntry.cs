using System.Runtime.ExceptionServices;
using Edge.Core.Caching.L1;

namespace Edge.Core.Caching;

/// <summary>What one load found. Immutable but for the throttle; replaced as a whole by the next load.</summary>
internal abstract class CacheEntry(string key, int valueBytes, Generations.Snapshot readAt)
    : L1Entry(key, valueBytes + OwnBytes + PlaceBytes * readAt.Places.Length)
{
    /// <summary>Bytes beside the key, the value and what <see cref="L1Entry"/> counts: this class's fields, the snapshot, and its arrays when empty.</summary>
    const int OwnBytes = 168;

    /// <summary>In those arrays: the number of a place, and its generation.</summary>
    const int PlaceBytes = 2 * sizeof(int);

    /// <summary>What it depends on, at the generations it was read at.</summary>
    public Generations.Snapshot ReadAt => readAt;

    /// <summary>Number of the flight that brought it.</summary>
    public required long Flight { get; init; }

    /// <summary>Of its kind.</summary>
    public required CacheCounters Counters { get; init; }

    /// <summary>Coarse clock, as all times here.</summary>
    public required long LoadedAtMs { get; init; }

    public required long FreshUntilMs { get; init; }

    /// <summary>End of fail-safe.</summary>
    public required long StaleUntilMs { get; init; }

    /// <summary>From here on a hit may start an early refresh.</summary>
    public required long EarlyFromMs { get; init; }

    /// <summary>How long the load took: what an early refresh must be ahead of.</summary>
    public required long LoadMs { get; init; }

    /// <summary>No load before this time: the last one failed.</summary>
    public long RetryFromMs;
}

internal sealed class CacheEntry<T>(string key, T value, int valueBytes, Generations.Snapshot readAt) : CacheEntry(key, valueBytes, readAt)
{
    public T Value => value;
}

/// <summary>A failure that is remembered, so that a broken origin is not asked by every request.</summary>
internal sealed class CacheFailure(string key, ExceptionDispatchInfo failure, Generations.Snapshot readAt) : CacheEntry(key, FailureBytes, readAt)
{
    /// <summary>About what an exception takes with its causes, texts and traces.</summary>
    const int FailureBytes = 4096;

    public ExceptionDispatchInfo Failure => failure;
}
