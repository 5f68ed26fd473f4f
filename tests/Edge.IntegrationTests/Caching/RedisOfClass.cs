using Edge.Redis;
using Edge.Testing;

namespace Edge.IntegrationTests.Caching;

/// <summary>A Redis for the tests of one class: other classes empty the one that all share.</summary>
public sealed class RedisOfClass : IAsyncLifetime
{
    RedisServer _server = null!;

    public RedisOptions Options => new() { Port = _server.Port, CommandTimeoutMs = 20_000 };

    public async ValueTask InitializeAsync() => _server = await RedisServer.Start(CancellationToken.None);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
