using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Edge.Core.Caching;

/// <summary>What the cache has done since it was made. Read without stopping anybody: sums may be a few calls apart.</summary>
/// <param name="Flights">Under way now: looks into the second level, loads, and what is on its way to the second level after its load.</param>
public readonly record struct CacheStatistics(
    KindStatistics Sum, long Invalidations, int Entries, long Bytes, long CapacityBytes, long Evictions, long Rejections, int Flights);

/// <summary>The same of one kind of entries.</summary>
/// <param name="Shared">Answers from the second level.</param>
/// <param name="Loads">Loads from the origin; several misses may share one.</param>
/// <param name="LoadMs">Time of all loads that succeeded.</param>
/// <param name="Early">Of the flights, those begun by a hit ahead of its expiry.</param>
/// <param name="Waits">Flights that found another instance loading the same.</param>
/// <param name="Outdated">Loads that an invalidation overtook: their callers had them, nobody after.</param>
/// <param name="Corrupt">Entries of the second level that could not be read.</param>
public readonly record struct KindStatistics(
    long Hits, long Stale, long Shared, long Misses, long Failed, long Loads, long LoadsFailed, long LoadMs, long Early, long Waits, long Outdated,
    long Corrupt)
{
    public static KindStatistics operator +(KindStatistics a, KindStatistics b) => new(
        a.Hits + b.Hits, a.Stale + b.Stale, a.Shared + b.Shared, a.Misses + b.Misses, a.Failed + b.Failed, a.Loads + b.Loads,
        a.LoadsFailed + b.LoadsFailed, a.LoadMs + b.LoadMs, a.Early + b.Early, a.Waits + b.Waits, a.Outdated + b.Outdated, a.Corrupt + b.Corrupt);

    /// <summary>Reads that were answered.</summary>
    public long Answers => Hits + Stale + Shared + Misses;
}

/// <summary>
/// Counters in stripes by thread, each on cache lines of its own: one shared counter would make every hit of every core wait for the
/// same line.
/// </summary>
internal sealed class CacheCounters
{
    const int Stripes = 16;

    readonly Stripe[] _stripes = new Stripe[Stripes];

    public void Add(Count what, long by = 1) => Interlocked.Add(ref _stripes[Environment.CurrentManagedThreadId & (Stripes - 1)][what], by);

    public KindStatistics Read() => new(
        Sum(Count.Hit), Sum(Count.Stale), Sum(Count.Shared), Sum(Count.Miss), Sum(Count.Failed), Sum(Count.Load), Sum(Count.LoadFailed),
        Sum(Count.LoadMs), Sum(Count.Early), Sum(Count.Wait), Sum(Count.Outdated), Sum(Count.Corrupt));

    long Sum(Count what)
    {
        var sum = 0L;
        foreach (ref var stripe in _stripes.AsSpan())
            sum += Volatile.Read(ref stripe[what]);
        return sum;
    }

    public enum Count
    {
        Hit, Stale, Shared, Miss, Failed, Load, LoadFailed, LoadMs, Early, Wait, Outdated, Corrupt,
    }

    /// <summary>128 bytes: two lines, since the processor fetches them in pairs.</summary>
    [InlineArray(16)]
    struct Stripe
    {
        long _first;

        [UnscopedRef]
        public ref long this[Count what] => ref Unsafe.Add(ref _first, (int)what);
    }
}
