using System.Globalization;
using Edge.Core.RateLimiting;
using Edge.IntegrationTests.Caching;
using Edge.Redis;
using Edge.Redis.RateLimiting;

namespace Edge.IntegrationTests.RateLimiting;

/// <summary>The adapter for Redis, held to what the model is held to, and what only Redis can do to it.</summary>
public sealed class RedisTokenStoreTests(RedisOfClass redis) : TokenStoreConformance, IClassFixture<RedisOfClass>, IAsyncLifetime
{
    const long Second = 1_000_000_000;
    const int Tokens = 100;

    static readonly RateLimit s_limit = new(Count: Tokens, PeriodSeconds: 3600, Burst: Tokens);

    readonly RedisClient _client = new(redis.Options);
    readonly List<RedisClient> _others = [];

    /// <summary>The server knows the script: one that is sent again after NOSCRIPT goes behind the read of what it does.</summary>
    public async ValueTask InitializeAsync() => await Take(NewKey(), needed: 0);

    protected override ITokenStore Connect()
    {
        _others.Add(new(redis.Options));
        return new RedisTokenStore(_others[^1], "edge");
    }

    protected override async ValueTask<long> NowNs() => Ok(await _client.Time(Cancel)).Subtract(DateTimeOffset.UnixEpoch).Ticks * 100;

    protected override async Task<(TokenGrant Grant, long TatNs)> TakeAndRead(TokenRequest request)
    {
        // Sent in this order on one connection.
        var take = Store.Take(request, TimeoutMs);
        var state = _client.Get(NameOf(request.Key), Replies.Text, Cancel);
        return ((await take)!.Value, Ok(await state) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0);
    }

    protected override async Task Write(UInt128 key, long tatNs) => await Command("SET", NameOf(key), tatNs.ToString(CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _others) await client.DisposeAsync();
        await _client.DisposeAsync();
    }

    RedisTokenStore Store => new(_client, "edge");

    [Fact]
    public async Task A_bucket_is_one_number_that_expires_when_it_is_full_and_not_before()
    {
        var key = (UInt128)0xABC;
        var grant = await Take(key, needed: 7);
        Assert.Equal(7 * s_limit.IntervalNs, grant.AheadNs);
        Assert.Equal("{edge}:t:00000000000000000000000000000abc", NameOf(key));
        Assert.Equal("int", Ok(await _client.Execute(["OBJECT", "ENCODING", NameOf(key)], Replies.Text, Cancel)));
        var fullAtMs = (long.Parse(Ok(await _client.Get(NameOf(key), Replies.Text, Cancel))!, CultureInfo.InvariantCulture) + 999_999) / 1_000_000;
        Assert.InRange(Ok(await _client.Execute(["PEXPIRETIME", NameOf(key)], Replies.Integer, Cancel)), fullAtMs, fullAtMs + 2);
    }

