namespace Edge.Core.RateLimiting;

/// <summary>Where the buckets are that all instances share: Redis, or a model of it in tests.</summary>
public interface ITokenStore
{
    /// <summary>
    /// Takes tokens out of a key's bucket, in one step and by the store's own clock, as <see cref="Gcra"/> does:
    /// <list type="number">
    /// <item>What is <see cref="TokenRequest.Spent"/> is taken, down to an empty bucket.</item>
    /// <item>Of a bucket that is smaller by what comes back within <see cref="TokenRequest.LifeNs"/>, up to a quarter of the tokens left is granted, and no more than
    /// wanted, but at least what is needed.</item>
    /// <item>If that many are not left, but are in the whole bucket, just what is needed is granted: it is used at once.</item>
    /// <item>Else nothing is.</item>
    /// </list>
    /// </summary>
    /// <returns>Null: the store cannot be asked now, or did not answer in time; it may have done it all the same.</returns>
    ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs);
}

/// <summary>No record: what the compiler adds to one brings the decimal text of 128-bit numbers into the binary.</summary>
public readonly struct TokenRequest(UInt128 key, RateLimit limit, int needed, int wanted, long lifeNs, int spent)
{
    /// <summary>A hash of policy and key, the same on all instances.</summary>
    public UInt128 Key { get; init; } = key;

    public RateLimit Limit { get; init; } = limit;

    /// <summary>Tokens without which the caller cannot go on. 0: it asks ahead of need.</summary>
    public int Needed { get; init; } = needed;

    /// <summary>Tokens that would do for a while. At least <see cref="Needed"/>. 0: it only wants to know, and to be charged.</summary>
    public int Wanted { get; init; } = wanted;

    /// <summary>How long after it has asked the caller may still use them. 0: it uses them at once.</summary>
    public long LifeNs { get; init; } = lifeNs;

    /// <summary>Tokens that were used without a grant, while the store could not be asked.</summary>
    public int Spent { get; init; } = spent;
}

/// <param name="Granted">0, or at least what was needed.</param>
/// <param name="AheadNs">How long the bucket takes from now to be full.</param>
public readonly record struct TokenGrant(int Granted, long AheadNs)
{
    /// <summary>What a store does, as a pure function: the model that the script in Redis is held to.</summary>
    /// <param name="tatNs">The bucket's state before and after.</param>
    public static TokenGrant Of(TokenRequest request, ref long tatNs, long nowNs)
    {
        var (interval, full) = (request.Limit.IntervalNs, request.Limit.FullNs);
        // Too far ahead: of another limit, or the clock has stepped back. It is empty, no more.
        var ahead = Math.Min(full, Math.Max(0, tatNs - nowNs));
        // (1)
        ahead = Math.Min(full, ahead + (interval * Math.Min(request.Spent, request.Limit.Burst)));
        // (2), (3), (4)
        var lasting = Math.Max(0, full - request.LifeNs - ahead) / interval;
        var atOnce = Math.Max(0, full - ahead) / interval;
        var granted = lasting >= request.Needed ? Math.Min(request.Wanted, Math.Max(request.Needed, (lasting + ShrinkBy - 1) / ShrinkBy))
            : atOnce >= request.Needed ? request.Needed
            : 0;
        ahead += interval * granted;
        tatNs = nowNs + ahead;
        return new((int)granted, ahead);
    }

    /// <summary>A grant is at most this part of what is left, so that the emptier a bucket, the less lies unused on some instance.</summary>
    public const int ShrinkBy = 4;
}
