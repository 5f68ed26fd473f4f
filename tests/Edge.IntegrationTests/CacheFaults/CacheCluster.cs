using Edge.Core.Basics;
using Edge.Data;
using Edge.Data.Seeding;
using Edge.IntegrationTests.Cli;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.CacheFaults;

[CollectionDefinition(nameof(CacheCluster), DisableParallelization = true)]
public sealed class CacheClusterCollection : ICollectionFixture<CacheCluster>;

/// <summary>
/// Three instances over a Postgres and a Redis that nobody else uses. The first two reach Redis through one proxy, the third through its own
/// and then that one. Shared by the tests of this folder, which leave it as whole as they found it; they run alone, since they measure.
/// </summary>
public sealed class CacheCluster : IAsyncLifetime
{
    /// <summary>Milliseconds after which an instance without Redis has what it holds loaded anew: short, so that it happens within each fault.</summary>
    public const int CutOffMs = 1_000;

    /// <summary>Products 1 to this are what the load reads, and in every memory before a fault.</summary>
    public const int WarmProducts = 200;

    /// <summary>The most read of them: those that the tests change, to see when it shows.</summary>
    public const int ChangedProducts = 10;

    public const int Products = 8_000;

    const string Name = "cache_faults";

    long _marker;

    public PostgresServer Postgres { get; private set; } = null!;

    public RedisServer Redis { get; private set; } = null!;

    /// <summary>Between all instances and Redis.</summary>
    public CuttingProxy RedisLink { get; private set; } = null!;

    /// <summary>Between the third instance and the others' link.</summary>
    public CuttingProxy ThirdLink { get; private set; } = null!;

    public IReadOnlyList<CacheNode> Nodes { get; private set; } = [];

    /// <summary>A product that no instance was asked for before; its number.</summary>
    internal Func<long> Unread { get; private set; } = null!;

    internal FaultReport Report { get; } = new();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Postgres = await PostgresServer.Start(Cancelled);
        Redis = await RedisServer.Start(Cancelled);
        RedisLink = CuttingProxy.Start(Redis.Port);
        ThirdLink = CuttingProxy.Start(RedisLink.Port);
        await Fill(await Postgres.CreateDatabase(Name, template: null, Cancelled));
        var last = (long)WarmProducts;
        Unread = () => Math.Min(Interlocked.Increment(ref last), Products);
        Nodes = [await StartNode(RedisLink.Port), await StartNode(RedisLink.Port), await StartNode(ThirdLink.Port)];
        await Settle();
    }

    public Task<CacheNode> StartNode(int redisPort) => CacheNode.Start(EdgeRun.Binary, Postgres.Url(Name), redisPort, CutOffMs, Cancelled);

    /// <summary>A session of its own, as psql has: nothing of the instances' pools.</summary>
    public async Task<NpgsqlConnection> Connect()
    {
        var connection = new NpgsqlConnection(Postgres.ConnectionString(Name) + ";Pooling=false;Timeout=2");
        await connection.OpenAsync(Cancelled);
        return connection;
    }

    public async Task Execute(string sql)
    {
        await using var connection = await Connect();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    public async Task<T> Scalar<T>(string sql)
    {
        await using var connection = await Connect();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>A stock that no product had before: who shows it has read since.</summary>
    public int NextMarker() => (int)Interlocked.Increment(ref _marker) + 1_000_000;

    /// <summary>Returns when every instance shares and hears again.</summary>
    public async Task Settle()
    {
        foreach (var node in Nodes)
            await Poll.Until(node.IsWhole, "an instance shares and hears", Cancelled);
    }

    /// <summary>
    /// Every warm product is in the memory of every instance: not only was each read once, since what something overtakes on its way is answered and
    /// not kept, but all are answered from there, one after the other.
    /// </summary>
    public Task Warm() => Task.WhenAll(Nodes.Select(node => Poll.Until(
        async cancelled =>
        {
            var isWarm = true;
            for (var id = 1; id <= WarmProducts; id++)
                isWarm &= (await node.CacheStatus(CacheNode.Invariant($"/api/products/{id}"), cancelled)).Contains("detail=l1", StringComparison.Ordinal);
            return isWarm;
        },
        "all warm products are in memory", Cancelled)));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await ThirdLink.DisposeAsync();
        await RedisLink.DisposeAsync();
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        await Report.Write();
    }

    static async Task Fill(DatabaseOptions options)
    {
        await using var session = Database.SessionSource(options);
        var migrated = await new Migrator(session, TextWriter.Null, TimeProvider.System).Run(Cancelled);
        Assert.True(migrated.Succeeded, migrated.Message);
        var amounts = new SeedOptions { Users = 100, Products = Products, Orders = 100, Posts = 20, Stories = 10, Opportunities = 10 };
        var silent = new Progress(TextWriter.Null, TimeProvider.System, ProgressStyle.Lines);
        var seeded = await new Seeder(session, silent, TimeProvider.System).Run(amounts, Cancelled);
        Assert.True(seeded.Succeeded, seeded.Message);
    }
}
