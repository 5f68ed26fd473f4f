using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Testing.Caching;
using Edge.Tests.Basics;
using Edge.Tests.Caching.Interleaving;

namespace Edge.Tests.Caching.Cases;

/// <summary>
/// Engines with one origin and one second level, a fake clock, and one thread: nothing runs but inside <see cref="Settle"/>, which plays
/// until all that is left waits for the clock, the origin or a link. So a test states each step, and nothing depends on a race.
/// </summary>
sealed class CacheBench : IDisposable
{
    const int TickMs = 10;

    /// <summary>A second fresh, then served at once while it is loaded, ten seconds in all.</summary>
    public static readonly CachePolicy Policy = new()
    {
        Name = "test", DurationMs = 1_000, Jitter = 0, RevalidateMs = 20_000, SoftTimeoutMs = 0, FailSafeMs = 10_000, LoadTimeoutMs = 500, NegativeMs = 100,
        RetryAfterMs = 200, EarlyRefresh = 0,
    };

    /// <summary>The reader of a stale entry waits 50 ms for the fresh one.</summary>
    public static readonly CachePolicy Patient = Policy with { RevalidateMs = 0, SoftTimeoutMs = 50 };

    readonly SteppedScheduler _scheduler = new(new RandomSource(1));
    readonly Node[] _nodes;

    /// <param name="nodes">0: one engine without a second level.</param>
    public CacheBench(int nodes = 0, BackplaneOptions? backplane = null)
    {
        Store = new(Time);
        _nodes = new Node[Math.Max(1, nodes)];
        for (var i = 0; i < _nodes.Length; i++)
            _nodes[i] = new(this, nodes == 0 ? null : Store.Connect($"node {i}"), backplane ?? new(), (ulong)i);
        Settle();
    }

    public FakeTime Time { get; } = new();

    public MemorySecondLevel Store { get; }

    public ScriptedOrigin Origin { get; } = new();

    public IReadOnlyList<Node> Nodes => _nodes;

    public Node this[int node] => _nodes[node];

    public void Settle() => WithoutContext(() =>
    {
        while (_scheduler.Ready > 0)
            _scheduler.Step();
    });

    public void Pass(int ms)
    {
        for (var leftMs = ms; leftMs > 0; leftMs -= TickMs)
        {
            WithoutContext(() => Time.Advance(TimeSpan.FromMilliseconds(Math.Min(TickMs, leftMs))));
            Settle();
        }
    }

    /// <summary>Starts it and lets it come as far as it can.</summary>
    public Task<T> Begin<T>(Func<Task<T>> operation)
    {
        var begun = Task.Factory.StartNew(operation, CancellationToken.None, TaskCreationOptions.None, _scheduler).Unwrap();
        Settle();
        return begun;
    }

    /// <summary>What it yields without any time passing.</summary>
    public T Play<T>(Func<Task<T>> operation) => Ended(Begin(operation));

    public static T Ended<T>(Task<T> operation)
    {
        Assert.True(operation.IsCompleted, "it still waits");
        return operation.Result;
    }

    public void Dispose()
    {
        Origin.Release();
        foreach (var node in _nodes)
            _ = Play(node.Dispose);
    }

