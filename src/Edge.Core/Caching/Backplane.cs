using Edge.Core.Basics;
using Edge.Core.Caching.L2;

namespace Edge.Core.Caching;

/// <summary>
/// Keeps this instance's <see cref="Generations"/> in step with the others', and keeps a second level that is slow or gone from hurting.
///
/// <para><b>States.</b></para>
/// <code>
///   closed ──(1) connected ──► (2) compare everything ──► (3) tell what is pending ────────────► open
///     ▲                                                                                           │
///     └ link lost or made anew │ news missed │ calls fail in a row │ an invalidation failed │ memory lost ┘
/// </code>
/// <para>Closed, no request asks the second level: loads go to the origin, entries stay in this memory, invalidations work here and are
/// noted for later. Requests never probe; one loop does (1)–(3), with growing pauses, and its success opens. (3) gives back leases too that
/// could not be given back: those who wait for one would wait until it runs out. It is held to the deadline that requests have, so that a
/// second level that is too slow for them is not opened for them; nor is one that refuses what they write (a replica, a full memory), which
/// refuses (2), too; and one that is closed soon after for failed calls is opened after a pause. From (3) on, invalidations tell the others themselves.</para>
///
/// <para><b>Guarantees.</b> An invalidation moves this instance's places by what the second level says to have moved, in its answer or in the news of
/// it, whichever comes first, and so nothing that was read there before passes for newer. It moves them once: a move before that would leave
/// a second one, which makes invalid for nothing what was read in between, and where the origin fails at that moment there is nothing else to
/// serve (it cost some rows their answer for a whole outage). One that did not get through is repeated at (3), before anything is
/// read from the second level again: what is pending is a set of places, so it never outgrows their number. News is idempotent (a place
/// only grows), and numbered: a number that is not the next one means that some was missed, and everything is compared anew (2): what
/// has moved there moves here, hard places and soft ones, and nothing else does.</para>
///
/// <para><b>A second level that has gone back</b> (started from a dump, failed over to a replica that lagged) has forgotten invalidations, and has
/// the entries of before them. Whoever compares and knows more than it does, a place, the version or a later epoch, ends its epoch: with that all
/// it has is dead, what is in memory is suspect everywhere, and those who are connected hear of it. However many find it out, it is done once.
/// Hence (2) comes before (3): moved on by what is pending, it would look as if nothing were missing. An invalidation that reaches it before
/// this instance has noticed that its link was made anew is answered with too low a version: it has not got through, and ends the epoch, too.
/// Until one who knows more has compared, within a moment of the link's return, others may take what it has for current. Lost for good is what
/// nobody who still runs had heard of, and what one who had not heard of it has moved again, as often, before one who had has compared.</para>
///
/// <para><b>A change that all instances hear of</b> is told by one of them: see <see cref="ToldChanges"/>.</para>
///
/// <para><b>Cut off</b>, an instance cannot hear of invalidations. So every <c>cutOffMs</c> all it has becomes suspect: the next reader of
/// an entry has it loaded anew, and gets the old one only where the origin is slow or fails. The age of missed news is bounded by that
/// plus the time that it takes to notice the cut, whatever the durations of the entries.</para>
/// </summary>
internal sealed partial class Backplane : IAsyncDisposable
{
    /// <summary>Calls that fail in a row before the second level is closed.</summary>
    public const int FailuresToClose = 5;

    /// <summary>Of one call.</summary>
    const int MostPlaces = 500;

    /// <summary>Leases that are noted to be given back; the oldest are left to run out.</summary>
    const int MaxLeases = 1_000;

    const int FirstPauseMs = 100;
    const int LongestPauseMs = 3_000;

    /// <summary>Who stays open for so long begins with the shortest pause again.</summary>
    const int StableMs = 20_000;

    const long NothingSeen = -1;

    // Comparing everything moves up to a megabyte: it gets more time than an entry.
    const int CompareTimeouts = 4;

    /// <summary>A lease that nobody has: to give it back changes nothing, and takes as long as what requests ask.</summary>
    static readonly (string Key, string Token) Probe = ("", "probe");

    static readonly int[] AllSoft = [Generations.Everything + 1];

