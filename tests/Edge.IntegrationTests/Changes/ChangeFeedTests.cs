using System.Diagnostics;
using Edge.Data.Changes;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Changes;

/// <summary>The feed on a real server, whose connections are killed, whose link is cut, and that is killed itself.</summary>
public sealed class ChangeFeedTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_begins_with_a_gap_and_every_change_committed_after_it_is_told()
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = ChangeListener.Begin(database.Options);
        Assert.False(listener.Status.IsListening);
        await listener.Gap();
        await database.Execute("update products set price = 2 where id = 5");
        var change = (await listener.Next()).Changes.Single();
        Assert.Equal(("products", "5"), (change.Subject, change.Key));
        Assert.True(change.Number > 0);
        var status = listener.Status;
        Assert.Equal((true, null, 1L, 1L, 2L, 1L, 0L, 0L), (
            status.IsListening, status.Problem, status.Connections, status.Gaps, status.Batches, status.Changes, status.Ignored, status.Malformed));
    }

    [Fact]
    public async Task Instances_hear_the_same_changes_under_the_same_numbers()
    {
        await using var database = await ChangeDatabase.Create();
        await using var one = await ChangeListener.Start(database.Options);
        await using var other = await ChangeListener.Start(database.Options);
        await database.Execute("update products set price = 2 where id = 5");
        Assert.Equal((await one.Next()).Changes, (await other.Next()).Changes);
    }

    [Fact]
    public async Task A_change_is_told_within_a_second_beside_a_transaction_that_stays_open()
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options, new ChangeFeedOptions());
        await using var open = await database.OpenWriter();
        var latencies = new List<long>();
        for (var id = 2; id <= 6; id++)
        {
            var watch = Stopwatch.StartNew();
            await database.Execute($"update products set price = 2 where id = {id}");
            Assert.Equal($"{id}", (await listener.Next()).Changes.Single().Key);
            latencies.Add(watch.ElapsedMilliseconds);
        }
        // The median: this machine may be busy with other tests.
        Assert.InRange(latencies.Order().ElementAt(2), 0, 1_000);
    }

    [Fact]
    public async Task A_row_that_changes_all_the_time_makes_few_batches()
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options, new ChangeFeedOptions { BatchIntervalMs = 200 });
        var watch = Stopwatch.StartNew();
        await database.Execute([.. Enumerable.Repeat("update products set stock = stock + 1 where id = 5", 1_000)]);
        Assert.Equal(["stock 5"], await listener.Heard(database));
        Assert.InRange(listener.Status.Batches, 2, 4 + (long)(watch.Elapsed.TotalMilliseconds / 200));
    }

    [Fact]
    public async Task After_its_connection_was_killed_it_tells_a_gap_and_goes_on()
    {
        await using var database = await ChangeDatabase.Create();
        var log = new LogRecorder<ChangeFeed>();
        await using var listener = await ChangeListener.Start(database.Options, log: log);
        for (var round = 1; round <= 3; round++)
        {
            await database.TerminateListeners();
            await listener.Gap();
            await database.Execute($"update products set price = {round} + 10 where id = 5");
            Assert.Equal(["products 5"], await listener.Heard(database));
        }
        Assert.Equal((4L, 4L), (listener.Status.Connections, listener.Status.Gaps));
        Assert.Equal(Enumerable.Repeat("ChangesUnheard ChangesHeard", 3), log.Events.Chunk(2).Select(static pair => string.Join(' ', pair.Select(static line => line.Name))));
    }

    [Fact]
    public async Task A_killed_server_is_a_gap_when_it_is_back_and_two_lines_in_the_log()
    {
        await using var server = await PostgresServer.Start(Cancelled);
        await using var database = await ChangeDatabase.Create(server);
        var log = new LogRecorder<ChangeFeed>();
        await using var listener = await ChangeListener.Start(database.Options, log: log);
        await server.Kill(Cancelled);
        await Poll.Until(() => listener.Status is { IsListening: false, Problem: "Unavailable" }, "the loss is noticed", Cancelled);
        await server.Restart(Cancelled);
        await listener.Gap();
        await Poll.Until(
            async _ =>
            {
                try
                {
                    await database.Execute("update products set price = price + 1 where id = 5");
                    return true;
                }
                catch (NpgsqlException)
                {
                    // A connection of the writer's pool, from before.
                    return false;
                }
            }, "the writer has a connection again", Cancelled);
        Assert.Equal(["products 5"], await listener.Heard(database));
        Assert.Equal(["ChangesUnheard", "ChangesHeard"], log.Events.Select(static line => line.Name));
        Assert.DoesNotContain("127.0.0.1", string.Concat(log.Events.Select(static line => line.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frozen_server_is_noticed_in_time_and_is_a_gap_when_it_goes_on()
    {
        await using var server = await PostgresServer.Start(Cancelled);
        await using var database = await ChangeDatabase.Create(server);
        await using var listener = await ChangeListener.Start(database.Options, ChangeListener.Impatient);
        server.Pause();
        var watch = Stopwatch.StartNew();
        try
        {
            await Poll.Until(() => !listener.Status.IsListening, "the silence is noticed", Cancelled);
            Assert.InRange(watch.ElapsedMilliseconds, 900, 5_000);
            Assert.Equal("no answer in time", listener.Status.Problem);
        }
        finally
        {
            server.Resume();
        }
        await listener.Gap();
        await database.Execute("update products set price = 2 where id = 5");
        Assert.Equal(["products 5"], await listener.Heard(database));
    }

    [Fact]
    public async Task A_link_cut_in_silence_is_noticed_in_time_and_what_was_missed_is_a_gap()
    {
        await using var database = await ChangeDatabase.Create();
        await using var proxy = CuttingProxy.Start(database.Options.Port);
        await using var listener = await ChangeListener.Start(database.Options with { Port = proxy.Port }, ChangeListener.Impatient);
        proxy.Stall();
        var watch = Stopwatch.StartNew();
        await Poll.Until(() => !listener.Status.IsListening, "the silence is noticed", Cancelled);
        // AnswerTimeoutMs, and IdleIntervalMs before it.
        Assert.InRange(watch.ElapsedMilliseconds, 900, 5_000);
        await database.Execute("update products set price = 2 where id = 5");
        proxy.Pass();
        await listener.Gap();
        await database.Execute("update products set price = 2 where id = 6");
        Assert.Equal(["products 6"], await listener.Heard(database));
    }

    [Fact]
    public async Task What_makes_no_sense_is_a_gap_and_what_nobody_knows_is_nothing()
    {
        await using var database = await ChangeDatabase.Create();
        var log = new LogRecorder<ChangeFeed>();
        await using var listener = await ChangeListener.Start(database.Options, log: log);
        await database.Execute("notify edge_changes, 'of_the_future 1 2 3'", "notify other_channel, 'products'");
        Assert.Empty(await listener.Heard(database));
        await database.Execute("notify edge_changes, 'products x'");
        await listener.Gap();
        await database.Execute("notify edge_changes");
        await listener.Gap();
        Assert.Equal((1L, 2L, 3L), (listener.Status.Ignored, listener.Status.Malformed, listener.Status.Gaps));
        Assert.Equal(["ChangeMalformed"], log.Events.Select(static line => line.Name));
    }

    [Fact]
    public async Task A_database_without_the_triggers_is_a_problem_until_it_is_migrated()
    {
        await using var database = await ChangeDatabase.Create();
        await database.Execute("alter function edge_flush_changes() rename to hidden");
        await using var listener = ChangeListener.Begin(database.Options);
        await Poll.Until(() => listener.Status is { IsListening: false, Problem: "Schema" }, "it says what is missing", Cancelled);
        await database.Execute("alter function hidden() rename to edge_flush_changes");
        await listener.Gap();
    }

    [Fact]
    public async Task Defaults_of_the_database_do_not_keep_it_from_its_work()
    {
        await using var database = await ChangeDatabase.Create();
        await database.Execute(
            $"alter database {database.Options.Name} set default_transaction_isolation = serializable",
            $"alter database {database.Options.Name} set default_transaction_read_only = on");
        await using var listener = await ChangeListener.Start(database.Options);
        // The writer's session is from before.
        await database.Execute("insert into edge_pending_changes values ('products', '5')");
        Assert.Equal("5", (await listener.Next()).Changes.Single().Key);
        Assert.Equal(1, listener.Status.Connections);
    }

    [Fact]
    public async Task A_session_that_lost_its_LISTEN_is_replaced()
    {
        await using var database = await ChangeDatabase.Create();
        await using var listener = await ChangeListener.Start(database.Options);
        // As a pooler does that resets its sessions, or lends another one.
        await database.Execute(
            """
            create or replace function edge_flush_changes() returns boolean language plpgsql as $$
            begin
                unlisten *;
                return false;
            end $$
            """);
        await Poll.Until(
            () => listener.Status.Problem?.StartsWith("the session does not keep LISTEN", StringComparison.Ordinal) == true, "it is noticed", Cancelled);
        await database.Execute("create or replace function edge_flush_changes() returns boolean language sql as 'select false'");
        await Poll.Until(
            async _ =>
            {
                await database.Execute("update products set price = price + 1 where id = 5");
                return listener.Status.Changes > 0;
            }, "it hears again", Cancelled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_at_once_when_cancelled(bool isStalled)
    {
        await using var database = await ChangeDatabase.Create();
        await using var proxy = CuttingProxy.Start(database.Options.Port);
        await using var listener = await ChangeListener.Start(
            database.Options with { Port = proxy.Port }, ChangeListener.Quick with { AnswerTimeoutMs = 60_000 });
        if (isStalled)
            proxy.Stall();
        var watch = Stopwatch.StartNew();
        await listener.Stop();
        Assert.InRange(watch.ElapsedMilliseconds, 0, 5_000);
        Assert.False(listener.Status.IsListening);
    }

    /// <summary>It would hold up the queue of all listeners, and a full queue fails writers.</summary>
    [Fact]
    public async Task A_listener_that_takes_nothing_is_dropped_by_the_server()
    {
        await using var database = await ChangeDatabase.Create();
        await using var proxy = CuttingProxy.Start(database.Options.Port);
        await using var listener = await ChangeListener.Start(
            database.Options with { Port = proxy.Port }, ChangeListener.Quick with { AnswerTimeoutMs = 60_000, SendTimeoutMs = 1_000 });
        Assert.Equal(1, await Backends());
        proxy.Stall();
        // Far more than the sockets on the way hold.
        await database.Execute("select pg_notify('edge_changes', repeat('x', 7000) || n) from generate_series(1, 5000) n");
        await Poll.Until(async _ => await Backends() == 0, "the server gives up", Cancelled);

        Task<long> Backends() => database.Scalar<long>(
            "select count(*) from pg_stat_activity where application_name = 'edge-changes' and datname = current_database()");
    }
}
