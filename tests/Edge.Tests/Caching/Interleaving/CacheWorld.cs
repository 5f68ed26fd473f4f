using System.Runtime.CompilerServices;
using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Core.Caching.L2;
using Edge.Testing.Caching;
using Edge.Tests.Basics;

namespace Edge.Tests.Caching.Interleaving;

/// <summary>
/// Several engines, the second level that they share, and an origin, under one schedule. Says of each read whether it was older than it may
/// be. What it may be:
/// <list type="bullet">
/// <item>Once an invalidation has returned, no read that starts later on the same engine yields what was in the origin before that invalidation began.</item>
/// <item>Nor does one on another engine that has taken in the news of it, or has been connected anew since.</item>
/// <item>An engine that knows itself cut off for longer than CutOffMs yields nothing older than that.</item>
/// <item>All that holds of a second level that goes back to a dump, too, from when an engine has compared that knew what was forgotten.</item>
/// </list>
/// </summary>
sealed class CacheWorld : IDisposable
{
    const int CutOffMs = 1_000;

    // A stale entry is never taken for want of patience here, so that a read of something suspect must be a load.
    static readonly CachePolicy Policy = new()
    {
        Name = "world", DurationMs = 400, RevalidateMs = 0, SoftTimeoutMs = 1_000_000, LoadTimeoutMs = 20_000, NegativeMs = 100, RetryAfterMs = 0, EarlyRefresh = 2,
    };

    static readonly CacheKind<int> Kind = new(Policy, new NumberCodec());

    readonly Sabotage _sabotage;
    readonly FakeTime _time = new();
    readonly RandomSource _choices;
    readonly SteppedScheduler _scheduler;
    readonly MemorySecondLevel _store;
    readonly MemoryLink _observer;
    readonly Node[] _nodes;
    readonly List<Task> _operations = [];
    readonly List<(long AtMs, int Version)> _writes = [(0, 0)];
    int _version;
    int _changes;

    public CacheWorld(int nodes, ulong seed, Sabotage sabotage = Sabotage.None)
    {
        _sabotage = sabotage;
        _choices = new(seed);
        _scheduler = new(_choices);
        _store = new(_time);
        _observer = _store.Connect("observer");
        _nodes = new Node[nodes];
        for (var i = 0; i < nodes; i++)
            _nodes[i] = new(this, $"node {i}", seed + (ulong)i);
    }

    /// <summary>What went wrong first, in words.</summary>
    public string? Fault { get; private set; }

    public int Reads { get; private set; }

    long NowMs => (long)(_time.GetUtcNow() - FakeTime.Start).TotalMilliseconds;

    /// <summary>Plays operations, interleaved by the seed, until all have ended and the engines have come to rest.</summary>
    public void Play(IReadOnlyList<Operation> operations) => _scheduler.Run(() => PlayAll(operations));

    void PlayAll(IReadOnlyList<Operation> operations)
    {
        Settle();
        _store.Save();
        foreach (var operation in operations)
        {
            var node = _nodes[operation.Node % _nodes.Length];
            switch (operation.Kind)
            {
                case OperationKind.Read: Begin(() => node.Read(operation.Key)); break;
                case OperationKind.ReadAll: Begin(node.ReadAll); break;
                case OperationKind.Write: Begin(() => node.Write(operation.Key)); break;
                case OperationKind.WriteOutside: Outside(); break;
                case OperationKind.Expire: Begin(node.Expire); break;
                case OperationKind.Cut: node.Link.Cut(operation.Key == 1); break;
                case OperationKind.Heal: node.Link.Heal(); break;
                case OperationKind.Forget: _store.Forget(); break;
                case OperationKind.Restart: _store.Restart(); break;
                case OperationKind.Save: _store.Save(); break;
                case OperationKind.Rewind: Rewind(node, hasHeard: operation.Key > 0); break;
                case OperationKind.Wait: Pass(operation.Key * 150); break;
                case OperationKind.Rest: Rest(); break;
            }
            for (var steps = _choices.Next(12); steps > 0 && _scheduler.Ready > 0 && Fault is null; steps--)
                _scheduler.Step();
        }
        Rest();
    }

    /// <summary>Every link works, all news has come, all pauses are over; every engine knows everything, and is asked. What comes next begins here.</summary>
    void Rest()
    {
        HealAll();
        Fault ??= Array.TrueForAll(_nodes, static node => node.IsOpen) ? null : "an engine did not find back to the second level";
        foreach (var node in _nodes)
            node.RaiseFloor(_version);
        foreach (var node in _nodes)
        {
            Begin(() => node.Read(0));
            Begin(() => node.Read(1));
        }
        ComeToRest();
        _operations.Clear();
        _store.Save();
    }

    public void Dispose()
    {
        foreach (var node in _nodes)
            Begin(() => node.DisposeAsync().AsTask());
        _scheduler.Run(() => Settle(despiteFault: true));
    }

