using System.Diagnostics;
using System.Globalization;
using Edge.IntegrationTests.Cli;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.CacheFaults;

/// <summary>
/// What a cache is for: everything behind it breaks, under load, and its readers do not notice. Each fault lasts EDGE_FAULT_SECONDS where that
/// is set, for figures; else only as long as the mechanisms that it meets need.
/// </summary>
[Collection(nameof(CacheCluster))]
public sealed class CacheFaultTests(CacheCluster cluster)
{
    /// <summary>CachePolicy.SoftTimeoutMs.</summary>
    const int SoftTimeoutMs = 500;

    /// <summary>What a busy machine may add to it, beside what /health shows that it does add.</summary>
    const int MarginMs = 250;

    const int MaxLogLines = 12;

    /// <summary>EDGE_CACHE_REDIS_TIMEOUT_MS.</summary>
    const int RedisTimeoutMs = 100;

    /// <summary>
    /// Bound of what is old after a fault (the feed's longest pause between attempts is 3 s with its jitter), and of a reader's wait for a row that
    /// was changed: the old one is no answer then.
    /// </summary>
    const int ShownWithinMs = 5_000;

    static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public Task Redis_killed() => Break("Redis killed", 3, () => cluster.Redis.Kill(Cancelled), () => cluster.Redis.Restart(Cancelled));

    [Fact]
    public Task Redis_frozen() => Break("Redis stopped (SIGSTOP)", 8, Does(cluster.Redis.Pause), Does(cluster.Redis.Resume));

    [Fact]
    public Task Redis_slow() => Break(
        "Redis slow by 200 ms", 4, Does(() => cluster.RedisLink.Delay(TimeSpan.FromMilliseconds(100))), Does(cluster.RedisLink.Pass));

    [Fact]
    public Task Redis_restarted_empty() => Break("Redis restarted empty", 2, () => cluster.Redis.Restart(Cancelled), Does(static () => { }));

    [Fact]
    public Task Postgres_killed() => Break(
        "Postgres killed", 3, () => cluster.Postgres.Kill(Cancelled), () => cluster.Postgres.Restart(Cancelled), isPostgresAway: true, isRedisWell: true);

    [Fact]
    public Task Postgres_frozen() => Break(
        "Postgres stopped (SIGSTOP)", 8, Does(cluster.Postgres.Pause), Does(cluster.Postgres.Resume), isPostgresAway: true, isRedisWell: true);

    /// <summary>
    /// Long enough for probes and attempts to listen to be given up several times. Nothing else is asked, so that only what the instances do
    /// by themselves could keep their threads. An instance that has no database is asked with each: what it takes, the machine adds.
    /// </summary>
    [Fact]
    public async Task While_Postgres_is_frozen_health_answers_at_once()
    {
        const int seconds = 25;
        await using var control = await CacheNode.StartAlone(EdgeRun.Binary, Cancelled);
        await cluster.Settle();
        cluster.Postgres.Pause();
        var (asked, slowestMs, slowestControlMs) = (0, 0.0, 0.0);
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            for (var watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < seconds; asked++)
            {
                var both = await Task.WhenAll(HealthMs(cluster.Nodes[asked % cluster.Nodes.Count]), HealthMs(control));
                (slowestMs, slowestControlMs) = (Math.Max(slowestMs, both[0]), Math.Max(slowestControlMs, both[1]));
                await timer.WaitForNextTickAsync(Cancelled);
            }
        }
        finally
        {
            cluster.Postgres.Resume();
        }
        cluster.Report.Add(CacheNode.Invariant($"`/health` while Postgres was stopped (SIGSTOP) for {seconds} s, nothing else asked, {asked} times: slowest {slowestMs:0} ms; of an instance without a database: {slowestControlMs:0} ms."));
        Assert.InRange(slowestMs, 0, MarginMs + slowestControlMs);
        await cluster.Settle();

