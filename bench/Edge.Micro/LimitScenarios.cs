using System.Runtime.CompilerServices;
using Edge.Core.Basics;
using Edge.Core.RateLimiting;

namespace Edge.Micro;

/// <summary>
/// A decision that no store has to be asked for: allowed by a lease, allowed and refused by a bucket here. The budget is for one key, whose bucket is
/// in the processor's cache. With many keys what is measured is how long memory takes to bring a gate and a bucket, since the other scenarios'
/// rounds drive them out.
/// </summary>
internal static class LimitScenarios
{
    const int FewKeys = 10_000;
    const int ManyKeys = 1 << 20;

    // One key is used up after a million at once: another follows before that.
    const int RoundsOfKey = 64;

    static readonly RateLimit Wide = new(Count: RateLimit.MaxCount, PeriodSeconds: 1, Burst: RateLimit.MaxBurst);
    static readonly RateLimit Narrow = new(Count: 1, PeriodSeconds: 86_400, Burst: 1);

    public static Scenario[] All()
    {
        var leased = new KeyedLimiter(new(), new Giver(), TimeProvider.System);
        var alone = new KeyedLimiter(new(), store: null, TimeProvider.System);
        var large = new KeyedLimiter(new() { Keys = ManyKeys }, store: null, TimeProvider.System);
        var refusing = new KeyedLimiter(new(), store: null, TimeProvider.System);
        var round = 0;
        return
        [
            new("KeyedLimiter.Decide, one key, allowed by a lease", operations => Allowed(leased, first: 0, 1, operations)) { Budget = "limiter" },
            new("KeyedLimiter.Decide, one key, allowed by its bucket", operations => Allowed(alone, first: Interlocked.Increment(ref round) / RoundsOfKey, 1, operations)) { Budget = "limiter" },
            new("KeyedLimiter.Decide, 10,000 keys, allowed by their buckets", operations => Allowed(alone, first: 0, FewKeys, operations)),
            new("KeyedLimiter.Decide, one key, refused", operations => Refused(refusing, KeyOf(0), operations)) { Budget = "limiter" },
            new("KeyedLimiter.Decide, a million keys, allowed by their buckets", operations => Allowed(large, first: 0, ManyKeys, operations)),
            new("the clock alone", Clock),
        ];
    }

    /// <summary>Computed, as it is of a client's address: a table of keys would be one more wait for memory, which is not the limiter's.</summary>
    static UInt128 KeyOf(int client) => new(RandomSource.Mix((ulong)client), RandomSource.Mix(~(ulong)client));

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Allowed(KeyedLimiter limiter, int first, int count, int operations)
    {
        var (allowed, at) = (0L, (uint)Environment.CurrentManagedThreadId * 7919);
        for (var i = 0; i < operations; i++)
        {
            // A step that meets all of them in no order that a processor could foresee.
            at = (at * 1_664_525) + 1_013_904_223;
            if (limiter.Decide(KeyOf(first + (int)(((ulong)at * (ulong)count) >> 32)), Wide, cost: 1).GetAwaiter().GetResult().IsAllowed) allowed++;
        }
        return allowed < operations * 99L / 100 ? throw new InvalidOperationException($"Only {allowed} of {operations} were allowed.") : allowed;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Refused(KeyedLimiter limiter, UInt128 key, int operations)
    {
        var refused = 0L;
        for (var i = 0; i < operations; i++)
            if (!limiter.Decide(key, Narrow, cost: 1).GetAwaiter().GetResult().IsAllowed) refused++;
        return refused;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Clock(int operations)
    {
        var sum = 0L;
        for (var i = 0; i < operations; i++) sum += TimeProvider.System.GetTimestamp() & 7;
        return sum + 1;
    }

    /// <summary>Grants at once whatever is wanted.</summary>
    sealed class Giver : ITokenStore
    {
        public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs) => new(new TokenGrant(request.Wanted, 0));
    }
}
