using System.Text;
using Edge.Core.Caching.L2;
using Edge.Redis;
using Edge.Redis.Caching;

namespace Edge.IntegrationTests.Caching;

/// <summary>What somebody else has written or removed under our names in Redis: never an exception, and never an entry of before.</summary>
public sealed class RedisForeignBytesTests(RedisOfClass redis) : IClassFixture<RedisOfClass>, IAsyncLifetime
{
    const int TimeoutMs = 20_000;
    const int LongMs = 600_000;
    const string Generations = "{edge}:g";
    const string Entry = "{edge}:k:k";
    const string Lease = "{edge}:l:k";
    static readonly int[] s_places = [0, 2, 3];

    RedisClient _client = null!;
    RedisSecondLevel _store = null!;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _client = new RedisClient(redis.Options);
        _store = new RedisSecondLevel(_client, "edge");
        await Command("FLUSHALL");
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task Keys_are_as_documented()
    {
        var fetch = await Fetch("a");
        await Fetch("b");
        await Ok(_store.Invalidate([2], "change", TimeoutMs));
        Assert.Equal(
            ["{edge}:c:change", "{edge}:g", "{edge}:l:k", "{edge}:w:k"],
            Ok(await _client.Scan(0, cancel: Cancel)).Keys.Select(Encoding.UTF8.GetString).Order(StringComparer.Ordinal));
        Assert.InRange(Ok(await _client.Execute(["PTTL", "{edge}:c:change"], Replies.Integer, Cancel)), 60_000 - TimeoutMs, 60_000);
        await Ok(_store.Release("k", "a", TimeoutMs));
        Assert.Equal(L2Stored.Stored, await Store(fetch with { At = [0, 1, 0] }, "body"));
        var value = Ok(await _client.Get(Entry, Replies.Text, Cancel))!;
        Assert.Matches($@"^body{fetch.Position.Epoch} 0,2,3 0,1,0 \d{{13}} \d{{13}}\d{{6}}$", value);
        Assert.Equal(value.Length - "body".Length - 6, int.Parse(value[^6..], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(
            ["{edge}:c:change", "{edge}:g", "{edge}:k:k"],
            Ok(await _client.Scan(0, cancel: Cancel)).Keys.Select(Encoding.UTF8.GetString).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_place_that_is_at_its_last_number_begins_another_epoch_when_it_moves()
    {
        var before = await Ok(_store.Invalidate([2, 3], null, TimeoutMs));
        await Command("BITFIELD", Generations, "SET", "u32", "192", $"{uint.MaxValue}");
        Assert.Equal(uint.MaxValue, (await Fetch("a")).At[1]);
        var moved = await Ok(_store.Invalidate([3, 2], null, TimeoutMs));
        Assert.True(string.CompareOrdinal(moved.Position.Epoch, before.Position.Epoch) > 0);
        Assert.Equal((1, 1u, 1u), (moved.Position.Version, moved.At[0], moved.At[1]));
    }

    [Fact]
    public async Task An_entry_that_makes_no_sense_is_none_and_is_replaced()
    {
        var fetch = await Fetch("a");
        await Store(fetch, "a body of more than a few bytes", "a");
        var whole = Ok(await _client.Get(Entry, Cancel))!;
        var epoch = fetch.Position.Epoch;
        var entries = new List<byte[]>();
        for (var length = 0; length < whole.Length; length++) entries.Add(whole[..length]);
        foreach (var trailer in new[]
        {
            "", "000000", "000001", "999999", "9999999999999999", "xxxxxx", "-00001", "1e0004", "   inf", "  -inf", "   nan", "0x0010", "-12.34", $"{epoch} 0,2,3 0,0,0 1 2000012",
            Trailer($"{epoch} 0,2,3 0,0,0 1 "), Trailer($"{epoch} 0,2,3 0,0,0 {new string('9', 400)} 1"), Trailer($"{epoch} 0,2,3 0,0 1 1"),
            Trailer($"{epoch} 0,2,3 0,0,{new string('9', 40)} x 1"), Trailer($"{epoch} 0,2,3 0,1,0,0,0 1 1"), Trailer($"{epoch} 0,2,3 ,,, 1 1"),
            Trailer($"{epoch} 0,2,3 0,0,0 1 {new string('9', 400)}"), Trailer($"{epoch} 0,2,3 0,0,0 1 1 1"), Trailer("x 0,2,3 0,0,0 1 1"),
            Trailer($"{epoch} {new string('1', 5000)} 0,0,0 1 1"), $"{epoch} 0,2,3 0,0,0 1 1999999",
        }) entries.Add(Encoding.ASCII.GetBytes(trailer));
        foreach (var entry in entries)
        {
            Assert.True(Ok(await _client.Set(Entry, entry, cancel: Cancel)));
            var found = await Fetch(null);
            Assert.True(found.Entry is null, Encoding.ASCII.GetString(entry));
        }

        foreach (var other in new[] { "RPUSH", "SADD" })
        {
            await Command("DEL", Entry);
            await Command(other, Entry, "x");
            var found = await Fetch("b");
            Assert.Equal((null, L2Lease.Granted), (found.Entry, found.Lease));
            Assert.Equal(L2Stored.Stored, await Store(found, "new", "b"));
            Assert.Equal("new"u8.ToArray(), (await Fetch("c")).Entry);
        }
    }

    [Theory]
    [InlineData("RPUSH", Generations, "x")]
    [InlineData("HSET", Generations, "2", "1")]
    public async Task Generations_of_another_type_are_a_failure_until_they_are_gone(params string[] command)
    {
        await Store(await Fetch("a"), "body", "a");
        await Command("DEL", Generations);
        await Command(command);
        var failures = new[]
        {
            (await _store.Fetch("k", s_places, new("b", LongMs, 0), TimeoutMs)).Failure,
            (await _store.Store(new("k", s_places, "1", [0, 0, 0], null, "new"u8.ToArray(), 0, LongMs, LongMs), TimeoutMs)).Failure,
            (await _store.Invalidate([2], "change", TimeoutMs)).Failure,
            (await _store.ReadGenerations(TimeoutMs)).Failure,
        };
        Assert.All(failures, static failure => Assert.Contains("WRONGTYPE", failure, StringComparison.Ordinal));

        await Command("DEL", Generations);
        Assert.Null((await Fetch(null)).Entry);
        // The report that failed was not noted as done.
        Assert.Equal(1, (await Ok(_store.Invalidate([2], "change", TimeoutMs))).Position.Version);
    }

    [Theory]
    [InlineData("DEL", Generations)]
    [InlineData("SET", Generations, "")]
    [InlineData("SET", Generations, "x")]
    [InlineData("SET", Generations, "a text that was meant for another key")]
    [InlineData("SETRANGE", Generations, "0", "\0\0\0\0\0\0\0\0")]
    public async Task Without_its_generations_or_its_epoch_the_store_begins_anew(params string[] command)
    {
        var before = await Fetch("a");
        await Store(before, "body", "a");
        await Ok(_store.Invalidate([5], null, TimeoutMs));
        await Command(command);
        var after = await Fetch("b");
        Assert.Equal((null, L2Lease.Granted, 0), (after.Entry, after.Lease, after.Position.Version));
        Assert.NotEqual(before.Position.Epoch, after.Position.Epoch);
        Assert.Equal(L2Stored.Outdated, await Store(before, "late"));
        Assert.Equal(L2Stored.Stored, await Store(after, "new", "b"));
        Assert.Equal("new"u8.ToArray(), (await Fetch(null)).Entry);
        var moved = await Ok(_store.Invalidate([2], null, TimeoutMs));
        var all = await Ok(_store.ReadGenerations(TimeoutMs));
        Assert.Equal((1, moved.Position), (moved.Position.Version, all.Position));
        Assert.Equal(moved.At[0], all.At[Array.IndexOf(all.Places, 2)]);
    }

    [Fact]
    public async Task A_place_beyond_the_last_is_refused_as_Redis_would_keep_all_before_it()
    {
        foreach (var place in new[] { -1, RedisSecondLevel.MaxPlace + 1, int.MaxValue })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _store.Invalidate([2, place], null, TimeoutMs));
        await Ok(_store.Invalidate([RedisSecondLevel.MaxPlace], null, TimeoutMs));
        var all = await Ok(_store.ReadGenerations(TimeoutMs));
        Assert.Equal((1, RedisSecondLevel.MaxPlace, 1u), (all.Position.Version, Assert.Single(all.Places), Assert.Single(all.At)));
    }

    [Fact]
    public async Task A_lease_that_never_ends_or_is_no_text_is_taken_over()
    {
        await Command("SET", Lease, "x");
        Assert.Equal(L2Lease.Granted, (await Fetch("a")).Lease);
        Assert.Equal(L2Lease.Refused, (await Fetch("b")).Lease);
        await Command("DEL", Lease);
        await Command("RPUSH", Lease, "x");
        Assert.False(await Ok(_store.Release("k", "a", TimeoutMs)));
        Assert.Equal(L2Stored.LeaseLost, await Store(await Fetch(null), "body", "a"));
        var fetch = await Fetch("c");
        Assert.Equal((L2Lease.Granted, L2Stored.Stored), (fetch.Lease, await Store(fetch, "body", "c")));
    }

    [Fact]
    public async Task A_message_that_makes_no_sense_is_counted_and_makes_the_reader_look_again()
    {
        await using var news = await NewsReader.Connected(_store, Cancel);
        await Command("PUBLISH", "{edge}:n", "2 from a later version");
        await news.Next(L2EventKind.Lost);
        await news.Next(L2EventKind.Connected);
        Assert.Equal(1, _store.MalformedNews);
        await Ok(_store.Invalidate([2], null, TimeoutMs));
        await news.Next(L2EventKind.Invalidated);
    }

    [Fact]
    public async Task A_reader_that_was_too_slow_is_told_and_hears_what_comes_after()
    {
        const int flood = 20_000;
        await using var news = await NewsReader.Connected(_store, Cancel);
        for (var i = 0; i < flood; i += 1_000)
            await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => Ok(_store.Invalidate([2], null, TimeoutMs))));
        L2Event next;
        var heard = 0;
        while ((next = await news.Next()).Kind == L2EventKind.Invalidated) Assert.Equal(++heard, next.Moved.Position.Version);
        Assert.Equal(L2EventKind.Lost, next.Kind);
        await news.Next(L2EventKind.Connected);
        Assert.InRange(heard, 1, flood - 1);
        await Ok(_store.Invalidate([2], null, TimeoutMs));
        Assert.Equal(flood + 1, (await news.Next(L2EventKind.Invalidated)).Moved.Position.Version);
    }

    [Fact]
    public async Task A_subscription_that_is_refused_is_Lost_and_a_line_for_the_log()
    {
        await Command("ACL", "SETUSER", "deaf", "on", ">secret", "~*", "+@all", "resetchannels");
        var refusals = new List<string>();
        await using var client = new RedisClient(redis.Options with { User = "deaf", Password = "secret" });
        await using var news = new NewsReader(new RedisSecondLevel(client, "edge", refusals.Add), Cancel);
        await news.Next(L2EventKind.Lost);
        Assert.Contains("NOPERM", Assert.Single(refusals), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_scripts_is_given_them_again()
    {
        await Fetch("a");
        await Command("SCRIPT", "FLUSH");
        Assert.Equal(L2Lease.Refused, (await Fetch("b")).Lease);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("a}")]
    public void A_prefix_that_is_no_hash_tag_is_refused(string prefix) =>
        Assert.Throws<ArgumentException>(() => new RedisSecondLevel(_client, prefix));

    [Fact]
    public async Task Half_a_surrogate_pair_is_refused_as_UTF_8_cannot_tell_it_from_another()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await _store.Release("a\uD800", "token", TimeoutMs));
        Assert.False(await Ok(_store.Release("a😀", "token", TimeoutMs)));
    }

    static string Trailer(string text) => $"{text}{text.Length:000000}";

    Task<L2Fetch> Fetch(string? token) => Ok(_store.Fetch("k", s_places, new(token, LongMs, 0), TimeoutMs));

    Task<L2Stored> Store(L2Fetch fetch, string body, string? token = null) => Ok(_store.Store(
        new("k", s_places, fetch.Position.Epoch, fetch.At, token, Encoding.UTF8.GetBytes(body), 0, LongMs, LongMs), TimeoutMs));

    async Task Command(params string[] words) =>
        Ok(await _client.Execute(words.Select(static word => (RedisArg)word).ToArray(), Replies.Any, Cancel));

    static T Ok<T>(RedisResult<T> result)
    {
        Assert.True(result.IsOk, result.Failure?.InternalText);
        return result.Value;
    }

    static async Task<T> Ok<T>(ValueTask<L2Result<T>> call)
    {
        var result = await call;
        Assert.True(result.IsOk, result.Failure);
        return result.Value;
    }
}
