using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Redis;
using Edge.Redis.Caching;
using Edge.Testing;
using Edge.Testing.Caching;

namespace Edge.IntegrationTests.Caching;

/// <summary>Several engines in this process, each with its own link to one real Redis through a proxy of its own, and one origin.</summary>
sealed class EngineCluster : IAsyncDisposable
{
    /// <summary>Fresh for longer than any test: only an invalidation makes it load again.</summary>
    public static readonly CachePolicy Policy = new()
    {
        Name = "test", DurationMs = 600_000, RevalidateMs = 0, SoftTimeoutMs = 200, LoadTimeoutMs = 2_000, RetryAfterMs = 100, EarlyRefresh = 0,
    };

    // A link ends by what a test breaks, and not by how busy this machine is: its own patience has tests of its own.
    static readonly RedisOptions s_options = new()
    {
        ConnectTimeoutMs = 20_000, SilenceTimeoutMs = 60_000, KeepAliveMs = 200, BackoffBaseMs = 5, BackoffMaxMs = 50,
    };

    readonly List<Engine> _engines = [];
    int _version;
    int _loads;

    public IReadOnlyList<Engine> Engines => _engines;

    public Engine this[int engine] => _engines[engine];

    /// <summary>What a load reads.</summary>
    public int Version
    {
        get => Volatile.Read(ref _version);
        set => Volatile.Write(ref _version, value);
    }

    public int Loads => Volatile.Read(ref _loads);

    /// <summary>Loads wait for it after they have read.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public static async Task<EngineCluster> Start(RedisServer server, int engines, BackplaneOptions backplane, CancellationToken cancel)
    {
        var cluster = new EngineCluster();
        for (var i = 0; i < engines; i++)
            cluster._engines.Add(new(cluster, server.Port, backplane, (ulong)i + 1));
        await cluster.AllOpen(cancel);
        return cluster;
    }

    public Task AllOpen(CancellationToken cancel) => Poll.Until(() => _engines.TrueForAll(static engine => engine.IsOpen), "all engines use Redis", cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
            await engine.DisposeAsync();
    }

    async ValueTask<Loaded<int>> Load()
    {
        Interlocked.Increment(ref _loads);
        var version = Version;
        await Gate;
        return new(version, 8);
    }

    internal sealed class Engine : IAsyncDisposable
    {
        static readonly NumberCodec s_codec = new();

        readonly EngineCluster _cluster;
        readonly RedisClient _client;
        readonly int[] _places;

        public Engine(EngineCluster cluster, int port, BackplaneOptions backplane, ulong seed)
        {
            _cluster = cluster;
            Proxy = CuttingProxy.Start(port);
            _client = new(s_options with { Port = Proxy.Port });
            Cache = new(
                new() { BudgetBytes = 4 << 20, SecondLevel = new RedisSecondLevel(_client, "edge"), Backplane = backplane },
                TimeProvider.System, new RandomSource(seed));
            _places = Cache.PlacesOf("tag");
        }

        public EdgeCache Cache { get; }

        public CuttingProxy Proxy { get; }

        public bool IsOpen => Cache.SecondLevel()!.Value.IsOpen;

        public async Task<CacheAnswer<int>> Read(string key = "key", CachePolicy? policy = null) => await Cache.GetOrLoad(
            key, new CacheKind<int>(policy ?? Policy, s_codec), _places, _cluster, static (cluster, _) => cluster.Load(), CancellationToken.None);

        public async Task<CacheAnswer<int>[]> ReadMany(params string[] keys) => await Cache.GetOrLoadMany(
            [.. keys.Select(key => new BulkKey(key, _places))], new CacheKind<int>(Policy, s_codec), _cluster,
            static async (cluster, missing, _) =>
            {
                var loaded = await cluster.Load();
                return Array.ConvertAll(missing, _ => loaded);
            },
            CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            await Cache.DisposeAsync();
            await _client.DisposeAsync();
            await Proxy.DisposeAsync();
        }
    }
}
