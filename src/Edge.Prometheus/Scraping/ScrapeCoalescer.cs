using System.Diagnostics;
using Edge.Prometheus.Text;

namespace Edge.Prometheus.Scraping;

/// <summary>Collects once and writes the result. Called by one thread at a time.</summary>
/// <param name="text">Where to write the text format; null: nobody wants it.</param>
/// <param name="openMetrics">Likewise.</param>
internal delegate ScrapeStatus CollectRound(ByteBuffer? text, ByteBuffer? openMetrics);

/// <summary>
/// Lets any number of scrapes share one collection at a time.
/// <para>
/// (1) A scrape that finds a young answer of its format, in its encoding, takes it and is done, on its own thread. (2) Otherwise it waits in a list,
/// and the first that does starts the worker on a thread of the pool. (3) The worker takes all who wait and collects once for them, writing each format
/// that one of them wants; SDK and catalogue are never entered twice at once. (4) Who came while it collected is served by the same answer. It is
/// complete later than they asked, and so are values of a moment that they may have meant; without this a cache of 0 ms would have every scrape of a
/// crowd collect by itself, one after another. (5) The worker goes on until nobody waits.
/// </para>
/// <para>
/// Guarantees. Nobody blocks a thread while waiting, and the collection of one that has given up goes on for the others. A waiter ends once: by an
/// answer, its own timer, or the shutdown, whoever is first under the lock. An answer's bytes are not written over while somebody reads them: each
/// reader and the place of the newest hold it, and it is used again when nobody does. A round that failed is the failure of those who waited for it,
/// and is not kept.
/// </para>
/// </summary>
internal sealed class ScrapeCoalescer(CollectRound collect, int cacheMs, int maxBytes, TimeProvider clock) : IThreadPoolWorkItem
{
    /// <summary>Answers kept for being written again: one newest and one in the making of each format. What slow readers hold beyond is garbage then.</summary>
    const int MaxSpares = 4;

    const int Formats = 2;

    readonly Lock _gate = new();
    readonly ScrapeBody?[] _newest = new ScrapeBody?[Formats];
    readonly Stack<ScrapeBody> _spares = new(MaxSpares);
    List<Waiter> _waiting = [];
    List<Waiter> _serving = [];
    bool _isWorking;
    bool _isShutDown;

