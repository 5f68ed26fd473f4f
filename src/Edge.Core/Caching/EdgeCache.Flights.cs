using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Edge.Core.Caching.L2;
using static Edge.Core.Caching.CacheCounters;

namespace Edge.Core.Caching;

// A flight belongs to nobody: it runs on the pool, detached from the caller that began it, who may leave.
//
// (a) It notes the generations of what it depends on, before it reads anything.
// (b) Where there is an open second level, it asks that for the entry and, in the same call, for the lease to load it. A fresh entry lands.
//     A stale one is offered to callers that have none.
// (c) Where another instance has the lease, it waits for the news that the lease was given back, at most until it has run out, and asks again.
//     Once it has waited for two leases' time (holders that hang, one after the other), it waits no more and loads without one.
// (d) It loads from the origin, with a deadline of its own. At the deadline its callers are told so, its lease is given back and the key is
//     free for another flight, however long the hung load stays (its token is cancelled; a value it brings later is kept only if nothing
//     newer has been).
// (e) It lands: into memory unless it was overtaken, to its callers, and into the second level, which gives the lease back and refuses it
//     where it was overtaken there.
// (f) A failure is remembered for the policy's RetryAfterMs: a broken origin sees one attempt per key and interval, not one per request.
// (g) A flight that an invalidation has outdated goes on for those who joined it before, unless the one that took its place lands first: its
//     newer value is theirs too.
public sealed partial class EdgeCache
{
    /// <summary>
    /// Early refresh begins this many load times before expiry: beyond it XFetch would fire with a chance of e⁻⁸ per hit, which is not
    /// worth drawing a number for.
    /// </summary>
    const int EarlyWindowLoads = 8;

    /// <summary>Looks into the second level that one flight takes, before it loads without a lease: something keeps moving what it depends on.</summary>
    const int MaxFetches = 8;

    /// <summary>Joins the key's flight, or starts one where there is none that the caller may have the value of.</summary>
    /// <param name="ahead">The entry to be refreshed ahead of its expiry; null: the entry is needed now.</param>
    Flight FlightOf<TState, T>(
        string key, CacheKind<T> kind, int[] places, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load, CacheEntry<T>? ahead)
    {
        while (true)
        {
            if (_flights.TryGetValue(key, out var running))
            {
                if (_generations.IsCurrent(running.ReadAt))
                    return running;
            }
            // Its callers of before keep the one that was outdated; whoever comes after the invalidation needs newer data.
            var flight = NewFlight(key, kind.Policy, places, running);
            if (running is null ? _flights.TryAdd(key, flight) : _flights.TryUpdate(key, flight, running))
                return Start(flight, kind, state, load, ahead);
        }
    }

    // (a)
    Flight NewFlight(string key, CachePolicy policy, int[] places, Flight? overtaken)
    {
        var all = new int[places.Length + 2];
        places.CopyTo(all, 0);
        WriteBoth(all, places.Length, _generations.PlaceOf(key));
        return new(key, _generations.Take(all), Interlocked.Increment(ref _flightNumber), Flight.WakingOn(_scheduler))
        {
            Counters = CountersOf(policy), StartedAtMs = _now.NowMs, Overtaken = overtaken,
        };
    }

    Flight Start<TState, T>(
        Flight flight, CacheKind<T> kind, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load, CacheEntry<T>? ahead)
    {
        if (TryLandFromMemory(flight, ahead))
            return flight;
        if (ahead is not null)
            flight.Counters.Add(Count.Early);
        var caller = FlightSpan.Caller;
        Detach(() => FlyCounted(flight, kind, state, load, ahead, caller));
        return flight;
    }

    async Task FlyCounted<TState, T>(
        Flight flight, CacheKind<T> kind, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load, CacheEntry<T>? ahead, ActivityContext caller)
    {
        Interlocked.Increment(ref _underWay);
        var span = FlightSpan.Start(kind.Policy.Name, caller);
        try
        {
            await Fly(flight, kind, state, load, ahead);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
            await FlightSpan.End(span, flight, ahead is not null);
        }
    }

    /// <summary>
    /// Between a caller's look into memory and its flight, another flight may have landed: it is not to be flown again. Nor is one that failed
    /// a moment ago.
    /// </summary>
    bool TryLandFromMemory<T>(Flight flight, CacheEntry<T>? ahead)
    {
        if (_entries.Peek(flight.Key) is not CacheEntry present || ReferenceEquals(present, ahead) || _now.NowMs >= present.FreshUntilMs
            || !_generations.IsCurrent(present.ReadAt))
            return false;
        if (present is CacheEntry<T> landed)
            Land(flight, new(landed, CacheSource.Miss, null));
        else if (present is CacheFailure failure)
            Land(flight, new(null, CacheSource.Failed, failure.Failure));
        return flight.Done.IsCompleted;
    }

