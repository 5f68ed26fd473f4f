namespace Edge.Core.Caching;

public sealed partial class EdgeCache
{
    /// <summary>
    /// Early refresh begins this many load times before expiry: beyond it XFetch would fire with a chance of e⁻⁸ per hit, which is not
    /// worth drawing a number for.
    /// </summary>
    const int EarlyWindowLoads = 8;

    /// <summary>Joins the key's flight, or starts one where there is none that the caller may have the value of.</summary>
    Flight FlightOf<TState, T>(
        string key, CachePolicy policy, int[] slots, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load)
    {
        while (true)
        {
            if (_flights.TryGetValue(key, out var running))
            {
                if (_generations.IsCurrent(running.ReadAt))
                    return running;
                // Its callers of before keep it; whoever comes after the invalidation needs newer data.
                var newer = new Flight(key, TakeOff(key, slots), Interlocked.Increment(ref _flightNumber));
                if (_flights.TryUpdate(key, newer, running))
                    return Start(newer, policy, state, load);
                continue;
            }
            var flight = new Flight(key, TakeOff(key, slots), Interlocked.Increment(ref _flightNumber));
            if (_flights.TryAdd(key, flight))
                return Start(flight, policy, state, load);
        }
    }

    /// <summary>What the entry will depend on: everything, its tags, its own key.</summary>
    Generations.Snapshot TakeOff(string key, int[] slots) => _generations.Take([.. slots, Generations.SlotOf(key)]);

    Flight Start<TState, T>(Flight flight, CachePolicy policy, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load)
    {
        // Between this caller's look into memory and its flight, another flight may have landed: it is not to be flown again.
        if (_entries.Peek(flight.Key) is CacheEntry<T> landed && _now.NowMs < landed.EarlyFromMs && _generations.IsCurrent(landed.ReadAt))
        {
            Land(flight, new(landed, null));
            return flight;
        }
        if (_entries.Peek(flight.Key) is CacheFailure failure && _now.NowMs < failure.FreshUntilMs && _generations.IsCurrent(failure.ReadAt))
        {
            Land(flight, new(null, failure.Exception));
            return flight;
        }

        _counters.Load();
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(() => Fly(flight, policy, state, load));
        return flight;
    }

    async Task Fly<TState, T>(Flight flight, CachePolicy policy, TState state, Func<TState, CancellationToken, ValueTask<Loaded<T>>> load)
    {
        var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(policy.LoadTimeoutMs), _clock);
        // The loader may ignore its token: the flight ends at the deadline all the same.
        await using var expiry = deadline.Token.UnsafeRegister(static (self, _) => ((Action)self!)(), () => Fail(flight, policy, new TimeoutException($"The load of {policy.Name} took longer than {policy.LoadTimeoutMs} ms.")));
        var started = _clock.GetTimestamp();
        try
        {
            var loaded = await load(state, deadline.Token);
            var entry = EntryOf(flight, policy, loaded, (long)_clock.GetElapsedTime(started).TotalMilliseconds);
            Store(flight, entry);
            Land(flight, new(entry, null));
        }
        catch (Exception failure)
        {
            Fail(flight, policy, failure);
        }
        finally
        {
            // Not disposed at the deadline: a hung loader still holds its token.
            deadline.Dispose();
        }
    }

    CacheEntry<T> EntryOf<T>(Flight flight, CachePolicy policy, Loaded<T> loaded, long loadMs)
    {
        var nowMs = _now.NowMs;
        var durationMs = loaded.IsNegative ? policy.NegativeMs : policy.DurationMs;
        var freshMs = durationMs + (long)(durationMs * policy.Jitter * NextDouble());
        var earlyMs = policy.EarlyRefresh > 0 ? (long)(EarlyWindowLoads * policy.EarlyRefresh * loadMs) : 0;
        return new(flight.Key, loaded.Value, loaded.SizeBytes, flight.ReadAt)
        {
            Flight = flight.Number,
            LoadedAtMs = nowMs,
            LoadMs = loadMs,
            FreshUntilMs = nowMs + freshMs,
            EarlyFromMs = nowMs + Math.Max(0, freshMs - earlyMs),
            // "There is no such thing" is no fallback for a thing that may since have come.
            StaleUntilMs = nowMs + (loaded.IsNegative ? freshMs : Math.Max(freshMs, policy.FailSafeMs)),
        };
    }

    void Store(Flight flight, CacheEntry entry)
    {
        // What was invalidated meanwhile would be refused by every reader, and may stand in the place of something newer.
        if (!_generations.IsCurrent(flight.ReadAt))
            return;
        // Nor must a hung load that ends late replace what was loaded after it had begun.
        if (_entries.Peek(flight.Key) is CacheEntry present && present.Flight > flight.Number && _generations.IsCurrent(present.ReadAt))
            return;
        _entries.Set(entry);
    }

    void Fail(Flight flight, CachePolicy policy, Exception failure)
    {
        if (flight.Done.IsCompleted)
            return;
        _counters.LoadFailed();
        var retryFromMs = _now.NowMs + policy.RetryAfterMs;
        if (_entries.Peek(flight.Key) is CacheEntry present and not CacheFailure && _generations.IsCurrent(present.ReadAt))
            present.RetryFromMs = retryFromMs;
        else if (policy.RetryAfterMs > 0)
            _entries.Set(new CacheFailure(flight.Key, failure, flight.ReadAt)
            {
                Flight = flight.Number, LoadedAtMs = _now.NowMs, LoadMs = 0, FreshUntilMs = retryFromMs, EarlyFromMs = retryFromMs, StaleUntilMs = retryFromMs,
            });
        Land(flight, new(null, failure));
    }

    /// <summary>Frees the key first: who is told of the end may start anew at once.</summary>
    void Land(Flight flight, FlightEnd end)
    {
        _flights.TryRemove(KeyValuePair.Create(flight.Key, flight));
        flight.Land(end);
    }

    /// <summary>A failure that is remembered, so that a broken origin is not asked by every request.</summary>
    sealed class CacheFailure(string key, Exception exception, Generations.Snapshot readAt)
        : CacheEntry(key, valueBytes: 0, readAt)
    {
        public Exception Exception => exception;
    }

    readonly record struct FlightEnd(CacheEntry? Entry, Exception? Failure);

    /// <summary>One load under way.</summary>
    sealed class Flight(string key, Generations.Snapshot readAt, long number)
    {
        // Continuations run elsewhere: whoever lands must not run the code of a thousand waiting callers.
        readonly TaskCompletionSource<FlightEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Key => key;

        public Generations.Snapshot ReadAt => readAt;

        /// <summary>Later ones have higher numbers.</summary>
        public long Number => number;

        public Task<FlightEnd> Done => _end.Task;

        public void Land(FlightEnd end) => _end.TrySetResult(end);
    }
}
