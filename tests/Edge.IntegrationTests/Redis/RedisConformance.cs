using System.Text;
using Edge.Redis;
using Edge.Redis.Protocol;
using Edge.Testing;

namespace Edge.IntegrationTests.Redis;

/// <summary>What holds on a real server, whichever protocol is spoken.</summary>
public abstract class RedisConformance(int protocolVersion) : IAsyncLifetime
{
    static readonly RedisScript s_add = new("return {redis.call('INCRBY', KEYS[1], ARGV[1]), tostring(ARGV[2]), redis.call('TIME')[1]}");

    RedisClient _client = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected RedisClient Client => _client;

    protected abstract Task<RedisOptions> Options();

    public virtual async ValueTask InitializeAsync()
    {
        _client = new RedisClient(await Options() with { CommandTimeoutMs = 20_000 });
        Ok(await _client.Execute(["FLUSHALL"], Replies.Any, Cancel));
        Assert.Equal(protocolVersion, _client.Status.ProtocolVersion);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Values_come_back_as_they_were_whatever_their_bytes_and_size()
    {
        foreach (var length in new[] { 0, 1, 2, 15, 16, 4_095, 32_768, 65_536, 3_000_000 })
        {
            var value = new byte[length];
            new Random(length).NextBytes(value);
            Assert.True(Ok(await Client.Set("k", value, cancel: Cancel)));
            Assert.Equal(value, Ok(await Client.Get("k", Cancel)));
        }

        Assert.Null(Ok(await Client.Get("absent", Cancel)));
        Assert.True(Ok(await Client.Set("clé", "naïve ✓", cancel: Cancel)));
        Assert.Equal("naïve ✓", Ok(await Client.Get("clé", Replies.Text, Cancel)));
    }

    [Fact]
    public async Task Many_values_come_in_the_order_of_their_keys()
    {
        for (var i = 0; i < 500; i++) Ok(await Client.Set($"k{i}", i, cancel: Cancel));
        var keys = Enumerable.Range(0, 1000).Select(i => (RedisArg)$"k{i}").ToArray();
        var values = Ok(await Client.MGet(keys, Cancel));
        Assert.Equal(1000, values.Length);
        for (var i = 0; i < 1000; i++)
            Assert.Equal(i < 500 ? $"{i}" : null, values[i] is { } value ? Encoding.ASCII.GetString(value) : null);
    }

    [Fact]
    public async Task Conditions_and_expiry_of_SET()
    {
        Assert.False(Ok(await Client.Set("k", "1", condition: RedisSetCondition.IfPresent, cancel: Cancel)));
        Assert.True(Ok(await Client.Set("k", "1", ttlMs: 60_000, condition: RedisSetCondition.IfAbsent, cancel: Cancel)));
        Assert.False(Ok(await Client.Set("k", "2", condition: RedisSetCondition.IfAbsent, cancel: Cancel)));
        Assert.InRange(Ok(await Client.Execute(["PTTL", "k"], Replies.Integer, Cancel)), 1, 60_000);
        Assert.True(Ok(await Client.Set("k", "2", condition: RedisSetCondition.IfPresent, cancel: Cancel)));
        Assert.Equal(-1, Ok(await Client.Execute(["PTTL", "k"], Replies.Integer, Cancel)));
    }

    [Fact]
    public async Task Keys_expire_and_are_unlinked()
    {
        Ok(await Client.Set("a", "1", cancel: Cancel));
        Ok(await Client.Set("b", "1", cancel: Cancel));
        Assert.True(Ok(await Client.Expire("a", 100, Cancel)));
        Assert.InRange(Ok(await Client.Execute(["TTL", "a"], Replies.Integer, Cancel)), 99, 100);
        Assert.True(Ok(await Client.PExpire("a", 5_000, Cancel)));
        Assert.InRange(Ok(await Client.Execute(["PTTL", "a"], Replies.Integer, Cancel)), 1, 5_000);
        Assert.False(Ok(await Client.Expire("absent", 1, Cancel)));
        Assert.True(Ok(await Client.PExpire("a", 0, Cancel)));
        Assert.Equal(1, Ok(await Client.Unlink(["a", "b", "absent"], Cancel)));
    }

    [Fact]
    public async Task Scan_finds_every_matching_key()
    {
        for (var i = 0; i < 300; i++) Ok(await Client.Set($"{(i % 3 == 0 ? "x" : "y")}{i}", "1", cancel: Cancel));
        var found = new HashSet<string>();
        ulong cursor = 0;
        do
        {
            var page = Ok(await Client.Scan(cursor, "x*", 50, Cancel));
            foreach (var key in page.Keys) found.Add(Encoding.UTF8.GetString(key));
            cursor = page.Cursor;
        }
        while (cursor != 0);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"x{i * 3}").Order(), found.Order());
    }

    [Fact]
    public async Task Ping_time_and_counters()
    {
        Assert.True(Ok(await Client.Ping(Cancel)));
        Assert.InRange(Ok(await Client.Time(Cancel)).Year, 2024, 2100);
        Assert.Equal(1, Ok(await Client.IncrBy("n", cancel: Cancel)));
        Assert.Equal(-41, Ok(await Client.IncrBy("n", -42, Cancel)));
    }

    [Fact]
    public async Task Server_errors_are_values_and_the_connection_goes_on()
    {
        Ok(await Client.Execute(["RPUSH", "list", "a"], Replies.Integer, Cancel));
        var failure = (await Client.Get("list", Cancel)).Failure!;
        Assert.Equal((RedisFailureKind.Server, "WRONGTYPE", false), (failure.Kind, failure.Code, failure.MayHaveRun));
        var unknown = (await Client.Execute(["NOSUCH", "x"], Replies.Any, Cancel)).Failure!;
        Assert.Equal((RedisFailureKind.Server, "ERR"), (unknown.Kind, unknown.Code));
        Assert.Equal(1, Client.Status.Connections);
    }

    [Fact]
    public async Task Scripts_run_by_digest_and_are_loaded_when_the_server_lacks_them()
    {
        RedisReplyReader<long> first = static (ref RespReader reply, out long value) =>
        {
            value = 0;
            return reply.TryReadArray(out var count) && count == 3 && reply.TryReadInteger(out value);
        };
        Ok(await Client.Execute(["SCRIPT", "FLUSH"], Replies.Any, Cancel));
        Assert.Equal(5, Ok(await Client.Eval(s_add, ["n"], [5, "x"], first, Cancel)));
        Assert.Equal(7, Ok(await Client.Eval(s_add, ["n"], [2, "x"], first, Cancel)));
        Ok(await Client.Execute(["SCRIPT", "FLUSH"], Replies.Any, Cancel));
        // All at once find it missing; each still runs exactly once.
        var calls = Enumerable.Range(0, 50).Select(_ => Client.Eval(s_add, ["n"], [1, "x"], first, Cancel).AsTask());
        Assert.Equal(Enumerable.Range(8, 50).Select(n => (long)n), (await Task.WhenAll(calls)).Select(Ok).Order());

        var half = new RedisScript("redis.call('SET', KEYS[1], '1'); error('oh')");
        var failed = (await Client.Eval(half, ["half"], [], Replies.Any, Cancel)).Failure!;
        Assert.Equal((RedisFailureKind.Server, true), (failed.Kind, failed.MayHaveRun));
        Assert.Equal("1", Ok(await Client.Get("half", Replies.Text, Cancel)));
    }

    [Fact]
    public async Task Concurrent_callers_each_get_their_own_reply()
    {
        for (var i = 0; i < 64; i++) Ok(await Client.Set($"k{i}", new string((char)('0' + i), i * 37), cancel: Cancel));
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            for (var round = 0; round < 200; round++)
            {
                var key = (i + round) % 64;
                var value = Ok(await Client.Get($"k{key}", Replies.Text, Cancel));
                Assert.Equal(new string((char)('0' + key), key * 37), value);
            }
        }));
    }

    [Fact]
    public async Task Messages_arrive_in_order_beside_commands_until_unsubscribed()
    {
        await using var sender = new RedisClient(await Options() with { CommandTimeoutMs = 20_000 });
        var subscription = Client.Subscribe("news");
        await using var events = subscription.ReadAll(Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(RedisEventKind.Subscribed, events.Current.Kind);
        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(1, Ok(await sender.Publish("news", $"message {i}", Cancel)));
            Ok(await Client.Ping(Cancel));
        }

        for (var i = 0; i < 500; i++)
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(events.Current.Payload.Span));
        }

        subscription.Dispose();
        await Poll.Until(async cancel => Ok(await sender.Publish("news", "nobody", cancel)) == 0, "unsubscribed", Cancel);
        Assert.False(await events.MoveNextAsync());
    }

    protected static T Ok<T>(RedisResult<T> result)
    {
        Assert.True(result.IsOk, result.Failure?.InternalText);
        return result.Value;
    }
}