    void Detach(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow())
            _ = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);
    }

    async Task Fly<TState, T>(
        Flight flight, CacheKind<T> kind, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load, CacheEntry<T>? ahead)
    {
        Approach approach = default;
        try
        {
            if (kind.Codec is not null && _backplane is { IsOpen: true })
            {
                approach = await Fetch(flight, kind, kind.Codec, ahead);
                if (approach.HasLanded)
                    return;
            }
            await Load(flight, kind, state, load, approach);
        }
        catch (Exception failure)
        {
            Fail(flight, kind.Policy, failure);
            if (approach.Token is { } token)
                await _backplane!.Release(flight.Key, token);
        }
    }

    /// <param name="Token">The lease that was granted, or may have been.</param>
    /// <param name="Fetched">The generations to store under. Null: they are not known.</param>
    readonly record struct Approach(bool HasLanded, string? Token, L2Fetch? Fetched);

    async ValueTask<Approach> Fetch<T>(Flight flight, CacheKind<T> kind, ICacheCodec<T> codec, CacheEntry<T>? ahead)
    {
        // An entry that another instance has refreshed is worth more than ours; ours, come back from there, is not.
        var freshForMs = ahead is null ? 0 : Math.Max(0, ahead.FreshUntilMs - _now.NowMs) + kind.Policy.DurationMs / 20;
        var started = _clock.GetTimestamp();
        var waitMs = 2.0 * LeaseMs(kind.Policy);
        for (var fetches = 0; fetches < MaxFetches && waitMs > 0 && _backplane!.IsOpen; fetches++)
        {
            // (b)
            var before = fetches == 0 ? flight.ReadAt : _generations.Take(flight.ReadAt.Places);
            var token = _leaseName + Interlocked.Increment(ref _flightNumber).ToString("x", null);
            flight.ExpectFill();
            // Open is asked after the generations were noted: see Backplane.Invalidate.
            if (!_backplane.IsOpen)
                return default;
            if (await _backplane.Call(
                    (flight.Key, before.Places, new L2Wish(token, LeaseMs(kind.Policy), freshForMs)),
                    static (store, asked, timeoutMs) => store.Fetch(asked.Key, asked.Places, asked.Item3, timeoutMs)) is not { } fetched)
                return new(HasLanded: false, token, null);

            if (!_generations.TryAdopt(before, fetched, out var adopted))
            {
                if (fetched.Lease == L2Lease.Granted)
                    await _backplane!.Release(flight.Key, token);
                _backplane.Met(fetched.Position);
                continue;
            }
            flight.ReadAt = adopted;
            if (fetched.Entry is { } bytes)
            {
                if (!EntryFrame.TryRead(bytes, codec, out var framed))
                {
                    flight.Counters.Add(Count.Corrupt);
                    if (fetched.Lease == L2Lease.NotNeeded)
                    {
                        // It passes for fresh, so nobody was granted a lease. It will be replaced.
                        freshForMs = long.MaxValue;
                        continue;
                    }
                }
                else if (EntryOf(flight, framed, fetched, kind.Policy) is var entry && fetched.Lease == L2Lease.NotNeeded)
                {
                    Keep(flight, entry);
                    Land(flight, new(entry, CacheSource.Shared, null));
                    return new(HasLanded: true, null, fetched);
                }
                else if (_now.NowMs < entry.StaleUntilMs)
                    flight.Offer(entry);
            }
            if (fetched.Lease == L2Lease.Granted)
                return new(HasLanded: false, token, fetched);

            // (c)
            if (fetches == 0)
                flight.Counters.Add(Count.Wait);
            await flight.Filled.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, Math.Min(waitMs, fetched.LeaseWaitMs))), _clock)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            // By the flight that took its place, meanwhile.
            if (flight.Done.IsCompleted)
                return new(HasLanded: true, null, null);
            waitMs = 2.0 * LeaseMs(kind.Policy) - _clock.GetElapsedTime(started).TotalMilliseconds;
        }
        return default;
    }

    async Task Load<TState, T>(
        Flight flight, CacheKind<T> kind, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load, Approach approach)
    {
        // (d)
        flight.Counters.Add(Count.Load);
        var (loaded, loadMs) = await WithDeadline(
            kind.Policy, deadline => load(state, deadline),
            failure =>
            {
                Fail(flight, kind.Policy, failure);
                if (approach.Token is { } held)
                    Detach(() => _backplane!.Release(flight.Key, held).AsTask());
            });

        if (loaded.Refusal is not null)
        {
            Fail(flight, kind.Policy, loaded.Refusal, isRemembered: false);
            if (approach.Token is { } unused)
                await _backplane!.Release(flight.Key, unused);
            return;
        }

        // (e)
        var entry = EntryOf(flight, kind.Policy, loaded, loadMs);
        flight.Counters.Add(Count.LoadMs, loadMs);
        Keep(flight, entry);
        Land(flight, new(entry, CacheSource.Miss, null));
        if (approach.Token is not { } token)
            return;
        if (!loaded.IsNegative && approach.Fetched is { } fetched)
            await Share(entry, kind, fetched, token);
        else
            await _backplane!.Release(flight.Key, token);
    }

    /// <param name="expired">Called at the deadline: the loader may ignore its token, and its callers are told all the same.</param>
    async Task<(TLoaded Loaded, long Ms)> WithDeadline<TLoaded>(CachePolicy policy, Func<CancellationToken, ValueTask<TLoaded>> load, Action<Exception> expired)
    {
        var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(policy.LoadTimeoutMs), _clock);
        await using var expiry = deadline.Token.UnsafeRegister(
            static (self, _) => ((Action)self!)(), () => expired(new LoadTimeoutException($"The load of {policy.Name} took longer than {policy.LoadTimeoutMs} ms.")));
        try
        {
            var started = _clock.GetTimestamp();
            var loaded = await load(deadline.Token);
            return (loaded, (long)_clock.GetElapsedTime(started).TotalMilliseconds);
        }
        finally
        {
            // Not at the deadline: a hung loader still holds its token.
            deadline.Dispose();
        }
    }

    /// <param name="token">The lease; null: it was loaded without one.</param>
    async ValueTask Share<T>(CacheEntry<T> entry, CacheKind<T> kind, L2Fetch fetched, string? token)
    {
        if (!_backplane!.IsOpen)
        {
            if (token is not null)
                _backplane.ReleaseLater(entry.Key, token);
            return;
        }
        var nowMs = _now.NowMs;
        var keepMs = entry.StaleUntilMs - entry.LoadedAtMs;
        if (keepMs > 0 && EntryFrame.TryWrite(entry.Value, kind.Codec!, entry.LoadMs, keepMs, out var frame))
        {
            var shared = new L2Entry(
                entry.Key, entry.ReadAt.Places, fetched.Position.Epoch, fetched.At, token, frame, nowMs - entry.LoadedAtMs, entry.FreshUntilMs - nowMs,
                Math.Max(1, entry.StaleUntilMs - nowMs));
            var stored = await _backplane!.Call(shared, static (store, entry, timeoutMs) => store.Store(entry, timeoutMs));
            if (stored is L2Stored.Outdated)
                entry.Counters.Add(Count.Outdated);
            else if (stored is null && token is not null)
                _backplane.ReleaseLater(entry.Key, token);
        }
        else if (token is not null)
            await _backplane!.Release(entry.Key, token);
    }

    /// <summary>The load's own deadline, and what its entry takes to get to the second level.</summary>
    static int LeaseMs(CachePolicy policy) => (int)Math.Min(int.MaxValue, policy.LoadTimeoutMs + 1_000L);

    void Filled(string? key)
    {
        if (key is null)
            foreach (var (_, waiting) in _flights)
                FillAll(waiting);
        else if (_flights.TryGetValue(key, out var flight))
            FillAll(flight);
    }

    /// <summary>Those that it took the place of may wait for a lease, too.</summary>
    static void FillAll(Flight? flight)
    {
        for (; flight is not null; flight = flight.Overtaken)
            flight.Fill();
    }

    CacheEntry<T> EntryOf<T>(Flight flight, CachePolicy policy, Loaded<T> loaded, long loadMs)
    {
        var nowMs = _now.NowMs;
        var durationMs = loaded.IsNegative ? policy.NegativeMs : loaded.DurationMs != 0 ? loaded.DurationMs : policy.DurationMs;
        var endsInMs = loaded.EndsInMs > 0 ? loaded.EndsInMs : long.MaxValue;
        var freshMs = Math.Min(endsInMs, durationMs + (long)(durationMs * policy.Jitter * NextDouble()));
        return new(flight.Key, loaded.Value, loaded.SizeBytes, flight.ReadAt)
        {
            Flight = flight.Number,
            Counters = flight.Counters,
            LoadedAtMs = nowMs,
            LoadMs = loadMs,
            FreshUntilMs = nowMs + freshMs,
            EarlyFromMs = nowMs + Math.Max(0, freshMs - EarlyMs(policy, loadMs)),
            // "There is no such thing" is no fallback for a thing that may since have come.
            StaleUntilMs = nowMs + Math.Min(endsInMs, loaded.IsNegative || durationMs <= 0 ? Math.Max(0, freshMs) : Math.Max(freshMs, policy.FailSafeMs)),
        };
    }

    CacheEntry<T> EntryOf<T>(Flight flight, Framed<T> framed, L2Fetch fetched, CachePolicy policy)
    {
        var nowMs = _now.NowMs;
        // Suspect there, it is stale here, and so stale as to be worth a wait: what it depends on is current, so nothing else would tell.
        var freshMs = fetched.IsSuspect ? Math.Min(-policy.RevalidateMs, fetched.FreshMs) : fetched.FreshMs;
        return new(flight.Key, framed.Value, framed.SizeBytes, flight.ReadAt)
        {
            Flight = flight.Number,
            Counters = flight.Counters,
            LoadedAtMs = nowMs - fetched.AgeMs,
            LoadMs = framed.LoadMs,
            FreshUntilMs = nowMs + freshMs,
            EarlyFromMs = nowMs + Math.Max(0, freshMs - EarlyMs(policy, framed.LoadMs)),
            StaleUntilMs = nowMs - fetched.AgeMs + framed.KeepMs,
        };
    }

    static long EarlyMs(CachePolicy policy, long loadMs) => policy.EarlyRefresh > 0 ? (long)(EarlyWindowLoads * policy.EarlyRefresh * loadMs) : 0;

    void Keep(Flight flight, CacheEntry entry)
    {
        // What was invalidated meanwhile would be refused by every reader, and may stand in the place of something newer.
        if (!_generations.IsCurrent(flight.ReadAt))
        {
            flight.Counters.Add(Count.Outdated);
            return;
        }
        // Nor must a hung load that ends late replace what was loaded after it had begun.
        if (_entries.Peek(flight.Key) is CacheEntry present && present.Flight > flight.Number && _generations.IsCurrent(present.ReadAt))
            return;
        // Of no use to anybody after its callers: see CachePolicy.DurationMs.
        if (entry.StaleUntilMs > entry.LoadedAtMs)
            _entries.Set(entry);
    }

    // (f)
    void Fail(Flight flight, CachePolicy policy, Exception failure, bool isRemembered = true)
    {
        if (flight.Done.IsCompleted)
            return;
        flight.Counters.Add(Count.LoadFailed);
        var captured = ExceptionDispatchInfo.Capture(failure);
        var retryFromMs = _now.NowMs + policy.RetryAfterMs;
        if (_entries.Peek(flight.Key) is CacheEntry present and not CacheFailure && _now.NowMs < present.StaleUntilMs
            && _generations.Check(present.ReadAt) != Generations.Validity.Invalid)
            present.RetryFromMs = retryFromMs;
        else if (flight.Fallback is { } fallback)
        {
            // So that the next reader has it at once.
            fallback.RetryFromMs = retryFromMs;
            Keep(flight, fallback);
        }
        else if (policy.RetryAfterMs > 0 && isRemembered)
            Keep(flight, new CacheFailure(flight.Key, captured, flight.ReadAt)
            {
                Flight = flight.Number, Counters = flight.Counters, LoadedAtMs = _now.NowMs, LoadMs = 0, FreshUntilMs = retryFromMs, EarlyFromMs = retryFromMs, StaleUntilMs = retryFromMs,
            });
        Land(flight, new(null, CacheSource.Failed, captured));
    }

    /// <summary>Frees the key first: who is told of the end may start anew at once.</summary>
    void Land(Flight flight, FlightEnd end)
    {
        _flights.TryRemove(KeyValuePair.Create(flight.Key, flight));
        flight.Land(end);
        // (g) Those who came before the invalidation may have the newer value, and nobody tells their flight that a lease was given back.
        for (var overtaken = flight.Overtaken; overtaken is not null; overtaken = overtaken.Overtaken)
            if (end.Entry is not null)
                overtaken.Land(end);
        flight.Overtaken = null;
    }
}