    /// <summary>What all know of is forgotten; or what one has not heard of either, who must not move on what it does not know to be behind.</summary>
    void Rewind(Node node, bool hasHeard)
    {
        HealAll();
        if (!hasHeard)
        {
            node.Link.Cut();
            Settle();
            Begin(() => Array.Find(_nodes, other => other != node)!.Write(0));
            Settle();
        }
        _store.Rewind();
        if (!hasHeard)
            HealAll();
    }

    void HealAll()
    {
        foreach (var node in _nodes)
            node.Link.Heal();
        ComeToRest();
    }

    void ComeToRest()
    {
        Settle();
        // A lease whose holder never heard that it was granted has to run out.
        for (var i = 0; i < 100 && Fault is null && !(_operations.TrueForAll(static operation => operation.IsCompleted) && Array.TrueForAll(_nodes, static node => node.IsOpen)); i++)
        {
            Pass(1_000);
            Settle();
        }
        Fault ??= _operations.Find(static operation => operation.IsFaulted)?.Exception?.InnerException?.ToString();
        Fault ??= _operations.TrueForAll(static operation => operation.IsCompleted) ? null : "an operation did not end";
    }

    void Begin(Func<Task> operation) => _operations.Add(Task.Factory.StartNew(operation, CancellationToken.None, TaskCreationOptions.None, _scheduler).Unwrap());

    void Settle(bool despiteFault = false)
    {
        while (_scheduler.Ready > 0 && (Fault is null || despiteFault))
            _scheduler.Step();
    }

    void Pass(int ms) => _time.Advance(TimeSpan.FromMilliseconds(ms));

    int WriteOrigin()
    {
        _writes.Add((NowMs, ++_version));
        return _version;
    }

    /// <summary>Somebody writes without us: every engine hears of it from the database, and reports it under the same name.</summary>
    void Outside()
    {
        var version = WriteOrigin();
        var change = $"change {_changes++}";
        foreach (var node in _nodes)
            Begin(() => node.Report(version, change));
    }

    void Blame(string what) => Fault ??= what;

    sealed class Node : ISecondLevel, IAsyncDisposable
    {
        readonly CacheWorld _world;
        readonly string _name;
        readonly EdgeCache _cache;
        readonly int[] _places;
        readonly List<(string Epoch, long Version, int Floor)> _promised = [];
        long? _closedSinceMs;
        (L2Position Position, (string, long, int)[] Before) _compared;

        public Node(CacheWorld world, string name, ulong seed)
        {
            (_world, _name, Link) = (world, name, world._store.Connect(name));
            Link.Pause = world._scheduler.Pause;
            _cache = new(
                new()
                {
                    BudgetBytes = 64 * 1024, SecondLevel = this, Scheduler = world._scheduler, SlotCount = 16, TickMs = 50,
                    Backplane = new() { TimeoutMs = 100, CutOffMs = CutOffMs },
                    Turned = Turned,
                },
                world._time, new(seed));
            _closedSinceMs = 0;
            _places = _cache.PlacesOf("tag");
        }

        public MemoryLink Link { get; }

        public bool IsOpen => _cache.SecondLevel() is { IsOpen: true };

        /// <summary>Reads that start from now on must not yield less.</summary>
        int Floor { get; set; }

        /// <summary>All that was promised is due.</summary>
        public void RaiseFloor(int to)
        {
            Floor = to;
            _promised.Clear();
        }

        public async Task Read(int key)
        {
            var (floor, bound) = (Floor, BoundOfCutOff());
            var answer = await _cache.GetOrLoad(key == 0 ? "a" : "b", Kind, _places, this, static (node, _) => node.Load(), CancellationToken.None);
            Judge(answer, Math.Max(floor, bound));
        }

        public async Task ReadAll()
        {
            var (floor, bound) = (Floor, BoundOfCutOff());
            var answers = await _cache.GetOrLoadMany(
                [new("a", _places), new("b", _places)], Kind, this,
                static async (node, missing, _) =>
                {
                    var loaded = await node.Load();
                    return [.. missing.Select(_ => loaded)];
                },
                CancellationToken.None);
            foreach (var answer in answers)
                Judge(answer, Math.Max(floor, bound));
        }

        public async Task Write(int key)
        {
            var version = _world.WriteOrigin();
            // By tag, by keys, or all: whichever it is, both keys depend on it.
            var told = key switch
            {
                0 => await _cache.InvalidateTags(["tag"]),
                1 => await _cache.Remove("a") & await _cache.Remove("b"),
                _ => await _cache.Clear(),
            };
            await Returned(version, told);
        }

        public async Task Report(int version, string change)
        {
            // Later on one engine than on another.
            await _world._scheduler.Pause();
            await Returned(version, await _cache.InvalidateTags(["tag"], change));
        }

        public async Task Expire()
        {
            var version = _world._version;
            await Returned(version, await _cache.ExpireTags(["tag"]));
        }

        public ValueTask DisposeAsync() => _cache.DisposeAsync();

