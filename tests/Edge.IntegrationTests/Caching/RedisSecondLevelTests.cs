using Edge.Core.Caching.L2;
using Edge.Redis;
using Edge.Redis.Caching;

namespace Edge.IntegrationTests.Caching;

/// <summary>The adapter for Redis, held to what the model is held to.</summary>
public sealed class RedisSecondLevelTests(RedisOfClass redis) : SecondLevelConformance, IClassFixture<RedisOfClass>
{
    readonly List<RedisClient> _clients = [];

    protected override async Task<ISecondLevel> Connect()
    {
        var client = new RedisClient(redis.Options);
        if (_clients.Count == 0) Assert.True((await client.Execute(["FLUSHALL"], Replies.Any, Cancel)).IsOk);
        _clients.Add(client);
        return new RedisSecondLevel(client, "edge");
    }

    protected override async Task Forget() => Assert.True((await _clients[0].Execute(["FLUSHALL"], Replies.Any, Cancel)).IsOk);

    public override async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
        await base.DisposeAsync();
    }
}
