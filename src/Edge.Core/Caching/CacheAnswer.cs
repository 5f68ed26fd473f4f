using System.Runtime.ExceptionServices;

namespace Edge.Core.Caching;

/// <summary>Where an answer of the cache came from.</summary>
public enum CacheSource
{
    /// <summary>From memory, fresh.</summary>
    Hit,

    /// <summary>Past its duration or suspect: its load is under way, failed, or was too slow.</summary>
    Stale,

    /// <summary>From the second level, fresh: for this caller or for one that came at the same time.</summary>
    Shared,

    /// <summary>Loaded for this caller or for one that came at the same time.</summary>
    Miss,

    /// <summary>There is no answer: the load failed, or took too long.</summary>
    Failed,
}

/// <param name="Value">Meaningless where <paramref name="Failure"/> is set.</param>
/// <param name="AgeMs">Since the value was loaded.</param>
/// <param name="FreshMs">How long it stays fresh; negative: how long it has been stale.</param>
/// <param name="Failure">
/// Why there is no value. One object for all callers that waited for the same load, and for those that come within the policy's RetryAfterMs: as it was when
/// the load failed, so that each Throw begins there. Captured anew by each of them, its trace would grow with their number.
/// </param>
/// <param name="KeepMs">How long it may still be used at all, stale or not.</param>
public readonly record struct CacheAnswer<T>(CacheSource Source, T Value, long AgeMs, long FreshMs, ExceptionDispatchInfo? Failure, long KeepMs = 0);

/// <summary>What a loader found.</summary>
/// <param name="SizeBytes">What the value takes in memory, as the budget counts it.</param>
/// <param name="IsNegative">"There is no such thing": kept for the policy's NegativeMs, in this instance.</param>
/// <param name="DurationMs">How long this value is fresh; 0: as the policy says; negative: it is for its callers only, and never kept.</param>
/// <param name="EndsInMs">When this value stops being true: from then on it is neither fresh nor a fallback. 0: nobody knows.</param>
public readonly record struct Loaded<T>(T Value, int SizeBytes, bool IsNegative = false, int DurationMs = 0, long EndsInMs = 0)
{
    /// <summary>
    /// Set: it was not even tried, and there is no value. As where a load fails, only that it is not remembered against the key: the next caller may
    /// find more room. Not for bulk loads.
    /// </summary>
    public Exception? Refusal { get; init; }
}