        static async Task<double> HealthMs(CacheNode node)
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await node.Get("/health", Cancelled);
            Assert.True(answer.IsSuccessStatusCode);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    [Fact]
    public async Task Postgres_out_of_connections()
    {
        var taken = new List<NpgsqlConnection>();
        await Break("Postgres out of connections", 4, TakeAll, GiveBack, isPostgresAway: true, isRedisWell: true);

        // Whoever has one loses it; those who come at that moment may be quicker than this, hence again.
        async Task TakeAll()
        {
            for (var round = 0; round < 3; round++)
            {
                await Take();
                await using var command = new NpgsqlCommand(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'edge%' and datname = current_database()", taken[0]);
                await command.ExecuteNonQueryAsync(Cancelled);
            }
            await Take();
        }

        async Task Take()
        {
            try
            {
                while (true)
                    taken.Add(await cluster.Connect());
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                // That was the last.
            }
        }

        async Task GiveBack()
        {
            foreach (var connection in taken)
                await connection.DisposeAsync();
        }
    }

    [Fact]
    public Task Redis_and_Postgres_both_gone() => Break(
        "Redis killed and Postgres stopped", 8,
        async () =>
        {
            cluster.Postgres.Pause();
            await cluster.Redis.Kill(Cancelled);
        },
        async () =>
        {
            cluster.Postgres.Resume();
            await cluster.Redis.Restart(Cancelled);
        },
        isPostgresAway: true);

    [Fact]
    public Task The_link_of_one_instance_to_Redis_cut() => Break(
        "one instance's link to Redis cut", 6, Does(cluster.ThirdLink.Stall), Does(cluster.ThirdLink.Pass),
        meanwhile: async () =>
        {
            // Past the triggers, so that the tag that another instance clears is all that tells of it.
            var marker = cluster.NextMarker();
            await cluster.Execute(CacheNode.Invariant(
                $"""
                begin;
                alter table products disable trigger edge_changed_products;
                update products set stock = {marker} where id = 1;
                alter table products enable always trigger edge_changed_products;
                commit
                """));
            await cluster.Nodes[0].Clear("""{"tag":"product:1"}""", Cancelled);
            var watch = Stopwatch.StartNew();
            Assert.Equal(marker, await cluster.Nodes[0].Stock(1, Cancelled));
            await Poll.Until(async token => await cluster.Nodes[1].Stock(1, token) == marker, "the other one that is connected shows it", Cancelled);
            await Poll.Until(async token => await cluster.Nodes[2].Stock(1, token) == marker, "the one that is cut off shows it", Cancelled);
            var shownMs = watch.Elapsed.TotalMilliseconds;
            // Under load, five calls that fail in a row tell that Redis is away, long before the link's own silence does.
            Assert.InRange(shownMs, 0, CacheCluster.CutOffMs + 2_000);
            cluster.Report.Add(CacheNode.Invariant(
                $"A tag cleared on another instance showed on the one that was cut off after {shownMs:0} ms (bound: {CacheCluster.CutOffMs} ms and the time to notice the cut)."));
        });

    static Func<Task> Does(Action action) => () =>
    {
        action();
        return Task.CompletedTask;
    };

    async Task Break(string name, int seconds, Func<Task> strike, Func<Task> mend, bool isPostgresAway = false, bool isRedisWell = false, Func<Task>? meanwhile = null)
    {
        if (Environment.GetEnvironmentVariable("EDGE_FAULT_SECONDS") is { } asked && seconds > 2)
            seconds = int.Parse(asked, CultureInfo.InvariantCulture);
        await cluster.Settle();
        var doneBefore = await Task.WhenAll(cluster.Nodes.Select(static node => node.ChangesDone(Cancelled)));
        await Mark();
        // To show a change is not yet to have heard of it: a row that was in no memory is read as it is, and the word of its change, which comes 50 ms
        // later, makes it invalid. One that nobody happens to read between that and the fault cannot be served while there is no database.
        await Poll.Until(
            async token =>
            {
                var done = await Task.WhenAll(cluster.Nodes.Select(node => node.ChangesDone(token)));
                return done.Zip(doneBefore).All(static node => node.First >= node.Second + CacheCluster.ChangedProducts);
            }, "all instances have dealt with the changes", Cancelled);
        await cluster.Warm();
        var linesBefore = cluster.Nodes.Select(static node => node.Log.Count).ToArray();

        await using var load = new ReadLoad(cluster);
        await ReadLoad.For(Calm);
        var (loadsBefore, coldBefore) = (await Loads(), load.Cold.Ok);
        await strike();
        var fault = ReadLoad.For(TimeSpan.FromSeconds(seconds));
        try
        {
            // The fault alone first, then with changes.
            await ReadLoad.For(TimeSpan.FromSeconds(seconds / 2.0));
            if (!isPostgresAway)
                Assert.InRange(await Mark(), 0, ShownWithinMs);
            if (meanwhile is not null)
                await meanwhile();
            await fault;
        }
        finally
        {
            await mend();
        }

        var watch = Stopwatch.StartNew();
        var (loadsAtEnd, coldAtEnd) = (await Loads(), load.Cold.Ok);
        var shownMs = await Mark();
        await cluster.Settle();
        var wholeMs = watch.Elapsed.TotalMilliseconds;
        await ReadLoad.For(Calm);
        await load.DisposeAsync();
        var loadsAfter = await Loads();
        var lines = cluster.Nodes.Select((node, i) => node.Log.Skip(linesBefore[i]).ToArray()).MaxBy(static lines => lines.Length)!;
        var figures = new FaultFigures(
            name, seconds, load.Warm, load.Changed, load.Cold, load.Control, loadsAtEnd - loadsBefore - (coldAtEnd - coldBefore),
            loadsAfter - loadsAtEnd - (load.Cold.Ok - coldAtEnd), shownMs, wholeMs, lines.Length);
        cluster.Report.Add(figures);
        TestContext.Current.TestOutputHelper?.WriteLine(CacheNode.Invariant(
            $"{figures with { Warm = null!, Changed = null!, Cold = null!, Control = null! }} warm {Text(load.Warm)} changed {Text(load.Changed)} cold {Text(load.Cold)} health {Text(load.Control)}\n{string.Join('\n', lines)}"));

        Assert.True(load.Warm.Count == load.Warm.Ok, $"of {load.Warm.Count} cached reads {load.Warm.Count - load.Warm.Ok} failed: {load.Warm.Other ?? "503"}");
        // Who waits out the soft timeout needs a thread twice, when it comes and when it goes on; /health needs one once.
        Assert.InRange(load.Warm.SlowestMs, 0, SoftTimeoutMs + MarginMs + 2 * load.Control.SlowestMs);
        Assert.True(load.Changed.Count == load.Changed.Ok, $"of {load.Changed.Count} reads of what was changed {load.Changed.Count - load.Changed.Ok} failed: {load.Changed.Other ?? "503"}");
        Assert.InRange(load.Changed.SlowestMs, 0, ShownWithinMs + load.Control.SlowestMs);
        Assert.True(load.Cold.Others == 0, $"never-read products: {load.Cold.Other}");
        if (!isPostgresAway)
            Assert.Equal(0, load.Cold.Unavailable);
        Assert.InRange(shownMs, 0, ShownWithinMs);
        // Each instance loads each product once per interval while it is alone, and once more when it is not.
        var intervals = 1 + (long)(wholeMs / CacheCluster.CutOffMs);
        Assert.InRange(figures.LoadsOnReturn, 0, cluster.Nodes.Count * CacheCluster.WarmProducts * intervals);
        // A pause as long as a call of Redis may take lets calls fail of a Redis that is well, and the cache say that it does without, and with it again.
        var isPause = isRedisWell && load.Control.SlowestMs >= RedisTimeoutMs;
        Assert.InRange(lines.Count(line => !isPause || !SaysWhetherRedisIsUsed(line)), 0, MaxLogLines);
    }

    static bool SaysWhetherRedisIsUsed(string line) =>
        line.Contains("\"event\":\"CacheAlone\"", StringComparison.Ordinal) || line.Contains("\"event\":\"CacheShared\"", StringComparison.Ordinal);

    static string Text(Tally tally) => CacheNode.Invariant(
        $"{tally.Count}: {tally.Ok} ok, {tally.Unavailable} unavailable, {tally.Others} other ({tally.Other}), slowest {tally.SlowestMs:0} ms {tally.Slowest}");

    async Task<long> Loads()
    {
        var loads = 0L;
        foreach (var node in cluster.Nodes)
            loads += await node.Loads(Cancelled);
        return loads;
    }

    /// <summary>Changes the most-read products, as soon as Postgres takes it. Returns the milliseconds until all instances show all of them.</summary>
    async Task<double> Mark()
    {
        var marker = cluster.NextMarker();
        await Poll.Until(
            async _ =>
            {
                try
                {
                    await cluster.Execute(CacheNode.Invariant($"update products set stock = {marker} where id <= {CacheCluster.ChangedProducts}"));
                    return true;
                }
                catch (NpgsqlException)
                {
                    // It is still starting.
                    return false;
                }
            }, "Postgres takes a change", Cancelled);
        var watch = Stopwatch.StartNew();
        await Poll.Until(
            async token =>
            {
                foreach (var node in cluster.Nodes)
                    for (var id = 1; id <= CacheCluster.ChangedProducts; id++)
                        if (await node.Stock(id, token) != marker)
                            return false;
                return true;
            }, "all instances show the change", Cancelled);
        return watch.Elapsed.TotalMilliseconds;
    }
}