    readonly ISecondLevel _store;
    readonly Generations _generations;
    readonly BackplaneOptions _options;
    readonly TimeProvider _clock;
    readonly RandomSource _random;
    readonly CancellationTokenSource _stopping = new();
    readonly ITimer _cutOff;
    readonly ToldChanges _told;
    readonly TaskScheduler _scheduler;
    Task _loops = Task.CompletedTask;
    readonly Lock _gate = new();
    // Guarded by the lock.
    HashSet<int> _pending = [];
    readonly Queue<(string Key, string Token)> _leases = new();
    TaskCompletionSource _wanted = NewSignal();
    bool _isConnected;
    bool _isAiling;
    long _seen;
    // Read without it.
    volatile bool _isOpen;
    volatile bool _isOpening;
    int _failuresInRow;
    long _calls, _failures, _closings, _gaps, _memoryLost, _news;

    /// <param name="scheduler">Where the loops run: tests step through them.</param>
    public Backplane(ISecondLevel store, Generations generations, BackplaneOptions options, TimeProvider clock, RandomSource random, TaskScheduler scheduler)
    {
        (_store, _generations, _options, _clock, _random, _scheduler) = (store, generations, options, clock, random, scheduler);
        _told = new(clock, new(random.NextUInt64()), Flight.WakingOn(scheduler));
        var cutOff = TimeSpan.FromMilliseconds(options.CutOffMs);
        _cutOff = clock.CreateTimer(static self => ((Backplane)self!).SuspectWhileClosed(), this, cutOff, cutOff);
    }

