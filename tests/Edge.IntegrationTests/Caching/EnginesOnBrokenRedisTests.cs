using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Core.Caching;
using Edge.Redis;
using Edge.Testing;

namespace Edge.IntegrationTests.Caching;

/// <summary>Engines while their Redis is killed, frozen, slow, or out of reach, and when it is back.</summary>
public sealed class EnginesOnBrokenRedisTests
{
    const int TimeoutMs = 250;
    const int Keys = 20;

    // For a busy machine: what is asserted is that nobody waits for Redis, whose outage lasts far longer.
    const int SlackMs = 1_500;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Cases 43, 44, 51, 55, 57, 59, 60
    [Theory]
    [InlineData("killed")]
    [InlineData("frozen")]
    [InlineData("refused")]
    [InlineData("stalled")]
    [InlineData("slow")]
    public async Task Reads_neither_fail_nor_wait_invalidations_are_made_good_and_nothing_stampedes(string how)
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var cluster = await EngineCluster.Start(server, engines: 2, new() { TimeoutMs = TimeoutMs }, Cancel);
        for (var i = 0; i < Keys; i++)
            foreach (var engine in cluster.Engines)
                Assert.Equal(0, (await engine.Read($"{i}")).Value);
        // A call that this machine makes take too long costs a load.
        Assert.InRange(cluster.Loads, Keys, Keys + cluster.Engines.Sum(static engine => engine.Cache.SecondLevel()!.Value.Failures));

        await Break(how, server, cluster);
        await using var machine = MachinePause.Start();
        var slowestMs = 0L;
        cluster.Version = 1;
        slowestMs = Math.Max(slowestMs, await Timed(async () => Assert.False(await cluster[0].Cache.InvalidateTags(["tag"]))));
        for (var i = 0; i < 2 * Keys; i++)
        {
            // Warm ones, then cold ones.
            slowestMs = Math.Max(slowestMs, await Timed(async () =>
            {
                var answer = await cluster[0].Read($"{i}");
                Assert.Equal((1, null), (answer.Value, answer.Failure));
            }));
            slowestMs = Math.Max(slowestMs, await Timed(async () => Assert.Null((await cluster[1].Read($"{i}")).Failure)));
        }
        Assert.InRange(slowestMs, 0, TimeoutMs + EngineCluster.Policy.SoftTimeoutMs + SlackMs + machine.LongestMs);
        Assert.False(cluster[0].IsOpen);

