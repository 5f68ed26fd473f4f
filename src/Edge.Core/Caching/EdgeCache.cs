using System.Collections.Concurrent;
using Edge.Core.Basics;
using Edge.Core.Caching.L1;
using static Edge.Core.Caching.CacheCounters;

namespace Edge.Core.Caching;

/// <summary>
/// The cache: byte-budgeted memory, and behind it optionally a second level that instances share, in front of loaders. One load per key,
/// fail-safe, and invalidation that cannot be overtaken.
///
/// <para><b>An entry's life.</b> Times count from the end of its load, on a coarse clock.</para>
/// <code>
///   loaded ──────── EarlyFrom ──── FreshUntil ────────────┬───────────────── StaleUntil ──►
///     │   hit           │  hit, perhaps   │  stale: served │  stale: served if the load │  gone
///     │                 │  early refresh  │  at once       │  is slow or fails          │
///     │                                   └─ RevalidateMs ─┘                           │
///     ├──────────── suspect (a soft place moved): as stale, and worth a wait ──────────┤
///     └──────────── invalid (a hard place moved): gone at once, in whatever state ─────┘
/// </code>
///
/// <para><b>Reading</b>, as numbered in the code:
/// (1) A fresh, current entry in memory is the answer: no lock, no allocation, no await.
/// (2) Otherwise the key's flight is joined or started, shared by all callers (EdgeCache.Flights.cs).
/// (3) With a stale entry in hand, the caller waits at most its patience (within RevalidateMs: not at all; else until the flight is as old as the
/// soft timeout), then takes it.
/// (4) Without one it waits for the flight, which ends by its own deadline, or for the first word that the second level has a stale one.
/// (5) A failed flight falls back on the stale entry; without one, the failure is the answer, at once, for all who waited.
/// </para>
///
/// <para><b>Invalidation.</b> See <see cref="Generations"/> for what makes it final and <see cref="Backplane"/> for how the others hear of it.
/// Nobody joins a flight that an invalidation has outdated (its callers of before may have its value; a later caller starts a new one), and
/// its entry, should it be stored, is refused by every reader. Once an invalidation has returned,
/// <list type="bullet">
/// <item>no read that starts later on this instance yields data from before it, not even as fail-safe;</item>
/// <item>nor does one on an instance that has taken in the news of it, which the second level had sent before the invalidation returned;</item>
/// <item>an instance that was cut off takes what it has for suspect within <see cref="BackplaneOptions.CutOffMs"/>, and when the link returns
/// compares all generations before it uses the second level again.</item>
/// </list>
/// To expire instead of to invalidate is the soft form: what is there becomes suspect, and stays a fallback.</para>
///
/// <para><b>Keys</b> are spans: a string is made on a miss only. They must have one spelling per answer, and never come raw from a
/// client.</para>
/// </summary>
public sealed partial class EdgeCache : IAsyncDisposable
{
    /// <summary>Name of the source of spans, one around each load that somebody traced began.</summary>
    public const string SpanSource = "Edge.Cache";

    readonly L1Cache _entries;
    readonly Generations _generations;
    readonly Backplane? _backplane;
    readonly ConcurrentDictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, CacheCounters> _counters = new(StringComparer.Ordinal);
    long _invalidations;
    readonly CoarseClock _now;
    readonly TimeProvider _clock;
    readonly RandomSource _random;
    readonly Lock _randomGate = new();
    readonly TaskScheduler _scheduler;
    readonly string _leaseName;
    long _flightNumber;
    int _underWay;

    public EdgeCache(CacheOptions options, TimeProvider clock, RandomSource random)
    {
        _entries = new(options.BudgetBytes, random.NextUInt64());
        _clock = clock;
        _random = random;
        _now = new(clock, options.TickMs);
        _scheduler = options.Scheduler;
        _generations = new(options.SlotCount);
        _leaseName = random.NextUInt64().ToString("x16", null);
        if (options.SecondLevel is { } store)
            _backplane = new(store, _generations, options.Backplane, clock, new(random.NextUInt64()), _scheduler)
            {
                Filled = Filled,
                Cleared = _entries.Clear,
                Turned = options.Turned,
            };
        _backplane?.Start();
    }

