namespace Edge.Core.RateLimiting;

/// <summary>
/// What one request takes of one key's bucket. Several together are taken by <see cref="LimitTakes"/>: all or none.
/// </summary>
/// <param name="limiter">No two of one request have the same.</param>
/// <param name="key">A hash of policy and key, the same on all instances; not 0.</param>
/// <param name="cost">Tokens, at least 1.</param>
public struct LimitTake(KeyedLimiter limiter, UInt128 key, RateLimit limit, int cost)
{
    public readonly KeyedLimiter Limiter => limiter;

    public readonly UInt128 Key => key;

    public readonly RateLimit Limit => limit;

    public int Cost { get; init; } = cost;

    /// <summary>Its refusal is counted, and refuses nothing.</summary>
    public bool IsShadow { get; init; }

    /// <summary>What came of it. Where another one refused, what would have: nothing is taken, and <see cref="LimitDecision.Remaining"/> says so.</summary>
    public LimitDecision Decision { get; internal set; }

    /// <summary>What to send to the store now; its key is 0 where there is nothing.</summary>
    internal TokenRequest Ask;

    /// <summary>The store granted this request its tokens, and they are not used yet.</summary>
    internal bool IsInHand;

    /// <summary>It has asked often enough: it is refused rather than asking again.</summary>
    internal bool HasWaited;

    /// <summary>Where the tokens came from, for <see cref="KeyedLimiter.GiveBack"/>.</summary>
    internal TakenFrom From;

    /// <summary>Of tokens that were granted, until when another may use them here; of a bucket that is decided here, its state after the taking.</summary>
    internal long GoodUntilNs;
}

internal enum TakenFrom
{
    Nowhere,

    /// <summary>A bucket that is decided here.</summary>
    Here,

    /// <summary>The bucket that keys without a place share. Not given back: meanwhile the key may have a place of its own.</summary>
    Shared,

    /// <summary>A bucket that is decided here while the store cannot be asked: it is charged later.</summary>
    Alone,

    /// <summary>Tokens that the store granted.</summary>
    Granted,
}

/// <summary>The larger one decides for all.</summary>
internal enum LimitVerdict
{
    Allowed,

    /// <summary>The store has to be asked first.</summary>
    Unknown,

    Refused,
}

/// <summary>
/// Takes from several buckets at once: all must admit, and nothing is taken from one where another refuses.
///
/// <para><b>In memory</b> the gates of all buckets are held together, in the order of the takes: each is looked at, and only the last one, who
/// knows of all, decides whether any is taken from. Whoever takes from the same limiters has to do it in the same order, or two could wait for
/// each other for ever. (Not done: to take from one after another and give back what was in vain. Between the two somebody else would be refused
/// for tokens that nobody used.)</para>
///
/// <para><b>With the store</b> no gate can be held while it answers. What it granted is in this request's hand; all buckets are looked at again,
/// and where one refuses now, what is in hand is put back. It cannot be returned to the store: a bucket that has been full meanwhile has made it
/// good already (see <see cref="KeyedLimiter"/>). But it need not be lost. Without this taking the store's bucket would be full at grant + ahead −
/// cost × T, whoever else takes meanwhile; before that, to hold the tokens and hand them to the next request here is the same as
/// never to have taken them, since what the bucket lacks by them has not run over. After that they are lost, as an unused lease is.
/// (So two exact limits of which the second refuses may cost the first one token for at most one T, where its bucket was full; it never errs
/// towards more.)</para>
///
/// <para><b>Giving back</b> later (<see cref="GiveBack"/>), as when a limit can only be known after the body was read, goes by the same rule: tokens
/// of the store while they would not have run over, a bucket in memory by as much of cost × T as still stands in it.</para>
/// </summary>
public static class LimitTakes
{
    /// <summary>More than any limit has tokens of which each has to be asked for (<see cref="KeyedLimiter.SmallBurst"/>).</summary>
    const int MostRounds = 64;

    /// <summary>False: the store has to be asked, go on with <see cref="Asking"/>. True: decided.</summary>
    /// <param name="takes">At least one.</param>
    public static bool TryTake(Span<LimitTake> takes, out bool isAllowed)
    {
        var verdict = takes[0].Limiter.Look(takes, 0, LimitVerdict.Allowed);
        isAllowed = verdict == LimitVerdict.Allowed;
        if (verdict == LimitVerdict.Unknown)
            return false;
        foreach (ref var take in takes)
            take.Limiter.SendAhead(ref take);
        return true;
    }

    /// <summary>
    /// Whether all admit, once the store has been asked. To be called after <see cref="TryTake"/> said that it has to be. Where many wait for one bucket and others
    /// are served first it ends after <see cref="MostRounds"/> in a refusal: a store that is slower than the limit must not pile up requests.
    /// </summary>
    public static async Task<bool> Asking(LimitTake[] takes)
    {
        for (var round = 1; ; round++)
        {
            // All at once: what one granted is in hand until the others have answered.
            var answers = new Task[takes.Length];
            for (var i = 0; i < takes.Length; i++)
                answers[i] = takes[i].Limiter.Granted(takes, i);
            foreach (var answer in answers)
                await answer;
            if (round == MostRounds)
                foreach (ref var take in takes.AsSpan())
                    take.HasWaited = true;
            if (TryTake(takes, out var isAllowed))
                return isAllowed;
        }
    }

    /// <summary>Undoes takes that were all admitted.</summary>
    public static void GiveBack(Span<LimitTake> takes)
    {
        foreach (ref var take in takes)
            take.Limiter.GiveBack(ref take);
    }
}
