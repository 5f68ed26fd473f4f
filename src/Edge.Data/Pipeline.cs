namespace Edge.Data;

/// <summary>
/// Puts reads of different callers into one round trip: those of one query, since each query has a pipeline of its own.
///
/// <para>A read by key costs the database some microseconds, and both sides several times as much for sending, waking up and receiving. So a read
/// whose query is declared <see cref="SqlAttribute.Pipelined"/> does not take a connection for itself: (1) while fewer trips than
/// <c>lanes</c> are under way it leaves at once, alone, on its caller's thread; (2) otherwise it waits; (3) a trip that ends takes all that wait
/// by now with it, at most <see cref="MaxReadsPerTrip"/>, in the order of their coming. Nobody waits for others to come: with few callers it is as if there were no
/// pipeline, and the more there are, the less each costs. This is group commit, for reads.</para>
///
/// <para><b>Who is slow holds up few.</b> A read that waits for a lock keeps its trip, and so those who share it. They would wait for the same table: what else is
/// asked has other trips (Tried: one pipeline for all queries. A locked table then stopped the look-up of sessions.) Of the same query, (4) where some wait and
/// no trip has ended for <see cref="PatienceMs"/>, one more lane is opened, and again after as long. So it is too where the server is far away: as many trips
/// are under way as keep the reads moving. The pool bounds them. A lane that finds nobody waiting ends.</para>
///
/// <para>(5) Callers go on on threads of the pool, so that none of them holds up the next trip; where there is none, the last one goes on here, as after
/// any await. What became of a read, failures too, is noted on it by who makes the trip (<see cref="PipelinedRead"/>), which never throws.</para>
///
/// <para>Bounded: <see cref="MaxWaiting"/> reads wait, and whoever comes then goes its own way.</para>
/// </summary>
/// <param name="lanes">Trips at once while they move.</param>
/// <param name="go">Makes one trip for a chain of reads, which it has for itself. Ends when the connection is free again.</param>
internal sealed class Pipeline(int lanes, Func<PipelinedRead, Task> go, TimeProvider clock) : IDisposable
{
    /// <summary>Statements in one trip: what comes first is not to wait for too much of what comes after.</summary>
    public const int MaxReadsPerTrip = 32;

    /// <summary>Reads that wait for a lane.</summary>
    public const int MaxWaiting = 1024;

    /// <summary>Without the end of any trip, in milliseconds. Some ten times what a trip of reads by key takes.</summary>
    public const int PatienceMs = 20;

    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(PatienceMs);

    readonly Lock _gate = new();
    PipelinedRead? _first;
    PipelinedRead? _last;
    int _waiting;
    int _underWay;
    long _ended;
    long _endedBefore;
    ITimer? _watch;
    bool _isWatching;

    /// <summary>Reads that wait now, and trips under way.</summary>
    public (int Waiting, int UnderWay) State
    {
        get
        {
            lock (_gate)
                return (_waiting, _underWay);
        }
    }

    /// <summary>False: too many wait.</summary>
    public bool TryJoin(PipelinedRead read)
    {
        lock (_gate)
        {
            if (_underWay >= lanes)
            {
                // (2)
                if (_waiting == MaxWaiting)
                    return false;
                Append_NeedsLock(read);
                Watch_NeedsLock();
                return true;
            }
            _underWay++;
        }
        // (1)
        Begin(read);
        return true;
    }

    public void Dispose() => _watch?.Dispose();

    // Apart from whoever asks: a lane goes on for others, who have traces of their own.
    void Begin(PipelinedRead trip)
    {
        using var apart = Apart();
        _ = Run(trip);
    }

    static AsyncFlowControl? Apart() => ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();

    async Task Run(PipelinedRead trip)
    {
        while (true)
        {
            await go(trip);
            PipelinedRead? next;
            lock (_gate)
            {
                _ended++;
                next = Take_NeedsLock();
                if (next is null)
                    _underWay--;
            }
            // (5)
            PipelinedRead.Tell(trip, isLast: next is null);
            if (next is null)
                return;
            // (3)
            trip = next;
        }
    }

    void Append_NeedsLock(PipelinedRead read)
    {
        if (_last is null)
            _first = read;
        else
            _last.Next = read;
        _last = read;
        _waiting++;
    }

    /// <summary>Null: nobody waits.</summary>
    PipelinedRead? Take_NeedsLock()
    {
        if (_first is not { } first)
            return null;
        var last = first;
        _waiting--;
        for (var reads = 1; reads < MaxReadsPerTrip && last.Next is { } next; reads++)
        {
            last = next;
            _waiting--;
        }
        _first = last.Next;
        if (_first is null)
            _last = null;
        last.Next = null;
        return first;
    }

    void Watch_NeedsLock()
    {
        if (_isWatching)
            return;
        (_isWatching, _endedBefore) = (true, _ended);
        _watch ??= MakeWatch();
        _watch.Change(Patience, Patience);
    }

    ITimer MakeWatch()
    {
        using var apart = Apart();
        return clock.CreateTimer(static pipeline => ((Pipeline)pipeline!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    // (4)
    void Look()
    {
        PipelinedRead? stuck = null;
        lock (_gate)
        {
            if (_waiting == 0)
            {
                _isWatching = false;
                _watch!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
            else if (_ended == _endedBefore)
            {
                stuck = Take_NeedsLock();
                _underWay++;
            }
            _endedBefore = _ended;
        }
        if (stuck is not null)
            Begin(stuck);
    }
}