    [Fact]
    public async Task Who_takes_nothing_or_is_refused_writes_nothing()
    {
        var key = NewKey();
        await Take(key, needed: 0);
        Assert.Null(Ok(await _client.Get(NameOf(key), Cancel)));
        await Take(key, needed: Tokens);
        await Command("CONFIG", "RESETSTAT");
        Assert.Equal(0, (await Take(key, needed: 1)).Granted);
        Assert.DoesNotContain("cmdstat_set:", Ok(await _client.Execute(["INFO", "commandstats"], Replies.Text, Cancel)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SET", "")]
    [InlineData("SET", "full")]
    [InlineData("SET", "12")]
    [InlineData("SET", "-9000000000000000000")]
    [InlineData("SET", "99999999999999999999")]
    [InlineData("SET", "1e18")]
    [InlineData("SET", "0x10000000000000")]
    [InlineData("SET", "99999999999999999 99")]
    [InlineData("RPUSH", "1")]
    [InlineData("SADD", "1")]
    public async Task What_is_no_bucket_under_its_name_is_as_good_as_none_and_is_replaced(string command, string value)
    {
        var key = NewKey();
        await Command(command, NameOf(key), value);
        Assert.Equal(new TokenGrant(1, s_limit.IntervalNs), await Take(key, needed: 1));
        Assert.InRange((await Take(key, needed: 1)).AheadNs, s_limit.IntervalNs, 2 * s_limit.IntervalNs);
    }

    [Fact]
    public async Task A_number_that_is_far_too_large_is_an_empty_bucket()
    {
        var key = NewKey();
        await Command("SET", NameOf(key), "9223372036854775807");
        Assert.Equal(new(0, s_limit.FullNs), await Take(key, needed: 1));
        Assert.InRange(Ok(await _client.Execute(["PTTL", NameOf(key)], Replies.Integer, Cancel)), 1, s_limit.FullNs / 1_000_000 + 2);
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_script_is_given_it_again()
    {
        var key = NewKey();
        await Take(key, needed: 1);
        await Command("SCRIPT", "FLUSH");
        Assert.InRange((await Take(key, needed: 1)).AheadNs, s_limit.IntervalNs + 1, 2 * s_limit.IntervalNs);
    }

    [Fact]
    public async Task A_server_that_was_emptied_has_full_buckets()
    {
        var key = NewKey();
        await Take(key, needed: Tokens);
        await Command("FLUSHALL");
        Assert.Equal(Tokens, (await Take(key, needed: Tokens)).Granted);
    }

    [Fact]
    public async Task A_read_only_replica_refuses_who_is_over_the_limit_and_cannot_grant()
    {
        var key = NewKey();
        await using var replica = await Testing.RedisServer.Start(Cancel);
        await using var client = new RedisClient(new RedisOptions { Port = replica.Port, CommandTimeoutMs = TimeoutMs });
        var store = new RedisTokenStore(client, "edge");
        Assert.Equal(Tokens, (await store.Take(new(key, s_limit, Tokens, Tokens, 0, 0), TimeoutMs))!.Value.Granted);
        await Command(client, "CONFIG", "SET", "replica-serve-stale-data", "yes");
        // Nobody is there to replicate from: it keeps what it has, and takes no writes.
        await Command(client, "REPLICAOF", "127.0.0.1", "1");
        Assert.Equal(0, (await store.Take(new(key, s_limit, 1, 1, 0, 0), TimeoutMs))!.Value.Granted);
        Assert.Null(await store.Take(new(NewKey(), s_limit, 1, 1, 0, 0), TimeoutMs));
    }

    [Fact]
    public async Task A_server_out_of_memory_refuses_who_is_over_the_limit_and_cannot_grant()
    {
        var key = NewKey();
        await Take(key, needed: Tokens);
        await Command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await Command("CONFIG", "SET", "maxmemory", "1");
        try
        {
            Assert.Equal(0, (await Store.Take(new(key, s_limit, 1, 1, 0, 0), TimeoutMs))?.Granted ?? 0);
            Assert.Null(await Store.Take(new(NewKey(), s_limit, 1, 1, 0, 0), TimeoutMs));
        }
        finally
        {
            await Command("CONFIG", "SET", "maxmemory", "0");
        }
        Assert.Equal(1, (await Take(NewKey(), needed: 1)).Granted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("a}")]
    public void A_prefix_that_is_no_hash_tag_is_refused(string prefix) => Assert.Throws<ArgumentException>(() => new RedisTokenStore(_client, prefix));

    static string NameOf(UInt128 key) => string.Create(CultureInfo.InvariantCulture, $"{{edge}}:t:{key:x32}");

    async Task<TokenGrant> Take(UInt128 key, int needed)
    {
        var grant = await Store.Take(new(key, s_limit, needed, needed, 0, 0), TimeoutMs);
        Assert.NotNull(grant);
        return grant.Value;
    }

    Task Command(params string[] words) => Command(_client, words);

    static async Task Command(RedisClient client, params string[] words) =>
        Ok(await client.Execute(words.Select(static word => (RedisArg)word).ToArray(), Replies.Any, Cancel));

    static T Ok<T>(RedisResult<T> result)
    {
        Assert.True(result.IsOk, result.Failure?.InternalText);
        return result.Value;
    }
}
