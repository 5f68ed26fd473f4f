namespace Edge.Testing;

/// <summary>
/// One server of each kind per test program, started when first asked for and gone with the program. For tests that
/// leave it running; one that kills or pauses starts its own.
/// </summary>
public static class SharedServers
{
    // Not the first caller's token: the others would lose the server with it.
    static readonly Lazy<Task<PostgresServer>> SharedPostgres = new(() => PostgresServer.Start(CancellationToken.None));
    static readonly Lazy<Task<RedisServer>> SharedRedis = new(() => RedisServer.Start(CancellationToken.None));

    public static Task<PostgresServer> Postgres(CancellationToken cancel) => SharedPostgres.Value.WaitAsync(cancel);

    public static Task<RedisServer> Redis(CancellationToken cancel) => SharedRedis.Value.WaitAsync(cancel);
}