    /// <summary>Begins to listen, once it is known who is to be told.</summary>
    public void Start()
    {
        using (ExecutionContext.SuppressFlow())
            _loops = Task.WhenAll(
                Task.Factory.StartNew(Listen, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap(),
                Task.Factory.StartNew(Recover, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap());
    }

    /// <summary>The lease of a key was given back. Null: whoever waits for such news must not wait any longer.</summary>
    public Action<string?> Filled { get; init; } = static _ => { };

    /// <summary>Another instance has invalidated everything.</summary>
    public Action Cleared { get; init; } = static () => { };

    /// <summary>It was opened (null) or closed (why, for the log).</summary>
    public Action<string?> Turned { get; init; } = static _ => { };

    /// <summary>False: the second level is not to be asked.</summary>
    public bool IsOpen => _isOpen;

    public BackplaneState State()
    {
        int pending;
        lock (_gate)
            pending = _pending.Count;
        return new(
            _isOpen, pending, Interlocked.Read(ref _calls), Interlocked.Read(ref _failures), Interlocked.Read(ref _closings),
            Interlocked.Read(ref _gaps), Interlocked.Read(ref _memoryLost), Interlocked.Read(ref _news));
    }

    /// <summary>A request's call, whose outcome is evidence of the second level's health. Null: it failed.</summary>
    public async ValueTask<T?> Call<TState, T>(TState state, Func<ISecondLevel, TState, int, ValueTask<L2Result<T>>> call)
        where T : struct
    {
        Interlocked.Increment(ref _calls);
        var result = await call(_store, state, _options.TimeoutMs);
        if (result.IsOk)
        {
            // A lease that was not held was only looked at, which a second level that refuses writes does, too.
            if (result.Value is not false)
                Volatile.Write(ref _failuresInRow, 0);
            return result.Value;
        }
        Interlocked.Increment(ref _failures);
        if (Interlocked.Increment(ref _failuresInRow) == FailuresToClose)
            Close(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{FailuresToClose} calls in a row failed, the last: {result.Failure}"), isAiling: true);
        return null;
    }

    /// <summary>
    /// Moves places here and everywhere. False: only here so far; the others hear of it when the second level can be reached again.
    /// </summary>
    public async ValueTask<bool> Invalidate(int[] places, string? changeId)
    {
        var (name, told) = (changeId, _isOpen && changeId is not null ? await _told.WaitFor(changeId) : null);
        if (AreAllIn(told, places))
            return true;
        // Told, but not for all of ours: its name would count once, and has.
        if (told is not null)
            name = null;
        var isAsked = _isOpen || _isOpening;
        var known = _generations.KnownPosition();
        if (isAsked && await Call((places, name), static (store, asked, timeoutMs) => store.Invalidate(asked.places, asked.name, timeoutMs)) is { } moved
            && !_generations.HasFoundGoneBack(moved, known))
        {
            // Where the answer moves nothing its news has been quicker, or it is from a copy that knew less than is known here: only a name tells which.
            if (!(_generations.TryHear(moved, out var haveMoved) && haveMoved) && !(name is not null && AreAllIn(_told.MovedBy(name), places)))
                _generations.Move(places);
            if (name is not null)
                _told.Answered(moved.IsRepeat);
            return true;
        }
        // Closed before they move: whoever notes the generations after that finds it closed, and whoever did before is refused.
        if (isAsked || !TryAddPending(places))
            Close("an invalidation did not get through", places, isAiling: isAsked);
        _generations.Move(places);
        return false;
    }

    /// <summary>False: it is being opened or open, so that nobody would tell them.</summary>
    bool TryAddPending(int[] places)
    {
        lock (_gate)
        {
            if (!_isOpen && !_isOpening)
                _pending.UnionWith(places);
            return !_isOpen && !_isOpening;
        }
    }

    static bool AreAllIn(int[]? moved, int[] places) => moved is not null && Array.TrueForAll(places, place => Array.IndexOf(moved, place) >= 0);

    /// <summary>Gives back a lease, now or when the second level is opened again.</summary>
    public async ValueTask Release(string key, string token)
    {
        if (!_isOpen || await Call((key, token), static (store, lease, timeoutMs) => store.Release(lease.key, lease.token, timeoutMs)) is null)
            ReleaseLater(key, token);
    }

    public void ReleaseLater(string key, string token)
    {
        lock (_gate)
        {
            if (_leases.Count == MaxLeases)
                _leases.Dequeue();
            _leases.Enqueue((key, token));
        }
    }

    /// <summary>A call has been answered. Emptied without a link that broke, the second level shows another life here, and nobody else tells.</summary>
    public void Met(L2Position position)
    {
        if (!_generations.IsOfKnownLife(position))
            Close("the second level has forgotten everything");
    }

    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        await _cutOff.DisposeAsync();
        lock (_gate)
            _wanted.TrySetResult();
        await _loops;
        _stopping.Dispose();
    }

    void Close(string why, ReadOnlySpan<int> pending = default, bool? isConnected = null, bool isAiling = false)
    {
        bool wasOpen;
        lock (_gate)
        {
            foreach (var place in pending)
                _pending.Add(place);
            _isConnected = isConnected ?? _isConnected;
            wasOpen = _isOpen;
            // What is connected anew deserves a new start.
            _isAiling = isAiling || (_isAiling && isConnected is null);
            (_isOpen, _isOpening) = (false, false);
            _closings++;
            _wanted.TrySetResult();
        }
        if (!wasOpen)
            return;
        Filled(null);
        Turned(why);
    }

    void SuspectWhileClosed()
    {
        if (!_isOpen)
            _generations.Move(AllSoft);
    }

    async Task Listen()
    {
        try
        {
            await foreach (var news in _store.Listen(_stopping.Token))
                Hear(news);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end.
        }
    }

    void Hear(L2Event news)
    {
        switch (news.Kind)
        {
            case L2EventKind.Connected:
                // (1)
                lock (_gate)
                    _seen = NothingSeen;
                Close("connected anew", isConnected: true);
                break;
            case L2EventKind.Lost:
                Close("the link was lost", isConnected: false);
                break;
            case L2EventKind.Filled:
                Filled(news.Key);
                break;
            case L2EventKind.Invalidated:
                Interlocked.Increment(ref _news);
                var isKnownLife = _generations.TryHear(news.Moved, out var haveMoved);
                if (haveMoved && news.ChangeId is { } change)
                    _told.Tell(change, news.Moved.Places);
                if (!isKnownLife || !IsNext(news.Moved.Position.Version))
                {
                    Interlocked.Increment(ref _gaps);
                    Close("news was missed");
                }
                else if (Array.IndexOf(news.Moved.Places, Generations.Everything) >= 0)
                    Cleared();
                break;
        }
    }

    bool IsNext(long version)
    {
        lock (_gate)
        {
            // The first after a connection may be any: what came before it is found by comparing. News older than the comparison is still under way.
            var isNext = _seen == NothingSeen || version <= _seen + 1;
            _seen = Math.Max(_seen, version);
            return isNext;
        }
    }

    // Who waits must not run on the thread of who signals, which may hold the lock.
    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
