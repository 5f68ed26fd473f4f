using System.Diagnostics;
using Edge.Core.Caching.L2;
using static Edge.Core.Caching.CacheCounters;

namespace Edge.Core.Caching;

/// <param name="Places">From <see cref="EdgeCache.PlacesOf"/>.</param>
public sealed record BulkKey(string Key, int[] Places);

// Many keys at once: what memory lacks is asked of the second level in one round trip (the calls are pipelined), what that lacks is loaded in
// one call, and what was loaded is shared in one more round trip. Each key still has its flight: a single reader of one of them joins it, and
// a key that somebody else is loading already is waited for, not loaded again. No leases are taken: two instances that bulk-load the same
// at once both do, and the generations see to it that neither stores something outdated.
public sealed partial class EdgeCache
{
    /// <summary>The values of keys, in their order. No key twice.</summary>
    /// <param name="load">Loads those with the given indexes, and returns as many values in the same order.</param>
    public async ValueTask<CacheAnswer<T>[]> GetOrLoadMany<TState, T>(
        BulkKey[] keys, CacheKind<T> kind, TState state, Func<TState, int[], CancellationToken, ValueTask<Loaded<T>[]>> load, CancellationToken cancelled)
    {
        var answers = new CacheAnswer<T>[keys.Length];
        var waiting = new List<(int Index, Task<CacheAnswer<T>> Answer)>();
        var own = new List<(int Index, Flight Flight)>();
        var nowMs = _now.NowMs;
        for (var i = 0; i < keys.Length; i++)
        {
            CacheEntry<T>? stale = null;
            var patienceMs = 0;
            if (_entries.TryGet(keys[i].Key, out var found) && found is CacheEntry<T> entry)
            {
                var validity = _generations.Check(entry.ReadAt);
                if (validity == Generations.Validity.Current && nowMs < entry.FreshUntilMs)
                {
                    // Not refreshed early: that is for keys that are hot by themselves.
                    entry.Counters.Add(Count.Hit);
                    answers[i] = Answer(CacheSource.Hit, entry, nowMs);
                    continue;
                }
                if (validity != Generations.Validity.Invalid && nowMs < entry.StaleUntilMs)
                {
                    stale = entry;
                    patienceMs = kind.Policy.PatienceMs(validity == Generations.Validity.Suspect ? -1 : nowMs - entry.FreshUntilMs);
                }
            }
            if (stale is not null && nowMs < stale.RetryFromMs)
            {
                answers[i] = Serve(stale, nowMs);
                continue;
            }
            var flight = FlightOf<T>(keys[i], kind.Policy, out var isOwn);
            if (isOwn)
                own.Add((i, flight));
            // All at once: their patience runs side by side.
            waiting.Add((i, Await(flight, stale, patienceMs, kind.Policy, cancelled).AsTask()));
        }

        if (own.Count > 0)
        {
            var caller = FlightSpan.Caller;
            Detach(() => FlyMany(own, kind, state, load, caller));
        }
        await Task.WhenAll(waiting.Select(static one => one.Answer));
        foreach (var (index, answer) in waiting)
            answers[index] = await answer;
        return answers;
    }

    /// <param name="isOwn">It is new, and the caller has to fly it.</param>
    Flight FlightOf<T>(BulkKey key, CachePolicy policy, out bool isOwn)
    {
        while (true)
        {
            isOwn = false;
            if (_flights.TryGetValue(key.Key, out var running) && _generations.IsCurrent(running.ReadAt))
                return running;
            var flight = NewFlight(key.Key, policy, key.Places, running);
            if (running is null ? !_flights.TryAdd(key.Key, flight) : !_flights.TryUpdate(key.Key, flight, running))
                continue;
            isOwn = !TryLandFromMemory<T>(flight, ahead: null);
            return flight;
        }
    }

    async Task FlyMany<TState, T>(
        List<(int Index, Flight Flight)> own, CacheKind<T> kind, TState state, Func<TState, int[], CancellationToken, ValueTask<Loaded<T>[]>> load, ActivityContext caller)
    {
        var span = FlightSpan.Start(kind.Policy.Name, caller);
        try
        {
            var fetched = new L2Fetch?[own.Count];
            if (kind.Codec is { } codec && _backplane is { IsOpen: true })
                await Task.WhenAll(Enumerable.Range(0, own.Count).Select(async i => fetched[i] = await FetchWithoutLease(own[i].Flight, kind, codec)));
            var missing = Enumerable.Range(0, own.Count).Where(i => !own[i].Flight.Done.IsCompleted).ToArray();
            if (missing.Length == 0)
                return;

            var counters = CountersOf(kind.Policy);
            counters.Add(Count.Load);
            var (loaded, loadMs) = await WithDeadline(
                kind.Policy, deadline => load(state, Array.ConvertAll(missing, i => own[i].Index), deadline), failure => FailAll(own, kind.Policy, failure));
            if (loaded.Length != missing.Length)
                throw new InvalidOperationException($"The load of {kind.Policy.Name} returned {loaded.Length} values for {missing.Length} keys.");
            counters.Add(Count.LoadMs, loadMs);

            var shares = new List<Task>();
            for (var m = 0; m < missing.Length; m++)
            {
                var flight = own[missing[m]].Flight;
                var entry = EntryOf(flight, kind.Policy, loaded[m], loadMs);
                Keep(flight, entry);
                Land(flight, new(entry, CacheSource.Miss, null));
                if (fetched[missing[m]] is { } before && !loaded[m].IsNegative)
                    shares.Add(Share(entry, kind, before, token: null).AsTask());
            }
            await Task.WhenAll(shares);
        }
        catch (Exception failure)
        {
            FailAll(own, kind.Policy, failure);
        }
        finally
        {
            // One span for all of them: it says how the last one ended.
            await FlightSpan.End(span, own[^1].Flight, isAhead: false);
        }
    }

    void FailAll(List<(int Index, Flight Flight)> own, CachePolicy policy, Exception failure)
    {
        foreach (var (_, flight) in own)
            Fail(flight, policy, failure);
    }

    /// <summary>Null: it may not be shared later on, since what it depends on moves, or the second level does not answer.</summary>
    async Task<L2Fetch?> FetchWithoutLease<T>(Flight flight, CacheKind<T> kind, ICacheCodec<T> codec)
    {
        if (await _backplane!.Call(
                (flight.Key, flight.ReadAt.Places), static (store, asked, timeoutMs) => store.Fetch(asked.Key, asked.Places, default, timeoutMs)) is not { } fetched)
            return null;
        if (!_generations.TryAdopt(flight.ReadAt, fetched, out var adopted))
        {
            _backplane.Met(fetched.Position);
            return null;
        }
        flight.ReadAt = adopted;
        if (fetched.Entry is not { } bytes)
            return fetched;
        if (!EntryFrame.TryRead(bytes, codec, out var framed))
        {
            flight.Counters.Add(Count.Corrupt);
            return fetched;
        }
        var entry = EntryOf(flight, framed, fetched, kind.Policy);
        if (_now.NowMs < entry.FreshUntilMs)
        {
            Keep(flight, entry);
            Land(flight, new(entry, CacheSource.Shared, null));
        }
        else if (_now.NowMs < entry.StaleUntilMs)
            flight.Offer(entry);
        return fetched;
    }
}
