using System.Runtime.InteropServices;

namespace Edge.Core.Caching;

/// <summary>What the cache has done since it was made. Read without stopping anybody: sums may be a few calls apart.</summary>
/// <param name="Loads">Flights started; several misses may share one.</param>
/// <param name="Flights">Loads under way now.</param>
public readonly record struct CacheStatistics(
    long Hits, long Stale, long Misses, long Failed, long Loads, long LoadsFailed, long Invalidations,
    int Entries, long Bytes, long Evictions, long Rejections, int Flights);

/// <summary>
/// Counters in stripes by thread, each on cache lines of its own: one shared counter would make every hit of every core wait for the
/// same line.
/// </summary>
internal sealed class CacheCounters
{
    const int Stripes = 16;

    readonly Stripe[] _stripes = new Stripe[Stripes];

    public void Hit() => Interlocked.Increment(ref Mine().Hits);

    public void Stale() => Interlocked.Increment(ref Mine().Stale);

    public void Miss() => Interlocked.Increment(ref Mine().Misses);

    public void Failed() => Interlocked.Increment(ref Mine().Failed);

    public void Load() => Interlocked.Increment(ref Mine().Loads);

    public void LoadFailed() => Interlocked.Increment(ref Mine().LoadsFailed);

    public void Invalidation() => Interlocked.Increment(ref Mine().Invalidations);

    public CacheStatistics Read(int entries, long bytes, long evictions, long rejections, int flights)
    {
        var sum = default(Stripe);
        foreach (ref readonly var stripe in _stripes.AsSpan())
        {
            sum.Hits += Volatile.Read(in stripe.Hits);
            sum.Stale += Volatile.Read(in stripe.Stale);
            sum.Misses += Volatile.Read(in stripe.Misses);
            sum.Failed += Volatile.Read(in stripe.Failed);
            sum.Loads += Volatile.Read(in stripe.Loads);
            sum.LoadsFailed += Volatile.Read(in stripe.LoadsFailed);
            sum.Invalidations += Volatile.Read(in stripe.Invalidations);
        }
        return new(
            sum.Hits, sum.Stale, sum.Misses, sum.Failed, sum.Loads, sum.LoadsFailed, sum.Invalidations, entries, bytes, evictions, rejections, flights);
    }

    ref Stripe Mine() => ref _stripes[Environment.CurrentManagedThreadId & (Stripes - 1)];

    /// <summary>128 bytes: two lines, since the processor fetches them in pairs.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    struct Stripe
    {
        public long Hits;
        public long Stale;
        public long Misses;
        public long Failed;
        public long Loads;
        public long LoadsFailed;
        public long Invalidations;
    }
}
