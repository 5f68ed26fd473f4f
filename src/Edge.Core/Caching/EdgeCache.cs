using System.Collections.Concurrent;
using Edge.Core.Basics;
using Edge.Core.Caching.L1;

namespace Edge.Core.Caching;

/// <summary>
/// The cache: byte-budgeted memory in front of loaders, with one load per key, fail-safe, and invalidation that cannot be overtaken.
///
/// <para><b>An entry's life.</b> Times count from the end of its load, on a coarse clock.</para>
/// <code>
///   loaded ──────── EarlyFrom ──── FreshUntil ──────────────────── StaleUntil ──►
///     │   hit           │  hit, perhaps   │  stale: served while the load      │  gone
///     │                 │  early refresh  │  runs, is slow or fails (fail-safe) │
///     └──────────── invalidated: gone at once, in whatever state ──────────────┘
/// </code>
///
/// <para><b>Reading</b>, as numbered in the code:
/// (1) A fresh, valid entry in memory is the answer: no lock, no allocation, no await.
/// (2) Otherwise the key's flight is joined or started: one load, shared by all callers.
/// (3) With a stale entry in hand, the caller waits at most the soft timeout (0: not at all) and then takes it.
/// (4) Without one it waits for the flight, which ends by its own deadline.
/// (5) A failed flight falls back on the stale entry; without one, the failure is the answer, at once, for all who waited.
/// </para>
///
/// <para><b>A flight</b> belongs to nobody: it runs on the pool, detached from the caller that began it, who may leave. It has a
/// deadline of its own; at the deadline its callers are told so and the key is free for another load, however long the hung one stays
/// (its token is cancelled, and a value it brings later is stored only if nothing newer has been). A failure is remembered for the
/// policy's RetryAfterMs: a broken origin sees one attempt per key and interval, not one per request.</para>
///
/// <para><b>Invalidation.</b> See <see cref="Generations"/>. A flight notes the generations before it reads its origin. Nobody joins a
/// flight that an invalidation has outdated (its callers of before may have its value; a later caller starts a new one), and its entry,
/// should it be stored, is invalid to every reader. So once <see cref="InvalidateTag"/> has returned, no read that starts later yields
/// data from before it, not even as fail-safe.</para>
///
/// <para><b>Keys</b> are spans: a string is made on a miss only. They must have one spelling per answer, and never come raw from a
/// client.</para>
/// </summary>
public sealed partial class EdgeCache : IDisposable
{
    readonly L1Cache _entries;
    readonly Generations _generations = new();
    readonly ConcurrentDictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    readonly CacheCounters _counters = new();
    readonly CoarseClock _now;
    readonly TimeProvider _clock;
    readonly RandomSource _random;
    readonly Lock _randomGate = new();
    long _flightNumber;

    /// <param name="budgetBytes">Memory for entries. Range: 1 MiB and up.</param>
    /// <param name="random">Jitter and early refresh.</param>
    public EdgeCache(long budgetBytes, TimeProvider clock, RandomSource random)
    {
        _entries = new(budgetBytes, random.NextUInt64());
        _clock = clock;
        _random = random;
        _now = new(clock);
    }

    /// <summary>The slots of tags, for GetOrLoad. Made once per kind of entry where its tags are fixed.</summary>
    public static int[] SlotsOf(params ReadOnlySpan<string> tags)
    {
        var slots = new int[tags.Length + 1];
        slots[0] = Generations.Everything;
        for (var i = 0; i < tags.Length; i++)
            slots[i + 1] = Generations.SlotOf(tags[i]);
        return slots;
    }

    /// <summary>The answer, where memory has it fresh.</summary>
    public bool TryGet<T>(ReadOnlySpan<char> key, out CacheAnswer<T> answer)
    {
        if (_entries.TryGet(key, out var found) && found is CacheEntry<T> entry)
        {
            var nowMs = _now.NowMs;
            // Early refresh needs the loader: GetOrLoad sees to it.
            if (nowMs < entry.EarlyFromMs && _generations.IsCurrent(entry.ReadAt))
            {
                _counters.Hit();
                answer = new(CacheSource.Hit, entry.Value, nowMs - entry.LoadedAtMs, entry.FreshUntilMs - nowMs, null);
                return true;
            }
        }
        answer = default;
        return false;
    }

