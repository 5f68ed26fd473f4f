namespace Edge.Core.RateLimiting;

/// <summary>How a <see cref="KeyedLimiter"/> works, whatever the limits are.</summary>
public sealed class LimiterOptions
{
    /// <summary>Keys that are told apart at a time, of some 85 bytes each; one in a hundred may find no place. Default 65,536. Range 8–16,777,216.</summary>
    public int Keys { get; init; } = 65_536;

    /// <summary>Longest life of a lease in milliseconds. Default 200. Range 1–60,000.</summary>
    public int LeaseMs { get; init; } = 200;

    /// <summary>How long the store may take to answer, in milliseconds. Default 20. Range 1–10,000.</summary>
    public int TimeoutMs { get; init; } = 20;

    /// <summary>How long after it did not answer the store is left alone, in milliseconds. Default 1,000. Range 1–3,600,000.</summary>
    public int RetryMs { get; init; } = 1_000;

    /// <summary>Without the store, or where there is none, each instance admits this part of a limit. Default 1: all of it. Range 1–10,000.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Without the store nothing is admitted.</summary>
    public bool IsStrict { get; init; }
}

/// <param name="Remaining">Tokens that could be taken now, after this decision, as far as this instance knows.</param>
/// <param name="ResetNs">Until all of them are back.</param>
/// <param name="RetryNs">Until a refused request may be admitted; <see cref="Gcra.Never"/>: it costs more than there ever is. 0 where it is allowed.</param>
/// <param name="IsDegraded">Decided without the others, since the store cannot be asked.</param>
public readonly record struct LimitDecision(bool IsAllowed, int Remaining, long ResetNs, long RetryNs, bool IsDegraded)
{
    public override string ToString() => nameof(LimitDecision);
}

/// <summary>What a limiter has done since it was made.</summary>
/// <param name="Allowed">Also those whose tokens were given back later.</param>
/// <param name="Degraded">Decisions made without the store, allowed or refused.</param>
/// <param name="Asks">Requests to the store.</param>
/// <param name="Untracked">Decisions on keys for which there was no room.</param>
/// <param name="IsAlone">The store did not answer, and that is no longer ago than two attempts to reach it: what comes is decided here.</param>
public readonly record struct LimiterStatistics(long Allowed, long Refused, long Degraded, long Asks, long Untracked, bool IsAlone);
