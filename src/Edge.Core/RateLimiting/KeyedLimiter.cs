using System.Collections.Concurrent;

namespace Edge.Core.RateLimiting;

/// <summary>
/// Limits by key, shared by all instances, decided in memory.
///
/// <para><b>Leases.</b> An instance takes tokens out of a key's shared bucket ahead of need, and hands them out without asking. A lease
/// lives for <see cref="LifeNs"/>, beside what is left of the one before; what is left of it then is lost, which the bucket makes good as it refills. How much is asked for follows
/// the key's rate here; how much is given shrinks as the bucket empties. (Tried: to return what is left. A bucket that has been full meanwhile
/// has made it good already, and the store cannot know: returned tokens then came on top of the limit, as the schedules of
/// KeyedLimiterTests found.)</para>
///
/// <para><b>Never over the limit.</b> GCRA admits at most burst + t ÷ T tokens in any time t. A leased token may be used up to one life after it was
/// granted, so what is used in t was granted in t + life, which would be life ÷ T too many: therefore leases are granted from a bucket that
/// is smaller by just that (<see cref="ITokenStore"/>, step 2). Where that part would be more than a tenth of the burst, the life is
/// shorter; where the burst is below <see cref="SmallBurst"/>, there are no leases: each request that may be admitted asks, and small limits
/// are exact. Tokens that are lost with an instance come back as the bucket refills.</para>
///
/// <para><b>A decision</b>, as numbered in the code:
/// (1) tokens of a living lease: allowed, and when they run low more are asked for in the background;
/// (2) the bucket is known to be too empty: refused until it is not. Others can only take from it, so that the store would have said the same; a
/// key that is over its limit costs it nothing;
/// (3) otherwise the store is asked, once for all who wait for that key. Who asked takes what it needs of the grant; the others decide again.
/// </para>
///
/// <para><b>Without the store</b> (it does not answer within the timeout) every key has a bucket here, of the limit divided by the number of
/// instances; the store is tried again every <see cref="LimiterOptions.RetryMs"/>, by one request. What was admitted meanwhile is charged to the
/// shared bucket when it is back, so that an outage does not end in a burst. A policy may refuse instead (<see cref="LimiterOptions.IsStrict"/>).
/// </para>
///
/// <para><b>Memory</b> is a table of fixed size (<see cref="BucketTable"/>), whoever invents how many keys.</para>
/// </summary>
public sealed class KeyedLimiter
{
    /// <summary>Below this burst a token is too many to lie unused.</summary>
    public const int SmallBurst = 20;

    /// <summary>What comes back within a lease's life is at most this part of the burst.</summary>
    const int LifePart = 10;

    /// <summary>What is asked for first, before a key's rate is known, is this part of the burst.</summary>
    const int FirstPart = 8;

    /// <summary>More is asked for when what is left is this part of what was used since: of a lease that lasts for its life, the last seventh.</summary>
    const int LowPart = 6;

    /// <summary>Keys without a place of their own share one bucket, of so many times the limit.</summary>
    const int OverflowFactor = 32;

    readonly LimiterOptions _options;
    readonly ITokenStore? _store;
    readonly TimeProvider _clock;
    readonly long _startedAt;
    readonly double _nsPerTick;
    readonly BucketTable _table;
    readonly ConcurrentDictionary<UInt128, Task> _asked = new();
    long _aloneUntilNs;
    long _degraded;
    long _asks;

    /// <param name="store">Null: this instance is the only one.</param>
    public KeyedLimiter(LimiterOptions options, ITokenStore? store, TimeProvider clock)
    {
        (_options, _store, _clock) = (options, store, clock);
        _startedAt = clock.GetTimestamp();
        _nsPerTick = 1e9 / clock.TimestampFrequency;
        _table = new(options.Keys);
    }

    public LimiterStatistics Statistics()
    {
        var (allowed, refused, untracked) = _table.Counts();
        return new(allowed, refused, Interlocked.Read(ref _degraded), Interlocked.Read(ref _asks), untracked, IsAlone(NowNs));
    }

