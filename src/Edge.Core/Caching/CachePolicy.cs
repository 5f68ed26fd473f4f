using Edge.Core.Caching.L2;

namespace Edge.Core.Caching;

/// <summary>How long a kind of entry lives, and what a reader gets when its origin is slow or fails. All times in milliseconds.</summary>
public sealed record CachePolicy
{
    /// <summary>Label in statistics, as in <c>products.one</c>. Never a key.</summary>
    public required string Name { get; init; }

    /// <summary>How long an entry is fresh. Range: 1 and up; less: it is never kept.</summary>
    public required int DurationMs { get; init; }

    /// <summary>Random share of the duration added to it, so that entries made together do not expire together. Default 0.1. Range 0–1.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>
    /// How long past its duration an entry is served without waiting, while it is loaded anew (stale-while-revalidate). Default: as long as
    /// the duration. 0: the reader waits the soft timeout.
    /// </summary>
    public int RevalidateMs
    {
        get => field < 0 ? DurationMs : field;
        init;
    } = -1;

    /// <summary>
    /// How long after its start a load is waited for by readers who have an entry that is stale for longer than that, or suspect. Default 500.
    /// </summary>
    public int SoftTimeoutMs { get; init; } = 500;

    /// <summary>
    /// How long after it was made an entry may still be served stale, when its load fails or is slow (fail-safe). Default one day. Not more
    /// than <see cref="DurationMs"/>: never. Data that was invalidated is never served, whatever this says.
    /// </summary>
    public int FailSafeMs { get; init; } = 24 * 60 * 60 * 1000;

    /// <summary>After this a load counts as failed and another may start. Default 5,000.</summary>
    public int LoadTimeoutMs { get; init; } = 5_000;

    /// <summary>How long "there is no such thing" is fresh. Default 5,000.</summary>
    public int NegativeMs { get; init; } = 5_000;

    /// <summary>After a failed load, how long nobody tries again: stale data or the failure is the answer. Default 1,000.</summary>
    public int RetryAfterMs { get; init; } = 1_000;

    /// <summary>
    /// Strength of the early refresh (XFetch, Vattani et al., VLDB 2015): 1 refreshes about one load time before expiry, more is earlier,
    /// 0 never. Default 1.
    /// </summary>
    public double EarlyRefresh { get; init; } = 1;

    /// <summary>How long a reader waits for a fresh entry in place of one that has been stale for so long (negative: it is suspect).</summary>
    internal int PatienceMs(long staleMs) => staleMs >= 0 && staleMs < RevalidateMs ? 0 : SoftTimeoutMs;
}

/// <summary>A kind of entries: how long they live, and how they are told to other instances.</summary>
/// <param name="Codec">Null: they stay in this instance.</param>
public sealed record CacheKind<T>(CachePolicy Policy, ICacheCodec<T>? Codec = null);