public sealed class Resp3ConformanceTests() : RedisConformance(3), IAsyncLifetime
{
    RedisServer _server = null!;

    protected override Task<RedisOptions> Options()
    {
        Assert.True(RedisUrl.TryParse(_server.Url, out var options, out var problem), problem);
        return Task.FromResult(options);
    }

    public override async ValueTask InitializeAsync()
    {
        _server = await RedisServer.Start(Cancel);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Name_and_database_are_set_and_the_version_is_known()
    {
        await using var client = new RedisClient(await Options() with { Database = 3, ClientName = "named", CommandTimeoutMs = 20_000 });
        var info = Ok(await client.Execute(["CLIENT", "INFO"], Replies.Text, Cancel))!;
        Assert.Contains(" name=named ", info, StringComparison.Ordinal);
        Assert.Contains(" db=3 ", info, StringComparison.Ordinal);
        Assert.Contains(" resp=3", info, StringComparison.Ordinal);
        Assert.NotEmpty(client.Status.ServerVersion);
    }

    [Fact]
    public async Task A_database_the_server_does_not_have_is_named()
    {
        await using var client = new RedisClient(await Options() with { Database = 999 });
        Assert.Contains("database 999", (await client.Ping(Cancel)).Failure!.InternalText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACL_users_log_in_and_are_refused_by_name()
    {
        Ok(await Client.Execute(["ACL", "SETUSER", "app", "on", ">right", "~app:*", "&app:*", "+@all"], Replies.Any, Cancel));
        var options = await Options() with { User = "app", Password = "right", CommandTimeoutMs = 20_000 };
        await using var client = new RedisClient(options);
        Assert.True(Ok(await client.Set("app:k", "v", cancel: Cancel)));
        Assert.Equal("NOPERM", (await client.Get("other", Cancel)).Failure!.Code);
        using var refused = client.Subscribe("other");
        await using var events = refused.ReadAll(Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal((RedisEventKind.Refused, "NOPERM"), (events.Current.Kind, events.Current.Failure!.Code));
        Assert.True(Ok(await client.Ping(Cancel)));

        await using var wrong = new RedisClient(options with { Password = "wrong" });
        var failure = (await wrong.Ping(Cancel)).Failure!;
        Assert.Equal((RedisFailureKind.NotConnected, false), (failure.Kind, failure.MayHaveRun));
        Assert.Contains("WRONGPASS", failure.InternalText, StringComparison.Ordinal);
    }
}

public sealed class Resp2ConformanceTests() : RedisConformance(2), IAsyncLifetime
{
    OwnRedis _server = null!;

    protected override Task<RedisOptions> Options() => Task.FromResult(_server.Options);

    public override async ValueTask InitializeAsync()
    {
        _server = await OwnRedis.Start((_, _) => ["--rename-command", "HELLO", ""], Cancel);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_password_is_asked_for_and_never_shown()
    {
        await using var server = await OwnRedis.Start((_, _) => ["--rename-command", "HELLO", "", "--requirepass", "hunter2"], Cancel);
        await using var client = new RedisClient(server.Options with { Password = "hunter2", CommandTimeoutMs = 20_000 });
        Assert.True(Ok(await client.Ping(Cancel)));
        foreach (var password in new[] { null, "hunter3" })
        {
            await using var refused = new RedisClient(server.Options with { Password = password });
            var failure = (await refused.Ping(Cancel)).Failure!;
            Assert.DoesNotContain("hunter", failure.InternalText, StringComparison.Ordinal);
        }
    }
}
