namespace Edge.Core.RateLimiting;

// What an instance and the store say to each other: step (3), and what is asked for ahead of need.
public sealed partial class KeyedLimiter
{
    /// <summary>Sends what a take found worth asking for, and does not wait for the answer.</summary>
    internal void SendAhead(ref LimitTake take)
    {
        if (take.Ask.Key == 0)
            return;
        _ = Send(take.Ask);
        take.Ask = default;
    }

    /// <summary>Until the store has answered what this take, or another one, asked of it for the same key.</summary>
    internal async Task Granted(LimitTake[] takes, int index)
    {
        var ask = takes[index].Ask;
        if (ask.Key == 0)
        {
            // Not there any more: it has just been answered. Or not yet there: whoever asks has left the gate, and is about to. Or this one needs nothing of the store.
            if (!takes[index].IsInHand)
            {
                if (_asked.Find(takes[index].Key) is { } asked)
                    await asked;
                else
                    await Task.Yield();
            }
            return;
        }
        takes[index].Ask = default;
        var goodUntilNs = await Send(ask);
        if (ask.Needed > 0 && goodUntilNs != NotGranted)
            (takes[index].IsInHand, takes[index].From, takes[index].GoodUntilNs) = (true, TakenFrom.Granted, goodUntilNs);
    }

    /// <summary>Marks the bucket as asked for.</summary>
    TokenRequest RequestOf(UInt128 key, in BucketTable.Entered found, RateLimit limit, int needed, long nowNs)
    {
        ref var bucket = ref found.Bucket;
        var lifeNs = LifeNs(limit);
        // As much as lasts for a life at the rate since the last request, with what is left. (Tried: a quarter more. It ran out with the lease's life.)
        // A rate over next to no time is none: whoever waited at the gate may have read the clock when the last request was made.
        var sinceNs = Math.Max(lifeNs / MaxGrowth, nowNs - bucket.AskedNs);
        var wanted = lifeNs == 0 ? 0
            : bucket.AskedNs == 0 ? limit.Burst / FirstPart
            : Math.Min(limit.Burst, (int)Math.Min(int.MaxValue, (bucket.Used + needed) * (double)lifeNs / Math.Max(1, sinceNs)) - bucket.Lent(nowNs));
        wanted = (int)Math.Min(wanted, Math.Max(MadeGoodNs / limit.IntervalNs, needed == 0 ? 0 : bucket.Used + needed));
        // What has come back meanwhile of what was spent is not charged.
        var intervalNs = Share(limit, cost: 1).IntervalNs;
        var spent = (int)Math.Min(bucket.Spent, (Math.Max(0, bucket.TatNs - nowNs) + intervalNs - 1) / intervalNs);
        var request = new TokenRequest(key, limit, needed, Math.Max(Math.Max(1, needed), wanted), lifeNs, spent);
        (bucket.AskedNs, bucket.AskAfterUs, bucket.Used, bucket.Spent) = (nowNs, 0, 0, 0);
        found.SetAsked(true);
        return request;
    }

    /// <returns>Until when what was needed may be used by another; <see cref="NotGranted"/>: it was not granted.</returns>
    async Task<long> Send(TokenRequest request)
    {
        var asked = _asked.Add(request.Key);
        Interlocked.Increment(ref _asks);
        var sentNs = NowNs;
        try
        {
            return Settle(request, sentNs, await _store!.Take(request, _options.TimeoutMs));
        }
        catch
        {
            // A store should not throw. If one does, who waits for its answer is not to wait for ever.
            Settle(request, sentNs, granted: null);
            throw;
        }
        finally
        {
            _asked.Remove(asked);
        }
    }

    long Settle(TokenRequest request, long sentNs, TokenGrant? granted)
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
            bucket.Spent = Math.Min(limit.Burst, bucket.Spent + request.Spent);
            Volatile.Write(ref _probeFromNs, nowNs + (_options.RetryMs * 1_000_000L));
            Volatile.Write(ref _isAlone, true);
            return NotGranted;
        }
        Volatile.Write(ref _isAlone, false);
        // Counted from before it was sent: the store granted it later.
        if (grant.Granted > 0)
            bucket.Lend(grant.Granted - request.Needed, sentNs + request.LifeNs, nowNs);
        // With what was spent since it was sent, which the next request charges.
        bucket.TatNs = nowNs + Math.Min(limit.FullNs, grant.AheadNs + (limit.IntervalNs * Math.Min(bucket.Spent, limit.Burst)));
        // Where next to nothing is left to lease, to ask all the time would cost more than it brings, and who waited would wait for ever.
        // But where a token takes longer to come back than that, each asks once; and who was granted nothing ahead of need may have been told that something is left.
        var isDry = grant.Granted > 0 && request.LifeNs / 4 > limit.IntervalNs && Remaining(limit, grant.AheadNs + request.LifeNs) < limit.Burst / LifePart;
        bucket.AskAfterUs = isDry ? (int)(request.LifeNs / 4000) : 0;
        // More than was needed comes of what lasts for a life. Just that may not: it is good for as long as it would not have run over.
        return grant.Granted == 0 ? NotGranted
            : grant.Granted > request.Needed ? sentNs + request.LifeNs
            : sentNs + grant.AheadNs - (limit.IntervalNs * request.Needed);
    }
}
