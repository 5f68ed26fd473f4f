namespace Edge.Core.RateLimiting;

/// <summary>
/// Limits by key, shared by all instances, decided in memory.
///
/// <para><b>Leases.</b> An instance takes tokens out of a key's shared bucket ahead of need, and hands them out without asking. A lease
/// lives for <see cref="LifeNs"/>, beside what is left of the one before; what is left of it then is lost, which the bucket makes good as it refills. How much is asked for follows
/// the key's rate here, and is no more than comes back within <see cref="MadeGoodNs"/> or is being waited for: a day's quota is not to be used up by leases. How much
/// is given shrinks as the bucket empties. (Tried: to return what is left. A bucket that has been full meanwhile
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
/// key that is over its limit costs it nothing. Nor is the store asked for a quarter of a lease's life where it had next to nothing left to lease and more comes back sooner: the few tokens
/// that it holds back for leases that live are then given out at that pace;
/// (3) otherwise the store is asked, once for all who wait for that key. Who asked has what it needs of the grant in its hand; the others look
/// again. How several buckets are taken from at once is told at <see cref="LimitTakes"/>.</para>
///
/// <para><b>Without the store</b> (it does not answer within the timeout) every key has a bucket here, of the limit divided by the number of
/// instances; the store is tried again every <see cref="LimiterOptions.RetryMs"/>, in the background of one request: who finds it gone first waits
/// for the timeout, and nobody after that until it has answered. What was admitted meanwhile is charged to the shared bucket when it is back, so
/// that an outage does not end in a burst. A policy may refuse instead (<see cref="LimiterOptions.IsStrict"/>).</para>
///
/// <para><b>Memory</b> is a table of fixed size (<see cref="BucketTable"/>), whoever invents how many keys.</para>
/// </summary>
public sealed partial class KeyedLimiter
{
    /// <summary>Below this burst a token is too many to lie unused.</summary>
    public const int SmallBurst = 20;

    /// <summary>Within which what is leased comes back, unless somebody waits for it.</summary>
    const long MadeGoodNs = 2_000_000_000;

    /// <summary>What comes back within a lease's life is at most this part of the burst.</summary>
    const int LifePart = 10;

    /// <summary>What is asked for first, before a key's rate is known, is this part of the burst.</summary>
    const int FirstPart = 8;

    /// <summary>More is asked for when what is left is this part of what was used since: of a lease that lasts for its life, the last seventh.</summary>
    const int LowPart = 6;

    /// <summary>At most so many times what was used since the last request is asked for.</summary>
    const int MaxGrowth = 64;

    /// <summary>Keys without a place of their own share one bucket, of so many times the limit.</summary>
    const int OverflowFactor = 32;

    const long NotGranted = long.MinValue;

