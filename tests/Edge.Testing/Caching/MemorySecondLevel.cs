using Edge.Core.Caching.L2;

namespace Edge.Testing.Caching;

/// <summary>
/// The second level as a dictionary: the model that the engine is tested on, and that the adapter for Redis is held against by one
/// suite. Each instance of the service speaks to it by a <see cref="MemoryLink"/> of its own. Thread-safe; nothing here waits.
/// </summary>
/// <param name="clock">The store's clock, and that of its links' deadlines.</param>
public sealed class MemorySecondLevel(TimeProvider clock)
{
    const long ChangeIsKnownMs = 60_000;

    readonly List<MemoryLink> _links = [];
    Dictionary<int, uint> _generations = [];
    Dictionary<string, Kept> _entries = [];
    Dictionary<string, Lease> _leases = [];
    Dictionary<string, long> _changesUntilMs = [];
    int _lives = 1;
    int _life = 1;
    long _version;
    Action _load = static () => { };

    sealed record Kept(int[] Places, uint[] At, byte[] Bytes, long LoadedAtMs, long FreshUntilMs, long KeptUntilMs);

    sealed class Lease(string token, long untilMs)
    {
        public string Token => token;

        public long UntilMs => untilMs;

        public bool IsWaitedFor { get; set; }
    }

    internal Lock Gate { get; } = new();

    internal TimeProvider Clock => clock;

    long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    L2Position Position => new($"life-{_life:d6}", _version);

    /// <param name="name">Whose link it is, for the texts of failures.</param>
    public MemoryLink Connect(string name)
    {
        var link = new MemoryLink(this, name);
        lock (Gate) _links.Add(link);
        return link;
    }

    /// <summary>All is gone and another epoch begins; the links stand and nobody is told: FLUSHALL.</summary>
    public void Forget()
    {
        lock (Gate)
        {
            BeginLife();
            _leases.Clear();
            _changesUntilMs.Clear();
        }
    }

    /// <summary>Killed and started again, empty: as <see cref="Forget"/>, and every link that stood breaks and is made again.</summary>
    public void Restart()
    {
        lock (Gate)
        {
            Forget();
            Reconnect();
        }
    }

    /// <summary>What it has now is what it will have after the next <see cref="Rewind"/>: a dump.</summary>
    public void Save()
    {
        lock (Gate)
        {
            var (life, version) = (_life, _version);
            var (generations, entries, leases, changes) = (Copy(_generations), Copy(_entries), Copy(_leases), Copy(_changesUntilMs));
            _load = () =>
            {
                (_life, _version) = (life, version);
                (_generations, _entries, _leases, _changesUntilMs) = (Copy(generations), Copy(entries), Copy(leases), Copy(changes));
            };
        }
    }

    /// <summary>Killed and started again as it was at the last <see cref="Save"/>, or empty where there was none; every link that stood is made again.</summary>
    public void Rewind()
    {
        lock (Gate)
        {
            Forget();
            _load();
            Reconnect();
        }
    }

    void Reconnect()
    {
        foreach (var link in _links.Where(static link => !link.IsCut))
        {
            link.Cut();
            link.Heal();
        }
    }

    void BeginLife()
    {
        _life = ++_lives;
        _version = 0;
        _generations.Clear();
        _entries.Clear();
    }

    internal L2Fetch Fetch(string key, int[] places, L2Wish wish)
    {
        var kept = _entries.GetValueOrDefault(key);
        if (kept is not null && !MayBeUsed(kept, places)) kept = null;
        var isSuspect = kept is not null && HasMoved(kept, isSoft: true);
        var freshMs = kept is null ? 0 : kept.FreshUntilMs - NowMs;

        var lease = L2Lease.NotNeeded;
        var waitMs = 0;
        if (wish.Token is not null && (kept is null || isSuspect || freshMs <= wish.FreshForMs))
        {
            if (Held(key) is { } held)
            {
                held.IsWaitedFor = true;
                lease = L2Lease.Refused;
                waitMs = (int)(held.UntilMs - NowMs);
            }
            else
            {
                _leases[key] = new(wish.Token, NowMs + Math.Max(1, wish.LeaseMs));
                lease = L2Lease.Granted;
            }
        }

        var ageMs = kept is null ? 0 : Math.Max(0, NowMs - kept.LoadedAtMs);
        return new(Position, Stand(places), kept?.Bytes.ToArray(), isSuspect, ageMs, freshMs, lease, waitMs);
    }

