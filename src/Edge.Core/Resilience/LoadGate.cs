using Edge.Core.Basics;

namespace Edge.Core.Resilience;

/// <summary>
/// The door that work goes through: as much at once as the service can do (<see cref="AdaptiveCap"/>), a short wait for what comes on top, and a
/// quick no for the rest. Beyond the knee a service without such a door does ever less that is of use: all that comes waits for all that came
/// before, until clients have given up on what is then done for them.
///
/// <para><b>What is work?</b> A handler, or a load of the cache: something that asks the database. It takes a permit for just that, not while it
/// reads a body or sends an answer: clients decide how long these take, and a few slow ones would hold all permits. Hits of the cache
/// take none, since they cost less than to refuse them would; nor does what has a bounded line of its own and may stay in it for seconds (hashes of
/// passwords, exports), which would fill the cap with waiting and tell nothing of how loaded the service is.</para>
///
/// <para><b>In</b>, as numbered in the code:
/// (1) below the cap, and nobody waiting: one compare-and-swap;
/// (2) otherwise a place in the queue of its class. The most critical goes first; sheddable work may use three quarters of the cap, so that
/// there is room for others at once, and critical work a reserve above it;
/// (3) no place: the oldest of a less critical class goes in its stead, or it is refused.
/// </para>
///
/// <para><b>How long it may wait.</b> A burst is worth waiting for: it goes by. There it is first come, first served, for up to
/// <see cref="LoadGateOptions.QueueMs"/>. A queue that has not been empty for that long is no burst: whoever waits in it only makes the next one wait. From then on the
/// newest goes first (its client is still there), none waits longer than a tenth of that, and sheddable work is refused at once. This is the
/// controlled delay and adaptive LIFO of Maurer, "Fail at scale" (ACM Queue, 2015), after CoDel.</para>
///
/// <para><b>Out</b>, as numbered in the code: (4) how long it took is recorded, unless it failed quickly, which tells nothing; (5) the place goes to who
/// waits; (6) now and then a window ends and the cap is found anew, by whoever comes by. A waiter enters the line before it looks for a place once
/// more, and who leaves gives its place back before it looks for waiters: one of the two sees the other.</para>
///
/// <para><b>Threads that are behind.</b> Hits alone can take the whole processor; then no cap is full, and everything waits in the pool of
/// threads before it gets here. So a probe measures that wait (<see cref="Observe"/>). Where it was above the short budget for four looks, sheddable work
/// is refused, and of normal work a part that grows as long as that goes on: (7). A part, since all or nothing would swing between the
/// two.</para>
///
/// <para>Far from the cap nothing here is locked and nothing is allocated.</para>
/// </summary>
public sealed class LoadGate : IDisposable
{
    /// <summary>Ended work that a window needs, unless it is <see cref="LongWindowNs"/> old.</summary>
    const int EnoughDone = 32;

    const long LongWindowNs = 2_000_000_000;

    /// <summary>Sheddable work leaves this part of the cap free, critical work may exceed the cap by it.</summary>
    const int ReservePart = 4;

    const int LooksPerStep = 4;

    /// <summary>Of a thousand normal ones, so many more are refused per step while threads are behind, and half as many fewer per step when they are not.</summary>
    const int StepPermille = 100;

    /// <summary>The part of normal work that is always let in: something has to be tried.</summary>
    const int KeptPermille = 50;

    readonly LoadGateOptions _options;
    readonly TimeProvider _clock;
    readonly long _startedAt;
    readonly double _nsPerTick;
    readonly ITimer _sweep;
    readonly long[] _shed = new long[3 * 3];
    readonly long[] _waited = new long[3];
    int _inFlight;
    int _waiting;
    int _cap;
    long _windowEndNs;
    volatile int _refusedPermille;
    volatile bool _isStanding;
    volatile bool _wasFull;
    long _dice;

    // Guards everything below.
    readonly Lock _lock = new();
    readonly WaitingLine _line;
    readonly AdaptiveCap _adaptive;
    WorkKind[] _kinds = [];
    long _windowSinceNs;
    long _queueSinceNs;
    bool _isSweeping;
    long _refusedAllNs = long.MinValue / 2;
    long _waitedNs;
    long _left;
    double _leastBehindMs = double.MaxValue;
    double _behindMs;
    int _looks;

