namespace Edge.Core.RateLimiting;

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371), as a pure function of one number and the time.
/// <para>
/// <b>State.</b> The theoretical arrival time (TAT) is when the bucket will be full again. A full bucket has a TAT in the past; each token
/// taken moves it T further into the future; it may be at most τ = T × burst ahead. So a bucket is one number, needs no timer to refill, and
/// "never seen" is the same as "full": 0.
/// </para>
/// <para>
/// <b>Guarantees</b> (tests/Edge.Tests/RateLimiting/GcraTests): in any stretch of time, at most burst + stretch ÷ T tokens are admitted. A
/// refusal changes nothing, and tells exactly when the same request would be admitted if nobody else came. A clock that steps back makes
/// nothing free: the TAT does not move back with it.
/// </para>
/// </summary>
public static class Gcra
{
    /// <summary><see cref="GcraDecision.RetryNs"/> of a request that costs more than the bucket holds.</summary>
    public const long Never = -1;

    /// <param name="tatNs">The key's state; 0 for a key never seen.</param>
    /// <param name="nowNs">Nanoseconds on any clock of one's own.</param>
    /// <param name="cost">Tokens. 0 looks without taking, and is always allowed. More than the burst is refused for good.</param>
    public static GcraDecision Decide(long tatNs, long nowNs, RateLimit limit, int cost)
    {
        // Each look at IntervalNs is a division; so is FullNs.
        var interval = limit.IntervalNs;
        var full = interval * limit.Burst;
        var before = Math.Max(tatNs, nowNs);
        if (cost > limit.Burst)
            return new(IsAllowed: false, tatNs, Remaining(before, nowNs, interval, full), before - nowNs, Never);
        var after = before + (interval * cost);
        var wait = after - full - nowNs;
        return wait > 0 && cost > 0
            ? new(IsAllowed: false, tatNs, Remaining(before, nowNs, interval, full), before - nowNs, wait)
            : new(IsAllowed: true, after, Remaining(after, nowNs, interval, full), after - nowNs, RetryNs: 0);
    }

    static int Remaining(long tatNs, long nowNs, long interval, long full) => (int)Math.Max(0, (full - (tatNs - nowNs)) / interval);
}

/// <param name="TatNs">The key's state from now on. Unchanged by a refusal and by a look.</param>
/// <param name="Remaining">Tokens that could be taken now, after this decision.</param>
/// <param name="ResetNs">Until the bucket is full.</param>
/// <param name="RetryNs">Until the refused request would be admitted, at least 1; <see cref="Gcra.Never"/>; 0 where it is allowed.</param>
public readonly record struct GcraDecision(bool IsAllowed, long TatNs, int Remaining, long ResetNs, long RetryNs);