    readonly LimiterOptions _options;
    readonly ITokenStore? _store;
    readonly TimeProvider _clock;
    readonly long _startedAt;
    readonly double _nsPerTick;
    readonly BucketTable _table;
    readonly AskedKeys _asked = new();
    bool _isAlone;
    long _probeFromNs;
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
        // Nobody calls a limit that nobody uses: what it found once is forgotten when a second attempt would have been due.
        var isAlone = Volatile.Read(ref _isAlone) && NowNs < Volatile.Read(ref _probeFromNs) + (_options.RetryMs * 1_000_000L);
        return new(allowed, refused, Interlocked.Read(ref _degraded), Interlocked.Read(ref _asks), untracked, isAlone);
    }

    /// <summary>Keys that have a place now, and whose bucket is not full. It looks at all places: for those who look seldom.</summary>
    public int Tracked() => _table.Tracked(NowNs);

    /// <summary>Completes at once unless the store has to be asked.</summary>
    /// <param name="key">A hash of policy and key, the same on all instances; not 0.</param>
    /// <param name="cost">Tokens, at least 1.</param>
    public ValueTask<LimitDecision> Decide(UInt128 key, RateLimit limit, int cost)
    {
        var take = new LimitTake(this, key, limit, cost);
        return LimitTakes.TryTake(new(ref take), out _) ? new(take.Decision) : Asked([take]);

        static async ValueTask<LimitDecision> Asked(LimitTake[] takes)
        {
            await LimitTakes.Asking(takes);
            return takes[0].Decision;
        }
    }

    // Never 0: that is a bucket's "never".
    long NowNs => 1 + (long)((_clock.GetTimestamp() - _startedAt) * _nsPerTick);

    /// <summary>How long a lease lives, in nanoseconds. 0: there are none.</summary>
    long LifeNs(RateLimit limit) => limit.Burst < SmallBurst ? 0 : Math.Min(_options.LeaseMs * 1_000_000L, limit.FullNs / LifePart);

    /// <summary>What one instance of several admits by itself.</summary>
    RateLimit Share(RateLimit limit, int cost) => _options.Instances == 1 ? limit
        // Smaller than what one request costs it would refuse that for good.
        : limit with { Count = Math.Max(1, limit.Count / _options.Instances), Burst = Math.Max(cost, limit.Burst / _options.Instances) };

    /// <summary>
    /// Looks at the bucket of one take, then has the next one looked at while this gate is held; the last one settles what becomes of all, and on
    /// the way back each does what that means for it. See <see cref="LimitTakes"/>.
    /// </summary>
    /// <param name="before">Of the takes before this one.</param>
    internal LimitVerdict Look(Span<LimitTake> takes, int index, LimitVerdict before)
    {
        ref var take = ref takes[index];
        _table.Prefetch(take.Key);
        var nowNs = NowNs;
        using var found = _table.Enter(take.Key, nowNs);
        // Another may have read the clock later, come through the gate before, and asked the store: time does not go back for this one, which else
        // would find itself before the moment from which the store may be asked again, and be refused.
        nowNs = Math.Max(nowNs, found.Bucket.AskedNs);
        if (found.IsTracked && found.Bucket.TatNs > nowNs + take.Limit.FullNs)
            Forget(ref found.Bucket, take.Limit);
        var own = LookAt(in found, ref take, nowNs);
        var all = own <= before || (take.IsShadow && own == LimitVerdict.Refused) ? before : own;
        if (index + 1 < takes.Length)
            all = takes[index + 1].Limiter.Look(takes, index + 1, all);
        switch (all)
        {
            case LimitVerdict.Allowed when own == LimitVerdict.Allowed:
                Take(in found, ref take, nowNs);
                break;
            case LimitVerdict.Unknown when own == LimitVerdict.Unknown && found.IsAsked:
                // It waits. Whoever asks next asks for it too: tokens that are waited for are used.
                found.Bucket.Used = Math.Min(take.Limit.Burst, found.Bucket.Used + take.Cost);
                break;
            case LimitVerdict.Unknown when own == LimitVerdict.Unknown:
                take.Ask = RequestOf(take.Key, in found, take.Limit, take.Cost, nowNs);
                break;
            case LimitVerdict.Refused when own != LimitVerdict.Refused:
                Leave(ref found.Bucket, ref take, nowNs);
                break;
        }
        if (all != LimitVerdict.Unknown && own == LimitVerdict.Refused)
            Refuse(in found, ref take);
        return all;
    }

    /// <summary>
    /// What was known of a limit that has been replaced by one that fills up sooner: the store says what it is by the new one, and without it the bucket is empty, no
    /// more. By the clock as it is now, since it may be that only this request has waited for the gate since it read it.
    /// </summary>
    void Forget(ref Bucket bucket, RateLimit limit)
    {
        var nowNs = NowNs;
        if (bucket.TatNs > nowNs + limit.FullNs)
            bucket.TatNs = _store is null || Volatile.Read(ref _isAlone) ? nowNs + limit.FullNs : nowNs;
    }

    /// <summary>Changes nothing but the take. <see cref="LimitTake.Decision"/> is what holds if it is taken, or why it is not.</summary>
    LimitVerdict LookAt(in BucketTable.Entered found, ref LimitTake take, long nowNs)
    {
        var (limit, cost) = (take.Limit, take.Cost);
        ref readonly var bucket = ref found.Bucket;
        if (take.IsInHand)
        {
            var ahead = Math.Max(0, bucket.TatNs - nowNs);
            take.Decision = new(true, bucket.Lent(nowNs) + ToAskFor(in bucket, limit, nowNs), ahead, 0, false);
            return LimitVerdict.Allowed;
        }
        if (cost > limit.Burst)
        {
            take.Decision = new(false, 0, 0, Gcra.Never, false);
            return LimitVerdict.Refused;
        }
        var isAlone = _store is not null && Volatile.Read(ref _isAlone);
        if (isAlone && (found.IsTracked || _options.IsStrict))
            return LookAlone(in found, ref take, nowNs);
        if (_store is null || !found.IsTracked)
            return LookHere(
                in bucket, ref take, found.IsTracked ? Share(limit, cost) : Times(Share(limit, cost), OverflowFactor), nowNs, found.IsTracked ? TakenFrom.Here : TakenFrom.Shared);
        var aheadNs = Math.Max(0, bucket.TatNs - nowNs);
        var lent = bucket.Lent(nowNs);
        if (lent >= cost)
        {
            // (1)
            take.Decision = new(true, lent - cost + ToAskFor(in bucket, limit, nowNs), aheadNs, 0, false);
            take.From = TakenFrom.Granted;
            return LimitVerdict.Allowed;
        }
        // (2)
        var retryNs = Math.Max(aheadNs + (limit.IntervalNs * cost) - limit.FullNs, bucket.AskFromNs - nowNs);
        if (take.HasWaited)
            retryNs = Math.Max(retryNs, limit.IntervalNs);
        take.Decision = new(false, lent + ToAskFor(in bucket, limit, nowNs), aheadNs, retryNs, false);
        // (3)
        return retryNs > 0 ? LimitVerdict.Refused : LimitVerdict.Unknown;
    }

    /// <summary>What the store has beside the leases, as far as is known; nothing while it is not to be asked (2): so much a client is told that it has left.</summary>
    static int ToAskFor(in Bucket bucket, RateLimit limit, long nowNs) => nowNs < bucket.AskFromNs ? 0 : Remaining(limit, Math.Max(0, bucket.TatNs - nowNs));

    static LimitVerdict LookHere(in Bucket bucket, ref LimitTake take, RateLimit limit, long nowNs, TakenFrom from)
    {
        var here = Gcra.Decide(bucket.TatNs, nowNs, limit, take.Cost);
        (take.From, take.GoodUntilNs) = (from, here.TatNs);
        take.Decision = new(here.IsAllowed, here.Remaining, here.ResetNs, here.RetryNs, from == TakenFrom.Alone);
        return here.IsAllowed ? LimitVerdict.Allowed : LimitVerdict.Refused;
    }

    LimitVerdict LookAlone(in BucketTable.Entered found, ref LimitTake take, long nowNs)
    {
        // One request, of whichever key, tries the store, and waits for it no more than the others do.
        var probeFromNs = Volatile.Read(ref _probeFromNs);
        if (nowNs >= probeFromNs && found.IsTracked && !found.IsAsked
            && Interlocked.CompareExchange(ref _probeFromNs, nowNs + ((_options.RetryMs + _options.TimeoutMs) * 1_000_000L), probeFromNs) == probeFromNs)
            take.Ask = RequestOf(take.Key, in found, take.Limit, needed: 0, nowNs) with { Wanted = 0 };
        if (_options.IsStrict)
        {
            take.Decision = new(false, 0, 0, Math.Max(1, Volatile.Read(ref _probeFromNs) - nowNs), true);
            return LimitVerdict.Refused;
        }
        return LookHere(in found.Bucket, ref take, Share(take.Limit, take.Cost), nowNs, TakenFrom.Alone);
    }

    void Take(in BucketTable.Entered found, ref LimitTake take, long nowNs)
    {
        ref var bucket = ref found.Bucket;
        found.Count(isAllowed: true);
        switch (take.From)
        {
            case TakenFrom.Alone:
                Interlocked.Increment(ref _degraded);
                // More than a whole bucket is never charged, and outages may be long.
                bucket.Spent = Math.Min(take.Limit.Burst, bucket.Spent + take.Cost);
                bucket.TatNs = take.GoodUntilNs;
                break;
            case TakenFrom.Here or TakenFrom.Shared:
                bucket.TatNs = take.GoodUntilNs;
                break;
            case TakenFrom.Granted when take.IsInHand:
                bucket.Used += take.Cost;
                take.IsInHand = false;
                break;
            case TakenFrom.Granted:
                take.GoodUntilNs = bucket.Use(take.Cost, nowNs);
                bucket.Used += take.Cost;
                if (bucket.Lent(nowNs) <= bucket.Used / LowPart && !found.IsAsked && nowNs >= bucket.AskFromNs && LifeNs(take.Limit) > 0)
                    take.Ask = RequestOf(take.Key, in found, take.Limit, needed: 0, nowNs);
                break;
        }
    }

    /// <summary>It would have been allowed, and another refuses.</summary>
    void Leave(ref Bucket bucket, ref LimitTake take, long nowNs)
    {
        var costNs = Share(take.Limit, take.Cost).IntervalNs * take.Cost;
        if (take.IsInHand)
            PutBack(ref bucket, ref take, nowNs);
        take.Decision = !take.Decision.IsAllowed ? take.Decision with { IsAllowed = true, RetryNs = 0 } : take.Decision with
        {
            Remaining = Math.Min(take.Limit.Burst, take.Decision.Remaining + take.Cost),
            ResetNs = take.From == TakenFrom.Granted ? take.Decision.ResetNs : Math.Max(0, take.Decision.ResetNs - costNs),
        };
        take.From = TakenFrom.Nowhere;
    }

    void Refuse(in BucketTable.Entered found, ref LimitTake take)
    {
        found.Count(isAllowed: false);
        take.From = TakenFrom.Nowhere;
        if (take.Decision.IsDegraded)
            Interlocked.Increment(ref _degraded);
    }

    static void PutBack(ref Bucket bucket, ref LimitTake take, long nowNs)
    {
        take.IsInHand = false;
        bucket.PutBack(take.Cost, take.GoodUntilNs, nowNs);
    }

    internal void GiveBack(ref LimitTake take)
    {
        var from = take.From;
        take.From = TakenFrom.Nowhere;
        if (from is TakenFrom.Nowhere or TakenFrom.Shared)
            return;
        var nowNs = NowNs;
        using var found = _table.Enter(take.Key, nowNs, isKnown: true);
        // Its place has gone to another key: it was full then, and nothing is missing.
        if (!found.IsTracked)
            return;
        ref var bucket = ref found.Bucket;
        if (from == TakenFrom.Granted)
        {
            PutBack(ref bucket, ref take, nowNs);
            return;
        }
        bucket.TatNs -= Math.Clamp(take.GoodUntilNs - nowNs, 0, Share(take.Limit, take.Cost).IntervalNs * take.Cost);
        if (from == TakenFrom.Alone)
            bucket.Spent = Math.Max(0, bucket.Spent - take.Cost);
    }

    static int Remaining(RateLimit limit, long aheadNs)
    {
        var interval = limit.IntervalNs;
        return (int)(Math.Max(0, (interval * limit.Burst) - aheadNs) / interval);
    }

    static RateLimit Times(RateLimit limit, int factor) =>
        limit with { Count = Math.Min(RateLimit.MaxCount, limit.Count * factor), Burst = Math.Min(RateLimit.MaxBurst, limit.Burst * factor) };
}