    /// <summary>The places of tags, for GetOrLoad. Made once per kind of entry where its tags are fixed.</summary>
    public int[] PlacesOf(params ReadOnlySpan<string> tags)
    {
        var places = new int[2 * (tags.Length + 1)];
        WriteBoth(places, 0, Generations.Everything);
        for (var i = 0; i < tags.Length; i++)
            WriteBoth(places, 2 * (i + 1), _generations.PlaceOf(tags[i]));
        return places;
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
                entry.Counters.Add(Count.Hit);
                answer = Answer(CacheSource.Hit, entry, nowMs);
                return true;
            }
        }
        answer = default;
        return false;
    }

    /// <summary>
    /// The value of <paramref name="key"/>, from memory, from the second level, or from <paramref name="load"/>. One type of value per key.
    /// </summary>
    /// <param name="places">From <see cref="PlacesOf"/>: the tags of what will be loaded.</param>
    /// <param name="state">Handed to the loader, so that it need not capture. It may be used after this caller has left.</param>
    /// <param name="cancelled">Ends this caller's wait (OperationCanceledException), not the load.</param>
    public ValueTask<CacheAnswer<T>> GetOrLoad<TState, T>(
        ReadOnlySpan<char> key, CacheKind<T> kind, int[] places, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load,
        CancellationToken cancelled)
    {
        var nowMs = _now.NowMs;
        CacheEntry<T>? stale = null;
        var patienceMs = 0;
        if (_entries.TryGet(key, out var found) && found is CacheEntry<T> entry)
        {
            var validity = _generations.Check(entry.ReadAt);
            if (validity == Generations.Validity.Current && nowMs < entry.FreshUntilMs)
            {
                // (1)
                entry.Counters.Add(Count.Hit);
                if (nowMs >= entry.EarlyFromMs && nowMs >= entry.RetryFromMs && IsTimeToRefresh(entry, kind.Policy, nowMs))
                    _ = FlightOf(entry.Key, kind, places, state, load, ahead: entry);
                return new(Answer(CacheSource.Hit, entry, nowMs));
            }
            if (validity != Generations.Validity.Invalid && nowMs < entry.StaleUntilMs)
            {
                stale = entry;
                patienceMs = kind.Policy.PatienceMs(validity == Generations.Validity.Suspect ? -1 : nowMs - entry.FreshUntilMs);
            }
        }

        if (stale is not null && nowMs < stale.RetryFromMs)
            return new(Serve(stale, nowMs));

        // (2)
        var flight = FlightOf(stale?.Key ?? key.ToString(), kind, places, state, load, ahead: null);
        // Measured from the flight's start: of all readers of a key whose load is slow, only the first have to wait at all.
        patienceMs = (int)Math.Max(0, patienceMs - (nowMs - flight.StartedAtMs));
        if (stale is not null && patienceMs == 0 && !flight.Done.IsCompleted)
            return new(Serve(stale, nowMs));
        return Await(flight, stale, patienceMs, kind.Policy, cancelled);
    }

    /// <summary>
    /// Makes everything that depends on a tag invalid, here and on all connected instances, by the time it returns true. False: here, and the others
    /// cannot be told now, and will be as soon as they can.
    /// </summary>
    /// <param name="changeId">Names a change that several instances report, so that it counts once. Null: it is only reported here.</param>
    public ValueTask<bool> InvalidateTags(ReadOnlySpan<string> tags, string? changeId = null) => Move(PlacesOfAll(tags, soft: 0), changeId);

    /// <summary>Makes everything that depends on a tag suspect: it is loaded anew, and stays a fallback. Returns as <see cref="InvalidateTags"/>.</summary>
    public ValueTask<bool> ExpireTags(ReadOnlySpan<string> tags, string? changeId = null) => Move(PlacesOfAll(tags, soft: 1), changeId);

    /// <summary>Makes one entry invalid; what a load under way has read will not be served either. Returns as <see cref="InvalidateTags"/>.</summary>
    public ValueTask<bool> Remove(ReadOnlySpan<char> key)
    {
        _entries.Remove(key);
        return Move([_generations.PlaceOf(key)], null);
    }

    /// <summary>Makes one entry suspect. Returns as <see cref="InvalidateTags"/>.</summary>
    public ValueTask<bool> Expire(ReadOnlySpan<char> key) => Move([_generations.PlaceOf(key) + 1], null);

    /// <summary>Makes everything invalid, and gives the memory back. Returns as <see cref="InvalidateTags"/>.</summary>
    public ValueTask<bool> Clear()
    {
        var told = Move([Generations.Everything], null);
        _entries.Clear();
        return told;
    }

    /// <summary>Makes everything suspect, as when changes may have been missed. Returns as <see cref="InvalidateTags"/>.</summary>
    public ValueTask<bool> ExpireAll(string? changeId = null) => Move([Generations.Everything + 1], changeId);

    /// <summary>
    /// Makes everything suspect that this instance has in memory, as when only it may have missed changes that another one reports. What the
    /// second level has, and hence what it gives us next, stays as it is.
    /// </summary>
    public void ExpireAllHere()
    {
        Interlocked.Increment(ref _invalidations);
        _generations.Move([Generations.Everything + 1]);
    }

    /// <summary>The kinds of entries that were asked for so far: names of policies, sorted.</summary>
    public IEnumerable<string> Kinds() => _counters.Keys.Order(StringComparer.Ordinal);

    /// <summary>What was done for one kind; of one that nobody asked for: nothing.</summary>
    public KindStatistics Statistics(string kind) => _counters.TryGetValue(kind, out var counters) ? counters.Read() : default;

    public CacheStatistics Statistics() => new(
        Sum(), Interlocked.Read(ref _invalidations), _entries.Count, _entries.Bytes, _entries.CapacityBytes, _entries.Evictions, _entries.Rejections, Math.Max(_flights.Count, Volatile.Read(ref _underWay)));

    KindStatistics Sum()
    {
        var sum = default(KindStatistics);
        foreach (var (_, counters) in _counters)
            sum += counters.Read();
        return sum;
    }

    /// <summary>Null: there is no second level.</summary>
    public BackplaneState? SecondLevel() => _backplane?.State();

    public async ValueTask DisposeAsync()
    {
        _now.Dispose();
        if (_backplane is not null)
            await _backplane.DisposeAsync();
    }

    CacheCounters CountersOf(CachePolicy policy) => _counters.GetOrAdd(policy.Name, static _ => new());

    ValueTask<bool> Move(int[] places, string? changeId)
    {
        Interlocked.Increment(ref _invalidations);
        if (_backplane is not null)
            return _backplane.Invalidate(places, changeId);
        _generations.Move(places);
        return new(true);
    }

    int[] PlacesOfAll(ReadOnlySpan<string> tags, int soft)
    {
        var places = new int[tags.Length];
        for (var i = 0; i < tags.Length; i++)
            places[i] = _generations.PlaceOf(tags[i]) + soft;
        return places;
    }

    static void WriteBoth(int[] places, int at, int hard) => (places[at], places[at + 1]) = (hard, hard + 1);

    async ValueTask<CacheAnswer<T>> Await<T>(Flight flight, CacheEntry<T>? stale, int patienceMs, CachePolicy policy, CancellationToken cancelled)
    {
        if (stale is null)
        {
            // (4)
            await flight.FirstWord.WaitAsync(cancelled);
            if (!flight.Done.IsCompleted && flight.Fallback is CacheEntry<T> fallback)
            {
                stale = fallback;
                patienceMs = policy.PatienceMs(_generations.IsCurrent(fallback.ReadAt) ? _now.NowMs - fallback.FreshUntilMs : -1);
            }
        }
        if (stale is not null && !flight.Done.IsCompleted)
        {
            // (3)
            await ((Task)flight.Done).WaitAsync(TimeSpan.FromMilliseconds(patienceMs), _clock, cancelled)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            cancelled.ThrowIfCancellationRequested();
            if (!flight.Done.IsCompleted && MayServe(stale))
                return Serve(stale, _now.NowMs);
        }

        var end = await flight.Done.WaitAsync(cancelled);
        var nowMs = _now.NowMs;
        if (end.Entry is CacheEntry<T> loaded)
        {
            flight.Counters.Add(end.Source == CacheSource.Shared ? Count.Shared : Count.Miss);
            return Answer(end.Source, loaded, nowMs);
        }
        // (5)
        stale ??= flight.Fallback as CacheEntry<T>;
        if (stale is not null && MayServe(stale))
            return Serve(stale, nowMs);
        flight.Counters.Add(Count.Failed);
        return new(CacheSource.Failed, default!, 0, 0, end.Failure);
    }

    bool MayServe(CacheEntry stale) => _now.NowMs < stale.StaleUntilMs && _generations.Check(stale.ReadAt) != Generations.Validity.Invalid;

    CacheAnswer<T> Serve<T>(CacheEntry<T> stale, long nowMs)
    {
        stale.Counters.Add(Count.Stale);
        return Answer(CacheSource.Stale, stale, nowMs);
    }

    static CacheAnswer<T> Answer<T>(CacheSource source, CacheEntry<T> entry, long nowMs) =>
        new(source, entry.Value, nowMs - entry.LoadedAtMs, entry.FreshUntilMs - nowMs, null, entry.StaleUntilMs - nowMs);

    /// <summary>XFetch: the nearer the expiry in units of the load's time, the likelier; readers on all nodes spread by themselves.</summary>
    bool IsTimeToRefresh(CacheEntry entry, CachePolicy policy, long nowMs) =>
        -Math.Log(1 - NextDouble()) * policy.EarlyRefresh * entry.LoadMs >= entry.FreshUntilMs - nowMs;

    double NextDouble()
    {
        lock (_randomGate)
            return _random.NextDouble();
    }
}
