using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Edge.Data;
using Edge.Features.ApiKeys;
using Edge.Http;
using Edge.IntegrationTests.Cli;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.ApiKeys;

/// <summary>Keys on two instances over one Postgres and one Redis: known to both, and ended on both by whoever ends them.</summary>
public sealed class ApiKeyTests
{
    const int WithinMs = 2_000;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_that_one_instance_has_loaded_the_other_takes_from_Redis()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var key = await Issue(database, "batch");
        await using var pair = await Pair.Start(database.Url);
        Assert.Equal("batch", (await pair.One.Find(key, Cancelled))?.Plan);
        // Nobody is told, and the row is gone: who still knows the key has not asked the database.
        await Execute(database, "alter table api_keys disable trigger all; delete from api_keys");
        ApiKey? found = null;
        await Poll.Until(async token => (found = await pair.Other.Find(key, token)) is not null, "the other instance has it from Redis", Cancelled);
        Assert.Equal(new ApiKey(1, "batch"), found);
        Assert.Equal((1, 0), (pair.Other.Keys.Shared, pair.Other.Keys.Failed));
        for (var i = 0; i < 10; i++)
        {
            var again = pair.Other.Find(key, Cancelled);
            Assert.True(again.IsCompletedSuccessfully);
            Assert.Equal(found, await again);
        }
    }

    [Theory]
    [InlineData("update api_keys set revoked_at = now()")]
    [InlineData("delete from api_keys")]
    [InlineData("truncate api_keys")]
    public async Task What_is_ended_in_psql_is_ended_on_every_instance_within_moments(string sql)
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var key = await Issue(database, "batch");
        await using var pair = await Pair.Start(database.Url);
        foreach (var instance in pair.Both)
            Assert.NotNull(await instance.Find(key, Cancelled));
        await using var machine = MachinePause.Start();
        var watch = Stopwatch.StartNew();
        await Execute(database, sql);
        foreach (var instance in pair.Both)
            await Poll.Until(async token => await instance.Find(key, token) is null, "the key is refused", Cancelled);
        TestContext.Current.TestOutputHelper?.WriteLine($"{sql}: {watch.ElapsedMilliseconds} ms");
        Assert.InRange(watch.ElapsedMilliseconds, 0, WithinMs + machine.LongestMs);
    }

    [Fact]
    public async Task What_edge_keys_revokes_is_ended_and_another_plan_is_taken_up()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var (kept, revoked) = (await Issue(database, "batch"), await Issue(database, "batch"));
        await using var pair = await Pair.Start(database.Url);
        foreach (var instance in pair.Both)
            Assert.Equal(("batch", "batch"), ((await instance.Find(kept, Cancelled))?.Plan, (await instance.Find(revoked, Cancelled))?.Plan));
        var ended = await EdgeRun.Of(["keys", "revoke", "2"], new() { ["DATABASE_URL"] = database.Url });
        Assert.True(ended.ExitCode == 0, ended.Errors);
        await Execute(database, "update api_keys set plan = 'gold' where id = 1");
        foreach (var instance in pair.Both)
        {
            await Poll.Until(async token => await instance.Find(revoked, token) is null, "the key is refused", Cancelled);
            await Poll.Until(async token => (await instance.Find(kept, token))?.Plan == "gold", "the new plan holds", Cancelled);
        }
    }

    /// <summary>"There is no such key" would be believed for five seconds.</summary>
    [Fact]
    public async Task A_key_that_was_unknown_is_known_within_moments_of_its_row()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await using var pair = await Pair.Start(database.Url);
        var key = ApiKeyText.New();
        foreach (var instance in pair.Both)
            Assert.Null(await instance.Find(key, Cancelled));
        await using var machine = MachinePause.Start();
        var watch = Stopwatch.StartNew();
        await Insert(database, key, "batch");
        foreach (var instance in pair.Both)
            await Poll.Until(async token => await instance.Find(key, token) is not null, "the key is known", Cancelled);
        Assert.InRange(watch.ElapsedMilliseconds, 0, WithinMs + machine.LongestMs);
    }

    [Fact]
    public async Task Without_the_database_a_known_key_goes_on_and_an_unknown_one_fails()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var key = await Issue(database, "batch");
        await using var proxy = CuttingProxy.Start((await SharedServers.Postgres(Cancelled)).Port);
        await using var pair = await Pair.Start(database.UrlAt(proxy.Port));
        Assert.NotNull(await pair.One.Find(key, Cancelled));
        await proxy.Refuse();
        // Past its duration or after missed news, which is the same to the cache: it would rather load the key.
        pair.One.ExpireAllHere();
        Assert.NotNull(await pair.One.Find(key, Cancelled));
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () => await pair.One.Find(ApiKeyText.New(), Cancelled));
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure));
        Assert.Null(await pair.One.Find("nonsense", Cancelled));
    }

    /// <summary>Anybody who may connect may NOTIFY.</summary>
    [Fact]
    public async Task Whatever_is_told_of_keys_the_instances_go_on()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var key = await Issue(database, "batch");
        await using var pair = await Pair.Start(database.Url);
        foreach (var instance in pair.Both)
            Assert.NotNull(await instance.Find(key, Cancelled));
        foreach (var told in (string[])["api_keys", "api_keys 1", "api_keys 1 x", @"api_keys 1 \", @"api_keys 1 \x", @"api_keys 1 \xZZ", "api_keys 1 " + new string('é', 3_000), "api_keys x x", " ", ""])
            await Execute(database, $"select pg_notify('edge_changes', '{told}')");
        foreach (var instance in pair.Both)
            Assert.NotNull(await instance.Find(key, Cancelled));
        await Execute(database, "update api_keys set revoked_at = now()");
        foreach (var instance in pair.Both)
            await Poll.Until(async token => await instance.Find(key, token) is null, "the key is refused", Cancelled);
    }

    /// <summary>With everything logged that can be: of a request that is answered, one that is not found, and one that the database fails.</summary>
    [Fact]
    public async Task No_line_of_the_log_holds_a_key()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var key = await Issue(database, "batch");
        await using var proxy = CuttingProxy.Start((await SharedServers.Postgres(Cancelled)).Port);
        await using var server = await EdgeServer.StartReady(
            new() { ["DATABASE_URL"] = database.UrlAt(proxy.Port), ["EDGE_LOG_LEVEL"] = "trace", ["EDGE_LOG_FORMAT"] = "json", ["EDGE_WARM_SECONDS"] = "0" }, Cancelled);
        await Get("/api/products/1", HttpStatusCode.OK);
        await Get("/nowhere", HttpStatusCode.NotFound);
        await proxy.Refuse();
        await Get("/api/products/2", HttpStatusCode.ServiceUnavailable);
        await server.Drain(PosixSignal.SIGTERM, Cancelled);
        var ended = await server.End(Cancelled);
        Assert.Equal(0, ended.ExitCode);
        Assert.True(ended.Output.Split('\n').Length > 10, ended.Output);
        Assert.DoesNotContain(key[ApiKeyText.PrefixChars..], ended.Output + ended.Errors);

        async Task Get(string path, HttpStatusCode expected)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-API-Key", key } } };
            using var answer = await server.Http.SendAsync(ask, Cancelled);
            Assert.Equal(expected, answer.StatusCode);
            Assert.DoesNotContain(key[ApiKeyText.PrefixChars..], await answer.Content.ReadAsStringAsync(Cancelled));
        }
    }

    static async Task<string> Issue(SmallDatabase database, string plan)
    {
        var key = ApiKeyText.New();
        await Insert(database, key, plan);
        return key;
    }

    static async Task Insert(SmallDatabase database, string key, string plan)
    {
        await using var connection = await database.Connect(Cancelled);
        await using var command = new NpgsqlCommand("insert into api_keys (name, prefix, key_hash, plan) values ('test', $1, $2, $3)", connection)
        {
            Parameters = { new() { Value = key[..ApiKeyText.PrefixChars] }, new() { Value = SHA256.HashData(Encoding.ASCII.GetBytes(key)) }, new() { Value = plan } },
        };
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    static async Task Execute(SmallDatabase database, string sql)
    {
        await using var connection = await database.Connect(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    sealed record Pair(KeyInstance One, KeyInstance Other) : IAsyncDisposable
    {
        public KeyInstance[] Both => [One, Other];

        public static async Task<Pair> Start(string databaseUrl)
        {
            var prefix = $"t{Guid.NewGuid():N}";
            return new(await KeyInstance.Start(databaseUrl, prefix, Cancelled), await KeyInstance.Start(databaseUrl, prefix, Cancelled));
        }

        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Other.DisposeAsync();
        }
    }
}