        await Mend(how, server, cluster);
        var watch = Stopwatch.StartNew();
        await cluster.AllOpen(Cancel);
        var loads = cluster.Loads;
        Assert.Equal(0, cluster[0].Cache.SecondLevel()!.Value.Pending);
        var callers = cluster.Engines.SelectMany(engine => Enumerable.Range(0, 10 * Keys).Select(i => Task.Run(
            () => Poll.Until(async _ => (await engine.Read($"{i % Keys}")).Value == 1, "the new value", Cancel), Cancel)));
        await Task.WhenAll(callers);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{how}: slowest {slowestMs} ms, open again {watch.ElapsedMilliseconds} ms after, {cluster.Loads - loads} loads for {Keys} keys and {20 * Keys} callers");
        // One for each key and engine at the very most.
        Assert.InRange(cluster.Loads - loads, 0, 2 * Keys);
    }

    // Case 60: cut off, nothing is older than the bound
    [Fact]
    public async Task An_engine_that_is_cut_off_yields_nothing_older_than_its_bound()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var cluster = await EngineCluster.Start(server, engines: 2, new() { TimeoutMs = TimeoutMs, CutOffMs = 500 }, Cancel);
        await cluster[0].Read();
        await cluster[1].Read();
        await cluster[1].Proxy.Refuse();
        cluster.Version = 1;
        var watch = Stopwatch.StartNew();
        Assert.True(await cluster[0].Cache.InvalidateTags(["tag"]));
        var lastOldMs = 0L;
        await Poll.Until(
            async _ =>
            {
                var startedMs = watch.ElapsedMilliseconds;
                if ((await cluster[1].Read()).Value == 1)
                    return true;
                lastOldMs = startedMs;
                return false;
            }, "the new value, cut off", Cancel);
        Assert.False(cluster[1].IsOpen);
        TestContext.Current.TestOutputHelper?.WriteLine($"the last old one {lastOldMs} ms after, seen after {watch.ElapsedMilliseconds} ms, bound 500 ms");
        // When a read began that yielded the old one: what this machine makes of the time between two reads is not the engine's.
        Assert.InRange(lastOldMs, 0, 500 + SlackMs);
    }

    // Case 60: and the link returns before that
    [Fact]
    public async Task What_was_invalidated_while_an_engine_was_cut_off_is_gone_there_when_the_link_is_back()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var cluster = await EngineCluster.Start(server, engines: 2, new() { TimeoutMs = TimeoutMs, CutOffMs = 3_600_000 }, Cancel);
        await cluster[0].Read();
        await cluster[1].Read();
        await cluster[1].Proxy.Refuse();
        await Poll.Until(() => !cluster[1].IsOpen, "the cut is noticed", Cancel);
        cluster.Version = 1;
        Assert.True(await cluster[0].Cache.InvalidateTags(["tag"]));
        Assert.Equal((CacheSource.Hit, 0), (await cluster[1].Read()) is var answer ? (answer.Source, answer.Value) : default);
        cluster[1].Proxy.Pass();
        await cluster.AllOpen(Cancel);
        Assert.Equal(1, (await cluster[1].Read()).Value);
    }

    // Cases 55, 59; S6
    [Fact]
    public async Task Two_thousand_invalidations_without_redis_are_made_good_when_it_is_back()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var cluster = await EngineCluster.Start(server, engines: 2, new() { TimeoutMs = TimeoutMs }, Cancel);
        await cluster[0].Read();
        await cluster[1].Read();
        await cluster[0].Proxy.Refuse();
        await Poll.Until(() => !cluster[0].IsOpen, "the cut is noticed", Cancel);
        cluster.Version = 1;
        for (var i = 0; i < 2_000; i++)
            Assert.False(await cluster[0].Cache.InvalidateTags([$"tag {i}"]));
        Assert.False(await cluster[0].Cache.InvalidateTags(["tag"]));
        cluster[0].Proxy.Pass();
        var watch = Stopwatch.StartNew();
        await cluster.AllOpen(Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine($"open again and all told {watch.ElapsedMilliseconds} ms after the link could be made");
        Assert.Equal(0, cluster[0].Cache.SecondLevel()!.Value.Pending);
        await Poll.Until(async _ => (await cluster[1].Read()).Value == 1, "the new value", Cancel);
    }

    // Case 49
    [Fact]
    public async Task A_redis_that_is_killed_during_a_load_hurts_nobody()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var cluster = await EngineCluster.Start(server, engines: 2, new() { TimeoutMs = TimeoutMs }, Cancel);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Gate = gate.Task;
        var reads = new[] { cluster[0].Read(), cluster[1].Read() };
        await Poll.Until(() => cluster.Loads == 1, "one loads", Cancel);
        await server.Kill(Cancel);
        // The other waits for a lease that nobody can give back any more.
        await Poll.Until(() => cluster.Loads == 2, "the other has noticed and loads, too", Cancel);
        gate.SetResult();
        Assert.All(await Task.WhenAll(reads), static answer => Assert.Equal((CacheSource.Miss, null), (answer.Source, answer.Failure)));
    }

    [Fact]
    public async Task What_was_invalidated_after_a_dump_is_not_served_when_redis_comes_back_from_it()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var admin = new RedisClient(new() { Port = server.Port });
        await using var cluster = await EngineCluster.Start(server, engines: 2, new() { TimeoutMs = TimeoutMs }, Cancel);
        Assert.Equal(0, (await cluster[0].Read()).Value);
        Assert.Equal(CacheSource.Shared, (await cluster[1].Read()).Source);
        Assert.True((await admin.Execute(["SAVE"], Replies.Any, Cancel)).IsOk);
        cluster.Version = 1;
        Assert.True(await cluster[0].Cache.InvalidateTags(["tag"]));
        await Poll.Until(() => cluster[1].Cache.SecondLevel()!.Value.News == 1, "the other has heard of it", Cancel);
        await server.Kill(Cancel);
        await Poll.Until(() => cluster.Engines.All(static engine => !engine.IsOpen), "the loss is noticed", Cancel);
        await server.Restart(Cancel);
        await cluster.AllOpen(Cancel);
        // It is there.
        Assert.Equal(["key"], await Entries(server));
        // Nor by one that knows nothing else.
        await using var newcomers = await EngineCluster.Start(server, engines: 1, new() { TimeoutMs = TimeoutMs }, Cancel);
        newcomers.Version = 1;
        Assert.Equal(1, (await newcomers[0].Read()).Value);
        foreach (var engine in cluster.Engines)
            Assert.Equal(1, (await engine.Read()).Value);
        Assert.Equal([2L, 2L], cluster.Engines.Select(static engine => engine.Cache.SecondLevel()!.Value.MemoryLost));
    }

    [Theory]
    [InlineData("READONLY", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE")]
    [InlineData("OOM", "CONFIG SET maxmemory 1 maxmemory-policy noeviction", "CONFIG SET maxmemory 0")]
    public async Task A_redis_that_refuses_writes_is_closed_once_and_used_again_when_it_takes_them(string refusal, string begin, string end)
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var admin = new RedisClient(new() { Port = server.Port });
        await using var cluster = await EngineCluster.Start(server, engines: 1, new() { TimeoutMs = TimeoutMs }, Cancel);
        await Command(begin);
        var keys = 0;
        await Poll.Until(
            async _ =>
            {
                Assert.Null((await cluster[0].Read($"{keys++}")).Failure);
                return !cluster[0].IsOpen;
            },
            "it is closed", Cancel);
        var closings = cluster[0].Cache.SecondLevel()!.Value.Closings;
        var refused = await Refused();
        await Poll.Until(
            async _ =>
            {
                Assert.Null((await cluster[0].Read($"{keys++}")).Failure);
                Assert.Equal((false, closings), (cluster[0].IsOpen, cluster[0].Cache.SecondLevel()!.Value.Closings));
                return await Refused() >= refused + 4;
            },
            "it was tried again a few times", Cancel);
        await Command(end);
        await cluster.AllOpen(Cancel);

        async Task Command(string words) => Assert.True((await admin.Execute(words.Split(' ').Select(static word => (RedisArg)word).ToArray(), Replies.Any, Cancel)).IsOk);

        async Task<int> Refused()
        {
            Assert.True((await admin.Execute(["INFO", "errorstats"], Replies.Text, Cancel)).TryGet(out var text, out _));
            return Regex.Match(text!, $"errorstat_{refusal}:count=([0-9]+)") is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        }
    }

    static async Task<string[]> Entries(RedisServer server)
    {
        const string prefix = "{edge}:k:";
        await using var admin = new RedisClient(new() { Port = server.Port });
        Assert.True((await admin.Scan(0, cancel: Cancel)).TryGet(out var scan, out _));
        return [.. scan.Keys.Select(Encoding.UTF8.GetString).Where(static key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(static key => key[prefix.Length..])];
    }

    static async Task Break(string how, RedisServer server, EngineCluster cluster)
    {
        if (how == "killed")
            await server.Kill(Cancel);
        else if (how == "frozen")
            server.Pause();
        foreach (var engine in cluster.Engines)
            switch (how)
            {
                case "refused":
                    await engine.Proxy.Refuse();
                    break;
                case "stalled":
                    engine.Proxy.Stall();
                    break;
                case "slow":
                    engine.Proxy.Delay(TimeSpan.FromMilliseconds(2 * TimeoutMs));
                    break;
            }
        // What is refused or killed is known at once, elsewhere the next call shows it.
        if (how is "killed" or "refused")
            await Poll.Until(() => cluster.Engines.All(static engine => !engine.IsOpen), "the loss is noticed", Cancel);
    }

    static async Task Mend(string how, RedisServer server, EngineCluster cluster)
    {
        if (how == "killed")
            await server.Restart(Cancel);
        else if (how == "frozen")
            server.Resume();
        foreach (var engine in cluster.Engines)
            engine.Proxy.Pass();
    }

    static async Task<long> Timed(Func<Task> action)
    {
        var watch = Stopwatch.StartNew();
        await action();
        return watch.ElapsedMilliseconds;
    }
}