    /// <summary>
    /// The value of <paramref name="key"/>, from memory or from <paramref name="load"/>. One type of value per key.
    /// </summary>
    /// <param name="slots">From <see cref="SlotsOf"/>: the tags of what will be loaded.</param>
    /// <param name="state">Handed to the loader, so that it need not capture. It may be used after this caller has left.</param>
    /// <param name="cancelled">Ends this caller's wait (OperationCanceledException), not the load.</param>
    public ValueTask<CacheAnswer<T>> GetOrLoad<TState, T>(
        ReadOnlySpan<char> key, CachePolicy policy, int[] slots, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load,
        CancellationToken cancelled)
    {
        var nowMs = _now.NowMs;
        CacheEntry<T>? stale = null;
        if (_entries.TryGet(key, out var found) && found is CacheEntry<T> entry && _generations.IsCurrent(entry.ReadAt))
        {
            if (nowMs < entry.FreshUntilMs)
            {
                // (1)
                _counters.Hit();
                if (nowMs >= entry.EarlyFromMs && IsTimeToRefresh(entry, policy, nowMs))
                    _ = FlightOf(entry.Key, policy, slots, state, load);
                return new(Answer(CacheSource.Hit, entry, nowMs));
            }
            if (nowMs < entry.StaleUntilMs)
                stale = entry;
        }

        if (stale is not null && nowMs < stale.RetryFromMs)
            return new(Serve(stale, nowMs));

        // (2)
        var flight = FlightOf(stale?.Key ?? key.ToString(), policy, slots, state, load);
        if (stale is not null && policy.SoftTimeoutMs == 0 && !flight.Done.IsCompleted)
            return new(Serve(stale, nowMs));
        return Await(flight, stale, policy, cancelled);
    }

    /// <summary>Makes everything that depends on the tag invalid, at once.</summary>
    public void InvalidateTag(ReadOnlySpan<char> tag)
    {
        _counters.Invalidation();
        _generations.Invalidate(Generations.SlotOf(tag));
    }

    /// <summary>Makes one entry invalid, at once; what a load under way has read will not be served either.</summary>
    public void Remove(ReadOnlySpan<char> key)
    {
        _counters.Invalidation();
        _generations.Invalidate(Generations.SlotOf(key));
        _entries.Remove(key);
    }

    /// <summary>Makes everything invalid, at once, and gives the memory back.</summary>
    public void Clear()
    {
        _counters.Invalidation();
        _generations.Invalidate(Generations.Everything);
        _entries.Clear();
    }

    public CacheStatistics Statistics() => _counters.Read(_entries.Count, _entries.Bytes, _entries.Evictions, _entries.Rejections, _flights.Count);

    public void Dispose() => _now.Dispose();

    async ValueTask<CacheAnswer<T>> Await<T>(Flight flight, CacheEntry<T>? stale, CachePolicy policy, CancellationToken cancelled)
    {
        FlightEnd end;
        if (stale is null)
        {
            // (4)
            end = await flight.Done.WaitAsync(cancelled);
        }
        else
        {
            // (3)
            try
            {
                end = await flight.Done.WaitAsync(TimeSpan.FromMilliseconds(policy.SoftTimeoutMs), _clock, cancelled);
            }
            catch (TimeoutException)
            {
                return Serve(stale, _now.NowMs);
            }
        }

        var nowMs = _now.NowMs;
        if (end.Entry is CacheEntry<T> loaded)
        {
            _counters.Miss();
            return Answer(CacheSource.Miss, loaded, nowMs);
        }
        // (5)
        if (stale is not null && nowMs < stale.StaleUntilMs && _generations.IsCurrent(stale.ReadAt))
            return Serve(stale, nowMs);
        _counters.Failed();
        return new(CacheSource.Failed, default!, 0, 0, end.Failure);
    }

    CacheAnswer<T> Serve<T>(CacheEntry<T> stale, long nowMs)
    {
        _counters.Stale();
        return Answer(CacheSource.Stale, stale, nowMs);
    }

    static CacheAnswer<T> Answer<T>(CacheSource source, CacheEntry<T> entry, long nowMs) =>
        new(source, entry.Value, nowMs - entry.LoadedAtMs, entry.FreshUntilMs - nowMs, null);

    /// <summary>XFetch: the nearer the expiry in units of the load's time, the likelier; readers on all nodes spread by themselves.</summary>
    bool IsTimeToRefresh(CacheEntry entry, CachePolicy policy, long nowMs) =>
        -Math.Log(1 - NextDouble()) * policy.EarlyRefresh * entry.LoadMs >= entry.FreshUntilMs - nowMs;

    double NextDouble()
    {
        lock (_randomGate)
            return _random.NextDouble();
    }
}