    // A context would take the continuations away from the scheduler.
    static void WithoutContext(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public sealed class Node
    {
        readonly CacheBench _bench;
        bool _isDisposed;

        public Node(CacheBench bench, MemoryLink? link, BackplaneOptions backplane, ulong seed)
        {
            _bench = bench;
            if (link is not null)
                (Link, Level) = (link, new ScriptedLevel(link, bench.Time));
            Cache = new(
                new()
                {
                    BudgetBytes = 4 << 20, SecondLevel = link is null ? null : Level, Scheduler = bench._scheduler, TickMs = TickMs, Backplane = backplane,
                    Turned = Turns.Add,
                },
                bench.Time, new RandomSource(seed));
        }

        public EdgeCache Cache { get; }

        public MemoryLink Link { get; } = null!;

        public ScriptedLevel Level { get; } = null!;

        /// <summary>What would be logged: null for opened, else why it was closed.</summary>
        public List<string?> Turns { get; } = [];

        public KindStatistics Counts => Cache.Statistics().Sum;

        public BackplaneState Backplane => Cache.SecondLevel()!.Value;

        /// <summary>The answer, where it is there without any time passing. 0 stands for none.</summary>
        public (CacheSource Source, int Value) Read(CachePolicy? policy = null, string key = "key", string tag = "tag") => Ended(BeginRead(policy, key, tag));

        public Task<(CacheSource Source, int Value)> BeginRead(CachePolicy? policy = null, string key = "key", string tag = "tag") =>
            _bench.Begin(async () => Told(await Answer(policy ?? Policy, key, tag)));

        /// <summary>A read by a caller that may leave.</summary>
        public Task<(CacheSource Source, int Value)> BeginReadUntil(CancellationToken cancelled, CachePolicy? policy = null) =>
            _bench.Begin(async () => Told(await GetOrLoad(policy ?? Policy, "key", "tag", cancelled)));

        /// <summary>A read whose load takes a while: the time that early refresh goes by.</summary>
        public (CacheSource Source, int Value) ReadTaking(int ms, CachePolicy policy)
        {
            _bench.Origin.Hold();
            var read = BeginRead(policy);
            _bench.Pass(ms);
            _bench.Origin.Release();
            _bench.Settle();
            return Ended(read);
        }

        public ValueTask<CacheAnswer<int>> Answer(CachePolicy policy, string key = "key", string tag = "tag") =>
            GetOrLoad(policy, key, tag, CancellationToken.None);

        public Task<CacheAnswer<int>[]> BeginReadMany(CachePolicy? policy, params string[] keys) => BeginReadManyUntil(CancellationToken.None, policy, keys);

        public Task<CacheAnswer<int>[]> BeginReadManyUntil(CancellationToken cancelled, CachePolicy? policy, params string[] keys) => _bench.Begin(() => Cache.GetOrLoadMany(
            [.. keys.Select(key => new BulkKey(key, Cache.PlacesOf("tag")))], new CacheKind<int>(policy ?? Policy, new NumberCodec()), _bench.Origin,
            static (origin, indexes, _) => origin.LoadMany(indexes), cancelled).AsTask());

        public (CacheSource Source, int Value)[] ReadMany(CachePolicy? policy, params string[] keys) => Array.ConvertAll(Ended(BeginReadMany(policy, keys)), Told);

        /// <summary>True: all connected engines were told.</summary>
        public bool Invalidate(string what = "tag") => Ended(BeginInvalidate(what));

        public Task<bool> BeginInvalidate(string what = "tag") => _bench.Begin(() => (what switch
        {
            "key" => Cache.Remove("key"),
            "all" => Cache.Clear(),
            _ => Cache.InvalidateTags([what]),
        }).AsTask());

        public bool Expire(string what = "tag") => _bench.Play(() => (what switch
        {
            "key" => Cache.Expire("key"),
            "all" => Cache.ExpireAll(),
            _ => Cache.ExpireTags([what]),
        }).AsTask());

        ValueTask<CacheAnswer<int>> GetOrLoad(CachePolicy policy, string key, string tag, CancellationToken cancelled) => Cache.GetOrLoad(
            key, new CacheKind<int>(policy, new NumberCodec()), Cache.PlacesOf(tag), _bench.Origin, static (origin, _) => origin.Load(), cancelled);

        static (CacheSource Source, int Value) Told(CacheAnswer<int> answer) => (answer.Source, answer.Failure is null ? answer.Value : 0);

        /// <summary>As often as one likes.</summary>
        public async Task<bool> Dispose()
        {
            if (!_isDisposed)
                await Cache.DisposeAsync();
            return _isDisposed = true;
        }
    }
}
