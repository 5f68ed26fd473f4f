namespace Edge.Core.Caching;

// The loop that opens, steps (1) to (3).
internal sealed partial class Backplane
{
    async Task Recover()
    {
        var pauseMs = FirstPauseMs;
        long? openedAt = _clock.GetTimestamp();
        while (true)
        {
            Task wanted;
            // Whoever stops it cancels first and signals then: one of the two is seen here.
            lock (_gate)
                wanted = _stopping.IsCancellationRequested ? Task.CompletedTask : _wanted.Task;
            await wanted;
            if (_stopping.IsCancellationRequested)
                return;
            // What was open for long starts anew; what fell ill again soon after it was opened is given more time first.
            var isStable = openedAt is { } since && _clock.GetElapsedTime(since).TotalMilliseconds > StableMs;
            if (isStable)
                pauseMs = FirstPauseMs;
            openedAt = null;
            bool isAiling;
            lock (_gate)
                (isAiling, _isAiling) = (_isAiling && !isStable, false);
            var isDone = !isAiling && await TryOpen();
            _isOpening = false;
            if (isDone)
            {
                openedAt = _clock.GetTimestamp();
                continue;
            }
            var jitteredMs = pauseMs / 2 + _random.Next(pauseMs);
            await Task.Delay(TimeSpan.FromMilliseconds(jitteredMs), _clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            pauseMs = Math.Min(2 * pauseMs, LongestPauseMs);
        }
    }

    /// <returns>True: it is open, or nothing can be done before the link is back. False: try again later.</returns>
    async Task<bool> TryOpen()
    {
        long closings;
        lock (_gate)
        {
            if (!_isConnected)
            {
                _wanted = NewSignal();
                return true;
            }
            closings = _closings;
        }

        // (2)
        var before = _generations.Known();
        var all = await _store.ReadGenerations(CompareTimeouts * _options.TimeoutMs);
        if (all.IsOk && _generations.HasGoneBack(all.Value, before))
            all = await _store.EndEpoch(all.Value.Position.Epoch, CompareTimeouts * _options.TimeoutMs);
        if (!all.IsOk)
            return false;
        var isKnownLife = _generations.Synchronize(all.Value);
        if (!isKnownLife)
            Interlocked.Increment(ref _memoryLost);
        HashSet<int> pending;
        lock (_gate)
        {
            // In another epoch they count from the beginning.
            _seen = isKnownLife ? Math.Max(_seen, all.Value.Position.Version) : all.Value.Position.Version;
            // Closed anew meanwhile: something may have been missed.
            if (_closings != closings)
                return true;
            (pending, _pending) = (_pending, []);
            // Invalidations from here on tell the others themselves: were they left pending, a stream of them would keep it closed.
            _isOpening = true;
        }

        // (3)
        foreach (var some in pending.Chunk(MostPlaces))
        {
            var known = _generations.KnownPosition();
            var told = await _store.Invalidate(some, null, _options.TimeoutMs);
            if (told.IsOk && !_generations.HasFoundGoneBack(told.Value, known) && _generations.TryHear(told.Value, out _))
                continue;
            // Those that were told are told once more: a place that moves for nothing costs a load.
            lock (_gate)
                _pending.UnionWith(pending);
            return false;
        }
        (string Key, string Token)[] leases;
        lock (_gate)
        {
            leases = [.. _leases, Probe];
            _leases.Clear();
        }
        var given = await Task.WhenAll(leases.Select(lease => _store.Release(lease.Key, lease.Token, _options.TimeoutMs).AsTask()));
        for (var i = 0; i < given.Length - 1; i++)
            if (!given[i].IsOk)
                ReleaseLater(leases[i].Key, leases[i].Token);
        if (Array.Exists(given, static call => !call.IsOk))
            return false;
        lock (_gate)
        {
            // As above, or something is pending.
            if (_closings != closings)
                return true;
            _wanted = NewSignal();
            _failuresInRow = 0;
            _isOpen = true;
        }
        Turned(null);
        return true;
    }
}