        async Task Returned(int version, bool isTold)
        {
            Floor = Math.Max(Floor, version);
            if (!isTold)
                return;
            // On the others it counts once they have heard.
            var position = (await _world._observer.ReadGenerations(timeoutMs: 1)).Value.Position;
            foreach (var node in _world._nodes)
                if (node != this)
                    node._promised.Add((position.Epoch, position.Version, version));
        }

        async ValueTask<Loaded<int>> Load()
        {
            await _world._scheduler.Pause();
            var version = _world._version;
            await _world._scheduler.Pause();
            return new(version, 8);
        }

        // While it is closed, something makes everything suspect every CutOffMs. The first time may come that long after the closing.
        int BoundOfCutOff()
        {
            if (_closedSinceMs is not { } sinceMs || _world.NowMs - sinceMs <= CutOffMs)
                return 0;
            var latestMs = _world.NowMs - CutOffMs;
            return _world._writes.FindLast(write => write.AtMs < latestMs).Version;
        }

        void Judge(CacheAnswer<int> answer, int floor)
        {
            _world.Reads++;
            if (answer.Failure is not null)
                _world.Blame($"a read failed: {answer.Failure.SourceException}");
            else if (answer.Value < floor)
                _world.Blame($"a read of {_name} yielded version {answer.Value} ({answer.Source}) where at least {floor} was due");
        }

        void Turned(string? why)
        {
            _closedSinceMs = why is null ? null : _closedSinceMs ?? _world.NowMs;
            if (why is not null)
                return;
            Heard(_compared.Position);
            // Promises of an earlier life of the second level: whoever finds it has forgotten takes everything for suspect.
            foreach (var promise in _compared.Before)
                Keep(promise);
        }

        void Heard(L2Position position)
        {
            foreach (var promise in _promised.ToArray())
                if (promise.Epoch == position.Epoch && promise.Version <= position.Version)
                    Keep(promise);
        }

        void Keep((string Epoch, long Version, int Floor) promise)
        {
            Floor = Math.Max(Floor, promise.Floor);
            _promised.Remove(promise);
        }

        async IAsyncEnumerable<L2Event> ISecondLevel.Listen([EnumeratorCancellation] CancellationToken cancelled)
        {
            await foreach (var news in Link.Listen(cancelled))
            {
                if (_world._sabotage != Sabotage.Deaf || news.Kind != L2EventKind.Invalidated)
                    yield return news;
                // Asked for the next: this one has been taken in.
                if (news.Kind == L2EventKind.Invalidated && IsOpen)
                    Heard(news.Moved.Position);
            }
        }

        ValueTask<L2Result<L2Fetch>> ISecondLevel.Fetch(string key, int[] places, L2Wish wish, int timeoutMs) => Link.Fetch(key, places, wish, timeoutMs);

        async ValueTask<L2Result<L2Stored>> ISecondLevel.Store(L2Entry entry, int timeoutMs)
        {
            if (_world._sabotage == Sabotage.Unfenced)
            {
                var now = (await _world._observer.Fetch(entry.Key, entry.Places, default, timeoutMs)).Value;
                entry = entry with { Epoch = now.Position.Epoch, At = now.At };
            }
            return await Link.Store(entry, timeoutMs);
        }

        ValueTask<L2Result<bool>> ISecondLevel.Release(string key, string token, int timeoutMs) => Link.Release(key, token, timeoutMs);

        ValueTask<L2Result<L2Generations>> ISecondLevel.Invalidate(int[] places, string? changeId, int timeoutMs) => Link.Invalidate(places, changeId, timeoutMs);

        ValueTask<L2Result<L2Generations>> ISecondLevel.ReadGenerations(int timeoutMs) => Compare(Link.ReadGenerations, timeoutMs);

        ValueTask<L2Result<L2Generations>> ISecondLevel.EndEpoch(string seen, int timeoutMs) =>
            Compare(ms => _world._sabotage == Sabotage.Endless ? Link.ReadGenerations(ms) : Link.EndEpoch(seen, ms), timeoutMs);

        async ValueTask<L2Result<L2Generations>> Compare(Func<int, ValueTask<L2Result<L2Generations>>> ask, int timeoutMs)
        {
            var before = _promised.ToArray();
            var all = await ask(timeoutMs);
            _compared = (all.Value.Position, before);
            return all;
        }
    }
}

/// <summary>Ways to break the second level that the world must find out.</summary>
enum Sabotage
{
    None,

    /// <summary>News of invalidations does not come, and nobody is told.</summary>
    Deaf,

    /// <summary>What was overtaken is stored as if it were not.</summary>
    Unfenced,

    /// <summary>An epoch that is to be ended goes on.</summary>
    Endless,
}

enum OperationKind { Read, ReadAll, Write, WriteOutside, Expire, Cut, Heal, Forget, Restart, Save, Rewind, Wait, Rest }

/// <param name="Key">Which of two keys; of Write, which way; of Cut, 1: calls hang; of Rewind, 0: the node has not heard of all that is forgotten; of Wait, how many times 150 ms.</param>
sealed record Operation(OperationKind Kind, int Node, int Key);