    public LoadGate(LoadGateOptions options, TimeProvider clock, RandomSource random)
    {
        (_options, _clock) = (options, clock);
        _startedAt = clock.GetTimestamp();
        _nsPerTick = 1e9 / clock.TimestampFrequency;
        _line = new(options.Places);
        _adaptive = new(options, random);
        _cap = _adaptive.Cap;
        _windowEndNs = options.WindowMs * 1_000_000L;
        _sweep = clock.CreateTimer(static self => ((LoadGate)self!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How much may be under way at once, by the class.</summary>
    public int LimitOf(Criticality criticality)
    {
        var cap = Volatile.Read(ref _cap);
        return criticality switch
        {
            Criticality.Critical => cap + Math.Max(1, cap / ReservePart),
            Criticality.Sheddable => cap - (cap / ReservePart),
            _ => cap,
        };
    }

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Nanoseconds since this gate was made.</summary>
    public long NowNs => (long)((_clock.GetTimestamp() - _startedAt) * _nsPerTick);

    /// <summary>Made once per kind of work, which is told by it from then on.</summary>
    public WorkKind KindOf(Criticality criticality)
    {
        var kind = new WorkKind(criticality);
        lock (_lock)
            _kinds = [.. _kinds, kind];
        return kind;
    }

    /// <summary>
    /// Whether it makes sense to begin, before anything has been spent on it. False: it is shed, and was counted. What takes no permit asks
    /// only this.
    /// </summary>
    public bool Admits(WorkKind kind)
    {
        var reason = ReasonAgainst(kind.Criticality);
        if (reason is null)
            return true;
        CountShed(kind.Criticality, reason.Value);
        return false;
    }

    /// <summary>Completes at once unless there is a queue.</summary>
    /// <returns>True: a permit, to be given back. False: the work is shed.</returns>
    /// <exception cref="OperationCanceledException">The client has gone while it waited; its place was given back.</exception>
    public ValueTask<bool> Enter(WorkKind kind, CancellationToken cancelled)
    {
        // (1)
        if (Volatile.Read(ref _waiting) == 0 && TryTake(kind.Criticality))
            return new(true);
        return Queue(kind, cancelled) is { } waiter ? Wait(waiter, cancelled) : new(false);
    }

    /// <summary>Gives a permit back: once for each that was granted.</summary>
    /// <param name="sinceNs"><see cref="NowNs"/> at its beginning.</param>
    /// <param name="isDone">False: it failed, or nobody waited for it any more.</param>
    public void Leave(WorkKind kind, long sinceNs, bool isDone)
    {
        var nowNs = NowNs;
        // (4)
        var tookNs = nowNs - sinceNs;
        if (isDone || tookNs > kind.BaselineNs)
            kind.Record(tookNs);
        // (5)
        Interlocked.Decrement(ref _inFlight);
        if (Volatile.Read(ref _waiting) > 0)
            lock (_lock)
                ServeLine(nowNs);
        // (6)
        if (nowNs >= Volatile.Read(ref _windowEndNs))
            lock (_lock)
                CloseWindow(nowNs);
    }

    /// <summary>Tells how long an item of work has just waited for a thread, in milliseconds. Four or so times per <see cref="LoadGateOptions.WindowMs"/>.</summary>
    public void Observe(double behindMs)
    {
        lock (_lock)
        {
            _behindMs = behindMs;
            // The least of a few: a collection of garbage is no overload.
            _leastBehindMs = Math.Min(_leastBehindMs, behindMs);
            if (++_looks < LooksPerStep)
                return;
            // (7)
            _refusedPermille = _leastBehindMs * 1e6 >= _options.StandingBudgetNs
                ? Math.Min(1000 - KeptPermille, _refusedPermille + StepPermille)
                : Math.Max(0, _refusedPermille - (StepPermille / 2));
            (_leastBehindMs, _looks) = (double.MaxValue, 0);
        }
    }

    /// <summary>How much was refused since the start.</summary>
    public long Shed
    {
        get
        {
            var sum = 0L;
            for (var i = 0; i < _shed.Length; i++)
                sum += Interlocked.Read(ref _shed[i]);
            return sum;
        }
    }

    public LoadStatistics Statistics()
    {
        lock (_lock)
        {
            var waited = _waited[0] + _waited[1] + _waited[2];
            return new()
            {
                Cap = _adaptive.Cap, InFlight = InFlight, Waiting = _line.Count, Stretch = _adaptive.Stretch, IsStanding = _isStanding,
                WaitMs = waited == 0 ? 0 : _waitedNs / 1e6 / waited, ThreadsMs = _behindMs, Refusing = _refusedPermille / 1000.0, Left = _left,
                Critical = Of(Criticality.Critical), Normal = Of(Criticality.Normal), Sheddable = Of(Criticality.Sheddable),
            };
        }
    }

    public void Dispose() => _sweep.Dispose();

    ClassStatistics Of(Criticality criticality)
    {
        var (done, c) = (0L, (int)criticality);
        foreach (var kind in _kinds)
            if (kind.Criticality == criticality)
                done += kind.Done;
        return new()
        {
            Done = done, Waited = _waited[c], ShedWaited = ShedFor(ShedReason.Waited), ShedFull = ShedFor(ShedReason.Full), ShedThreads = ShedFor(ShedReason.Threads),
        };

        long ShedFor(ShedReason reason) => Interlocked.Read(ref _shed[(3 * c) + (int)reason]);
    }

    ShedReason? ReasonAgainst(Criticality criticality)
    {
        if (criticality == Criticality.Critical)
            return null;
        if (criticality == Criticality.Sheddable && _isStanding)
            return ShedReason.Full;
        var refused = _refusedPermille;
        // Spread evenly, without a source of randomness that all threads would share.
        return refused > 0 && (criticality == Criticality.Sheddable || RandomSource.Mix((ulong)Interlocked.Increment(ref _dice)) % 1000 < (ulong)refused) ? ShedReason.Threads : null;
    }

    bool TryTake(Criticality criticality)
    {
        var limit = LimitOf(criticality);
        for (var seen = Volatile.Read(ref _inFlight); seen < limit;)
        {
            var found = Interlocked.CompareExchange(ref _inFlight, seen + 1, seen);
            if (found == seen)
                return true;
            seen = found;
        }
        return false;
    }

    /// <summary>Null: it is shed.</summary>
    Waiter? Queue(WorkKind kind, CancellationToken cancelled)
    {
        cancelled.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var nowNs = NowNs;
            RefuseLate(nowNs);
            _wasFull = true;
            var waiter = new Waiter(this, kind, nowNs);
            if (!_line.HasAtLeast(kind.Criticality) && TryTake(kind.Criticality))
            {
                waiter.Grant();
                return waiter;
            }
            // (3)
            Waiter? evicted = null;
            if ((_isStanding && kind.Criticality == Criticality.Sheddable) || !_line.TryAdd(waiter, _isStanding, out evicted))
            {
                CountShed(kind.Criticality, ShedReason.Full);
                return null;
            }
            // (2)
            if (evicted is not null)
                Refuse(evicted, ShedReason.Full);
            if (_line.Count == 1 && evicted is null)
            {
                if (nowNs - _refusedAllNs > _options.StandingBudgetNs)
                    _queueSinceNs = nowNs;
                var tick = TimeSpan.FromMilliseconds(Math.Max(5, _options.QueueMs / 20));
                _isSweeping = _sweep.Change(tick, tick);
            }
            Volatile.Write(ref _waiting, _line.Count);
            // Here too: somebody may have left between our look and our place in the line.
            Interlocked.MemoryBarrier();
            GrantAll(nowNs);
            return waiter;
        }
    }

    static ValueTask<bool> Wait(Waiter waiter, CancellationToken cancelled)
    {
        if (!waiter.Turn.IsCompleted && cancelled.CanBeCanceled)
            waiter.NoticeLeaving(cancelled.UnsafeRegister(static (waiter, cancelled) => ((Waiter)waiter!).Gate.GiveUp((Waiter)waiter, cancelled), waiter));
        return new(waiter.Turn);
    }

    void GiveUp(Waiter waiter, CancellationToken cancelled)
    {
        lock (_lock)
        {
            if (!_line.Remove(waiter))
                return; // it has its permit, or its refusal
            _left++;
            waiter.Cancel(cancelled);
            Settle();
        }
    }

    void Sweep()
    {
        lock (_lock)
            ServeLine(NowNs);
    }

    void ServeLine(long nowNs)
    {
        RefuseLate(nowNs);
        GrantAll(nowNs);
    }

    void RefuseLate(long nowNs)
    {
        _isStanding = _line.Count > 0 && nowNs - _queueSinceNs >= _options.BurstBudgetNs;
        var sinceNs = nowNs - (_isStanding ? _options.StandingBudgetNs : _options.BurstBudgetNs);
        while (_line.WaitingSinceBefore(sinceNs) is { } late)
        {
            _line.Remove(late);
            Refuse(late, ShedReason.Waited);
            // A line that has become empty because nobody in it was served is no end of the queue.
            if (_line.Count == 0)
                _refusedAllNs = nowNs;
        }
        Settle();
    }

    void GrantAll(long nowNs)
    {
        while (_line.Next(_isStanding) is { } waiter && TryTake(waiter.Kind.Criticality))
        {
            _line.Remove(waiter);
            _waited[(int)waiter.Kind.Criticality]++;
            _waitedNs += nowNs - waiter.SinceNs;
            waiter.Grant();
        }
        Settle();
    }

    /// <summary>After the line has become shorter.</summary>
    void Settle()
    {
        Volatile.Write(ref _waiting, _line.Count);
        if (_line.Count > 0)
            return;
        _isStanding = false;
        if (_isSweeping)
            _isSweeping = !_sweep.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    void CloseWindow(long nowNs)
    {
        if (nowNs < _windowEndNs)
            return;
        var done = 0L;
        foreach (var kind in _kinds)
            done += kind.Pending;
        var windowNs = nowNs - _windowSinceNs;
        if (done < EnoughDone && windowNs < LongWindowNs)
        {
            Volatile.Write(ref _windowEndNs, nowNs + (_options.WindowMs * 250_000L));
            return;
        }
        foreach (var kind in _kinds)
            kind.Take();
        var wasFull = _wasFull;
        _wasFull = _line.Count > 0;
        _adaptive.Close(nowNs, windowNs, wasFull, _kinds);
        Volatile.Write(ref _cap, _adaptive.Cap);
        _windowSinceNs = nowNs;
        Volatile.Write(ref _windowEndNs, nowNs + (_options.WindowMs * 1_000_000L));
        GrantAll(nowNs);
    }

    void Refuse(Waiter waiter, ShedReason reason)
    {
        CountShed(waiter.Kind.Criticality, reason);
        waiter.Refuse();
    }

    void CountShed(Criticality criticality, ShedReason reason) => Interlocked.Increment(ref _shed[(3 * (int)criticality) + (int)reason]);
}