    /// <summary>Completes at once unless the store has to be asked.</summary>
    /// <param name="key">A hash of policy and key, the same on all instances; not 0.</param>
    /// <param name="cost">Tokens, at least 1.</param>
    public ValueTask<LimitDecision> Decide(UInt128 key, RateLimit limit, int cost)
    {
        if (!TryDecide(key, limit, cost, out var decision, out var ask))
            return Ask(key, limit, cost, ask);
        if (ask.Key != 0)
            _ = Send(ask);
        return new(decision);
    }

    // Never 0: that is a bucket's "never".
    long NowNs => 1 + (long)((_clock.GetTimestamp() - _startedAt) * _nsPerTick);

    /// <summary>How long a lease lives, in nanoseconds. 0: there are none.</summary>
    long LifeNs(RateLimit limit) => limit.Burst < SmallBurst ? 0 : Math.Min(_options.LeaseMs * 1_000_000L, limit.FullNs / LifePart);

    bool IsAlone(long nowNs) => nowNs < Volatile.Read(ref _aloneUntilNs);

    /// <param name="ask">What to send to the store, where its key is not 0: ahead of need where the result is true, else for this call.</param>
    bool TryDecide(UInt128 key, RateLimit limit, int cost, out LimitDecision decision, out TokenRequest ask)
    {
        ask = default;
        var nowNs = NowNs;
        using var found = _table.Enter(key, nowNs);
        ref var bucket = ref found.Bucket;
        if (cost > limit.Burst)
        {
            decision = new(false, 0, 0, Gcra.Never, false);
        }
        else if (_store is null || !found.IsTracked)
        {
            decision = DecideHere(ref bucket, found.IsTracked ? limit : Times(limit, OverflowFactor), cost, nowNs);
        }
        else if (IsAlone(nowNs))
        {
            decision = DecideAlone(ref bucket, limit, cost, nowNs);
        }
        else
        {
            var aheadNs = Math.Max(0, bucket.TatNs - nowNs);
            var lent = bucket.Lent(nowNs);
            if (lent >= cost)
            {
                // (1)
                bucket.Use(cost, nowNs);
                bucket.Used += cost;
                lent -= cost;
                decision = new(true, lent + Remaining(limit, aheadNs), aheadNs, 0, false);
                if (lent <= bucket.Used / LowPart && !found.IsAsked && nowNs >= bucket.AskFromNs)
                    ask = RequestOf(key, in found, limit, needed: 0, nowNs);
            }
            else
            {
                // (2)
                var retryNs = Math.Max(aheadNs + (limit.IntervalNs * cost) - limit.FullNs, bucket.AskFromNs - nowNs);
                decision = new(false, Remaining(limit, aheadNs), aheadNs, retryNs, false);
                if (retryNs <= 0)
                {
                    // (3)
                    if (!found.IsAsked)
                        ask = RequestOf(key, in found, limit, cost, nowNs);
                    return false;
                }
            }
        }
        found.Count(decision.IsAllowed);
        return true;
    }

    static LimitDecision DecideHere(ref Bucket bucket, RateLimit limit, int cost, long nowNs)
    {
        var here = Gcra.Decide(bucket.TatNs, nowNs, limit, cost);
        bucket.TatNs = here.TatNs;
        return new(here.IsAllowed, here.Remaining, here.ResetNs, here.RetryNs, false);
    }

    LimitDecision DecideAlone(ref Bucket bucket, RateLimit limit, int cost, long nowNs)
    {
        Interlocked.Increment(ref _degraded);
        if (_options.IsStrict)
            return new(false, 0, 0, Math.Max(1, Volatile.Read(ref _aloneUntilNs) - nowNs), true);
        // A share smaller than what one request costs would refuse it for good.
        var share = limit with { Count = Math.Max(1, limit.Count / _options.Instances), Burst = Math.Max(cost, limit.Burst / _options.Instances) };
        var decision = DecideHere(ref bucket, share, cost, nowNs);
        if (decision.IsAllowed)
            bucket.Spent += cost;
        return decision with { IsDegraded = true };
    }

    async ValueTask<LimitDecision> Ask(UInt128 key, RateLimit limit, int cost, TokenRequest ask)
    {
        while (true)
        {
            if (ask.Key != 0 && await Send(ask) is { } granted)
            {
                return granted;
            }
            // Not there any more: it has just been answered.
            if (_asked.TryGetValue(key, out var asked))
                await asked;
            if (TryDecide(key, limit, cost, out var decision, out ask))
            {
                if (ask.Key != 0)
                    _ = Send(ask);
                return decision;
            }
        }
    }

