namespace Edge.Core.RateLimiting;

/// <summary>
/// How much of something is allowed: <paramref name="Count"/> tokens per <paramref name="PeriodSeconds"/> in the long run, and up to
/// <paramref name="Burst"/> at once after a rest.
/// </summary>
/// <param name="Count">Tokens per period. Range 1–1,000,000.</param>
/// <param name="PeriodSeconds">Range 1–86,400.</param>
/// <param name="Burst">Range 1–1,000,000, and no more than comes back within <see cref="MaxFullSeconds"/>.</param>
public readonly record struct RateLimit(int Count, int PeriodSeconds, int Burst)
{
    public const int MaxCount = 1_000_000;
    public const int MaxPeriodSeconds = 86_400;
    public const int MaxBurst = 1_000_000;

    /// <summary>Thirty days: a bucket that takes longer to fill is a mistake, and sums of nanoseconds stay far below 2⁶³.</summary>
    public const int MaxFullSeconds = 30 * 86_400;

    /// <summary>Whether all three are in their ranges.</summary>
    public bool IsValid =>
        Count is >= 1 and <= MaxCount && PeriodSeconds is >= 1 and <= MaxPeriodSeconds && Burst is >= 1 and <= MaxBurst
        && (Int128)IntervalNs * Burst <= MaxFullSeconds * 1_000_000_000L;

    /// <summary>
    /// Nanoseconds in which one token comes back: T of GCRA. Rounded up, so that never more than <see cref="Count"/> come back in a period.
    /// </summary>
    public long IntervalNs => ((PeriodSeconds * 1_000_000_000L) + Count - 1) / Count;

    /// <summary>Nanoseconds in which an empty bucket fills up: τ of GCRA.</summary>
    public long FullNs => IntervalNs * Burst;
}