    /// <summary>One collection for all who wait. The body of the outcome goes back by <see cref="Release"/>.</summary>
    public ValueTask<ScrapeOutcome> Scrape(ExpositionFormat format, bool isGzip, TimeSpan timeout)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_isShutDown) return new(new ScrapeOutcome(ScrapeStatus.Unavailable));
            // (1)
            if (Newest_NeedsLock(format) is { } body && (body.HasGzip || !isGzip)
                && clock.GetElapsedTime(body.CompletedAt).TotalMilliseconds < cacheMs)
            {
                body.Holds++;
                return new(new ScrapeOutcome(ScrapeStatus.Ok, body));
            }

            // (2)
            waiter = new(format, isGzip, clock.GetTimestamp());
            _waiting.Add(waiter);
            waiter.Timer = clock.CreateTimer(static state => ((Expiry)state!).Fire(), new Expiry(this, waiter), timeout, Timeout.InfiniteTimeSpan);
            if (!_isWorking)
            {
                _isWorking = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        return new(waiter.Task);
    }

    public void Release(ScrapeBody body)
    {
        lock (_gate) Release_NeedsLock(body);
    }

    /// <summary>Ends all who wait and all who come. A collection that runs is not waited for: it may hang.</summary>
    public void ShutDown()
    {
        lock (_gate)
        {
            _isShutDown = true;
            foreach (var waiter in _waiting) End_NeedsLock(waiter, new(ScrapeStatus.Unavailable));
            foreach (var waiter in _serving) End_NeedsLock(waiter, new(ScrapeStatus.Unavailable));
            _waiting.Clear();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        // (5)
        while (TryTakeWaiting())
        {
            var (isTextWanted, isOpenMetricsWanted) = (IsWanted(ExpositionFormat.Text), IsWanted(ExpositionFormat.OpenMetrics));
            var text = isTextWanted ? Rent() : null;
            var openMetrics = isOpenMetricsWanted ? Rent() : null;
            var status = ScrapeStatus.Ok;
            if (text is not null || openMetrics is not null)
            {
                status = Collect(text, openMetrics);
                Finish(ExpositionFormat.Text, text, status);
                Finish(ExpositionFormat.OpenMetrics, openMetrics, status);
            }

            Compress(ExpositionFormat.Text);
            Compress(ExpositionFormat.OpenMetrics);
            EndServed(status);
        }
    }

    bool TryTakeWaiting()
    {
        lock (_gate)
        {
            Debug.Assert(_serving.Count == 0, "All of the round before were ended.");
            (_waiting, _serving) = (_serving, _waiting);
            return _isWorking = _serving.Count > 0;
        }
    }

    // (3) A format is collected if one of those served wants it and the newest answer is too old for it.
    bool IsWanted(ExpositionFormat format)
    {
        lock (_gate)
        {
            var newest = Newest_NeedsLock(format);
            foreach (var waiter in _serving)
            {
                if (waiter.Format == format && !waiter.IsEnded && !IsGoodFor(newest, waiter)) return true;
            }

            return false;
        }
    }

    // (4)
    bool IsGoodFor(ScrapeBody? body, Waiter waiter) =>
        body is not null && (body.CompletedAt >= waiter.CameAt || clock.GetElapsedTime(body.CompletedAt, waiter.CameAt).TotalMilliseconds < cacheMs);

    ScrapeStatus Collect(ScrapeBody? text, ScrapeBody? openMetrics)
    {
        try
        {
            var status = collect(text?.Plain, openMetrics?.Plain);
            if (status != ScrapeStatus.Ok) return status;
            if (text is { Plain.IsOverfull: true } || openMetrics is { Plain.IsOverfull: true }) return ScrapeStatus.TooLarge;
            // Said to be written, and nothing was: never an empty 200.
            return text is { Plain.Length: 0 } || openMetrics is { Plain.Length: 0 } ? ScrapeStatus.Failed : ScrapeStatus.Ok;
        }
        catch (Exception)
        {
            // The worker must outlive whatever it calls, or nobody would ever be served again. What happened, the collection has told.
            return ScrapeStatus.Failed;
        }
    }

    void Finish(ExpositionFormat format, ScrapeBody? body, ScrapeStatus status)
    {
        if (body is null) return;
        lock (_gate)
        {
            if (status != ScrapeStatus.Ok)
            {
                Release_NeedsLock(body);
                return;
            }

            body.CompletedAt = clock.GetTimestamp();
            if (_newest[(int)format] is { } before) Release_NeedsLock(before);
            // The worker's hold becomes that of the place.
            _newest[(int)format] = body;
        }
    }

    // Only the worker compresses, and only an answer that nobody can have been given compressed: its plain bytes stay as they are.
    void Compress(ExpositionFormat format)
    {
        ScrapeBody? body;
        lock (_gate)
        {
            body = Newest_NeedsLock(format);
            if (body is null || body.HasGzip || !_serving.Exists(waiter => waiter.Format == format && waiter.IsGzip && IsGoodFor(body, waiter))) return;
        }

        body.Compress();
        lock (_gate) body.HasGzip = true;
    }

    void EndServed(ScrapeStatus status)
    {
        lock (_gate)
        {
            foreach (var waiter in _serving) Serve_NeedsLock(waiter, status);
            _serving.Clear();
            // (4) Those who came meanwhile and need no more than there is now; the others move up.
            var left = 0;
            for (var i = 0; i < _waiting.Count; i++)
            {
                var waiter = _waiting[i];
                var body = Newest_NeedsLock(waiter.Format);
                if (IsGoodFor(body, waiter) && (body!.HasGzip || !waiter.IsGzip)) Serve_NeedsLock(waiter, status);
                else _waiting[left++] = waiter;
            }

            _waiting.RemoveRange(left, _waiting.Count - left);
        }
    }

    void Serve_NeedsLock(Waiter waiter, ScrapeStatus status)
    {
        if (waiter.IsEnded) return;
        if (Newest_NeedsLock(waiter.Format) is { } body && IsGoodFor(body, waiter))
        {
            body.Holds++;
            End_NeedsLock(waiter, new(ScrapeStatus.Ok, body));
            return;
        }

        End_NeedsLock(waiter, new(status == ScrapeStatus.Ok ? ScrapeStatus.Failed : status));
    }

    void Expire(Waiter waiter)
    {
        lock (_gate)
        {
            End_NeedsLock(waiter, new(ScrapeStatus.TimedOut));
            // A collection that hangs must not gather those who have given up on it.
            _waiting.Remove(waiter);
        }
    }

    static void End_NeedsLock(Waiter waiter, ScrapeOutcome outcome)
    {
        if (waiter.IsEnded) return;
        waiter.IsEnded = true;
        waiter.Timer?.Dispose();
        // Continuations run elsewhere: neither under the lock nor on this stack, however many there are.
        waiter.SetResult(outcome);
    }

    ScrapeBody? Newest_NeedsLock(ExpositionFormat format) => _newest[(int)format];

    ScrapeBody Rent()
    {
        lock (_gate)
        {
            if (!_spares.TryPop(out var body)) body = new(maxBytes);
            body.Clear();
            body.Holds = 1;
            return body;
        }
    }

    void Release_NeedsLock(ScrapeBody body)
    {
        Debug.Assert(body.Holds > 0, "Released more often than held.");
        if (--body.Holds == 0 && _spares.Count < MaxSpares) _spares.Push(body);
    }

    sealed class Waiter(ExpositionFormat format, bool isGzip, long cameAt)
        : TaskCompletionSource<ScrapeOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public ExpositionFormat Format => format;

        public bool IsGzip => isGzip;

        public long CameAt => cameAt;

        public bool IsEnded { get; set; }

        public ITimer? Timer { get; set; }
    }

    sealed record Expiry(ScrapeCoalescer Coalescer, Waiter Waiter)
    {
        public void Fire() => Coalescer.Expire(Waiter);
    }
}