    internal L2Stored Store(L2Entry entry)
    {
        var isHeld = entry.Token is not null && Held(entry.Key)?.Token == entry.Token;
        var outcome =
            entry.Epoch != Position.Epoch || !entry.At.AsSpan().SequenceEqual(Stand(entry.Places)) ? L2Stored.Outdated
            : entry.Token is not null && !isHeld ? L2Stored.LeaseLost
            : L2Stored.Stored;
        if (outcome == L2Stored.Stored)
        {
            var nowMs = NowMs;
            _entries[entry.Key] = new(
                [.. entry.Places], [.. entry.At], entry.Bytes.ToArray(), nowMs - InRange(entry.AgeMs), nowMs + InRange(entry.FreshMs),
                nowMs + Math.Max(1, InRange(entry.KeepMs)));
        }
        if (isHeld) GiveBack(entry.Key);
        return outcome;
    }

    internal bool Release(string key, string token)
    {
        if (Held(key)?.Token != token) return false;
        GiveBack(key);
        return true;
    }

    internal L2Generations Invalidate(int[] places, string? changeId)
    {
        if (changeId is not null)
        {
            if (_changesUntilMs.TryGetValue(changeId, out var untilMs) && NowMs < untilMs) return new(Position, places, Stand(places), IsRepeat: true);
            _changesUntilMs[changeId] = NowMs + ChangeIsKnownMs;
        }
        _version++;
        foreach (var place in places) _generations[place] = _generations.GetValueOrDefault(place) + 1;
        var moved = new L2Generations(Position, [.. places], Stand(places));
        Tell(new(L2EventKind.Invalidated, moved, ChangeId: changeId));
        return moved;
    }

    internal L2Generations ReadGenerations() => new(Position, [.. _generations.Keys], [.. _generations.Values]);

    internal L2Generations EndEpoch(string seen)
    {
        if (seen == Position.Epoch)
        {
            BeginLife();
            Tell(new(L2EventKind.Invalidated, new(Position, [], [])));
        }
        return ReadGenerations();
    }

    uint[] Stand(int[] places) => [.. places.Select(place => _generations.GetValueOrDefault(place))];

    // What an entry was stored with says nothing of other places: another build of the service, which knows other tags, must load it.
    bool MayBeUsed(Kept kept, int[] places) =>
        NowMs < kept.KeptUntilMs && kept.Places.AsSpan().SequenceEqual(places) && !HasMoved(kept, isSoft: false);

    bool HasMoved(Kept kept, bool isSoft) => kept.Places
        .Zip(kept.At)
        .Any(stored => stored.First % 2 == (isSoft ? 1 : 0) && _generations.GetValueOrDefault(stored.First) != stored.Second);

    Lease? Held(string key) => _leases.TryGetValue(key, out var lease) && NowMs < lease.UntilMs ? lease : null;

    void GiveBack(string key)
    {
        _leases.Remove(key, out var lease);
        if (lease!.IsWaitedFor) Tell(new(L2EventKind.Filled, Key: key));
    }

    void Tell(L2Event news)
    {
        foreach (var link in _links) link.Tell(news);
    }

    static Dictionary<TKey, TValue> Copy<TKey, TValue>(Dictionary<TKey, TValue> of)
        where TKey : notnull => new(of);

    // So that "for ever" can be added to a time.
    static long InRange(long ms) => Math.Clamp(ms, -(1L << 50), 1L << 50);
}