    /// <summary>Marks the bucket as asked for.</summary>
    TokenRequest RequestOf(UInt128 key, in BucketTable.Entered found, RateLimit limit, int needed, long nowNs)
    {
        ref var bucket = ref found.Bucket;
        var lifeNs = LifeNs(limit);
        // As much as lasts for a life at the rate since the last request, with what is left. (Tried: a quarter more. It ran out with the lease's life.)
        var wanted = lifeNs == 0 ? 0
            : bucket.AskedNs == 0 ? limit.Burst / FirstPart
            : Math.Min(limit.Burst, (int)Math.Min(int.MaxValue, (bucket.Used + needed) * (double)lifeNs / Math.Max(1, nowNs - bucket.AskedNs)) - bucket.Lent(nowNs));
        var request = new TokenRequest(key, limit, needed, Math.Max(Math.Max(1, needed), wanted), lifeNs, bucket.TatNs <= nowNs ? 0 : bucket.Spent);
        (bucket.AskedNs, bucket.AskAfterUs, bucket.Used, bucket.Spent) = (nowNs, 0, 0, 0);
        found.SetAsked(true);
        return request;
    }

    /// <returns>The decision on the call that needed it; null: it has to be decided again, or there was none.</returns>
    async Task<LimitDecision?> Send(TokenRequest request)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[request.Key] = done.Task;
        Interlocked.Increment(ref _asks);
        var sentNs = NowNs;
        try
        {
            return Settle(request, sentNs, await _store!.Take(request, _options.TimeoutMs));
        }
        finally
        {
            _asked.TryRemove(new(request.Key, done.Task));
            done.SetResult();
        }
    }

    LimitDecision? Settle(TokenRequest request, long sentNs, TokenGrant? granted)
    {
        var nowNs = NowNs;
        var limit = request.Limit;
        // What is asked for keeps its place.
        using var found = _table.Enter(request.Key, nowNs, isKnown: true);
        ref var bucket = ref found.Bucket;
        found.SetAsked(false);
        if (granted is not { } grant)
        {
            // Whether it was done is not known. What was spent is charged again, perhaps twice: that errs towards less.
            bucket.Spent += request.Spent;
            Volatile.Write(ref _aloneUntilNs, nowNs + (_options.RetryMs * 1_000_000L));
            return null;
        }
        // Counted from before it was sent: the store granted it later.
        if (grant.Granted > 0)
            bucket.Lend(grant.Granted - request.Needed, sentNs + request.LifeNs, nowNs);
        // With what was spent since it was sent, which the next request charges.
        bucket.TatNs = nowNs + Math.Min(limit.FullNs, grant.AheadNs + (limit.IntervalNs * Math.Min(bucket.Spent, limit.Burst)));
        // Where next to nothing is left to lease, to ask all the time would cost more than it brings, and who waited would wait for ever.
        var isDry = Remaining(limit, grant.AheadNs + request.LifeNs) < limit.Burst / LifePart;
        bucket.AskAfterUs = isDry ? (int)(request.LifeNs / 4000) : 0;
        if (request.Needed == 0)
            return null;
        bucket.Used += grant.Granted == 0 ? 0 : request.Needed;
        found.Count(grant.Granted > 0);
        return grant.Granted > 0
            ? new(true, bucket.Lent(nowNs) + Remaining(limit, grant.AheadNs), grant.AheadNs, 0, false)
            : new(false, Remaining(limit, grant.AheadNs), grant.AheadNs,
                Math.Max(1, Math.Max(grant.AheadNs + (limit.IntervalNs * request.Needed) - limit.FullNs, bucket.AskFromNs - nowNs)), false);
    }

    static int Remaining(RateLimit limit, long aheadNs)
    {
        var interval = limit.IntervalNs;
        return (int)(Math.Max(0, (interval * limit.Burst) - aheadNs) / interval);
    }

    static RateLimit Times(RateLimit limit, int factor) =>
        limit with { Count = Math.Min(RateLimit.MaxCount, limit.Count * factor), Burst = Math.Min(RateLimit.MaxBurst, limit.Burst * factor) };
}
