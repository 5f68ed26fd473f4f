using System.Diagnostics;
using Edge.Data;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Data;

public sealed class QueryObserverTests
{
    const int Endless = 50_000_000;

    readonly SeenQueries seen = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_shape_tells_its_rows()
    {
        await using var fixture = await Observed();
        var database = fixture.Database;

        await DataQueries.Find(database, 1, Cancel);
        await DataQueries.Find(database, 99, Cancel);
        await DataQueries.TryGet(database, 1, Cancel);
        await DataQueries.TryGet(database, 99, Cancel);
        await DataQueries.Get(database, 1, Cancel);
        await DataQueries.Nicknames(database, Cancel);
        await DataQueries.WithMoods(database, [], Cancel);
        await DataQueries.Rename(database, [1, 2, 99], "x", Cancel);
        await DataQueries.Sleep(database, 0, Cancel);

        Assert.Equal(
            [
                "Find 1 ok", "Find 0 ok", "TryGet 1 ok", "TryGet 0 ok", "Get 1 ok", "Nicknames 4 ok", "WithMoods 0 ok", "Rename 2 ok", "Sleep 0 ok",
            ],
            seen.Endings);
        Assert.Equal(seen.Ended.Select(ending => ending.Query.Name), seen.Started);
    }

    [Fact]
    public async Task A_batch_tells_the_rows_of_all_its_statements()
    {
        await using var fixture = await Observed();

        await DataQueries.Overview(fixture.Database, id: 1, upTo: 3, Cancel);
        await DataQueries.AddTwo(fixture.Database, "eve", "fay", Cancel);
        await Assert.ThrowsAsync<PostgresException>(async () => await DataQueries.AddTwo(fixture.Database, "gus", "eve", Cancel));

        // One found, three touched, one row of totals, three listed.
        Assert.Equal(["Overview 8 ok", "AddTwo 2 ok", "AddTwo 0 conflict"], seen.Endings);
    }

    [Fact]
    public async Task Queries_of_a_transaction_are_told_too()
    {
        await using var fixture = await Observed();

        await fixture.Database.InTransaction(
            async (transaction, cancel) =>
            {
                await DataQueries.Add(transaction, "eve", Mood.Calm, cancel);
                await foreach (var _ in DataQueries.Numbers(transaction, 3, cancel))
                    Assert.Equal(["Add 1 ok"], seen.Endings);
                await DataQueries.Rename(transaction, [1], "x", cancel);
            },
            Cancel);

        Assert.Equal(["Add 1 ok", "Numbers 3 ok", "Rename 1 ok"], seen.Endings);
    }

    [Fact]
    public async Task A_query_that_fails_is_told_with_its_failure()
    {
        await using var fixture = await Observed();

        var duplicate = await Assert.ThrowsAsync<PostgresException>(
            async () => await DataQueries.Add(fixture.Database, "ada", Mood.Calm, Cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await DataQueries.Get(fixture.Database, 99, Cancel));

        Assert.Equal(["Add 0 conflict", "Get 0 other"], seen.Endings);
        Assert.Same(duplicate, seen.Ended.First().Failure);
    }

    [Fact]
    public async Task A_stream_is_one_query_from_its_opening_to_its_end()
    {
        await using var fixture = await Observed();
        var numbers = DataQueries.Numbers(fixture.Database, 3, Cancel);
        Assert.Empty(seen.Started);

        await foreach (var _ in numbers)
        {
            Assert.Equal(["Data.Numbers"], seen.Started);
            Assert.Empty(seen.Ended);
        }
        await foreach (var row in numbers)
        {
            if (row.N == 2)
                break;
        }

        Assert.Equal(["Numbers 3 ok", "Numbers 2 ok"], seen.Endings);
    }

    [Fact]
    public async Task A_stream_that_fails_tells_the_rows_before()
    {
        await using var fixture = await Observed(options => options with { CommandTimeoutSeconds = 600 });
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var row in DataQueries.Numbers(fixture.Database, Endless, leaving.Token))
            {
                if (row.N == 3)
                    await leaving.CancelAsync();
            }
        });
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () =>
        {
            await foreach (var _ in fixture.Database.Stream<int>(
                new("Data.Unread", isRead: true), new("select 1"), _ => throw new TimeZoneNotFoundException(), Cancel))
            {
            }
        });
        await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await foreach (var _ in fixture.Database.Stream(
                new("Data.Missing", isRead: true), new("select x from nowhere"), reader => reader.GetInt32(0), Cancel))
            {
            }
        });

        Assert.Equal(["Numbers 3 cancelled", "Unread 0 other", "Missing 0 schema"], seen.Endings);
    }

    [Fact]
    public async Task A_caller_that_leaves_is_told_whether_the_query_had_begun_or_not()
    {
        await using var fixture = await Observed();
        await using var observer = fixture.Observer();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var sleep = DataQueries.Sleep(fixture.Database, 60, leaving.Token).AsTask();
        await Poll.Until(
            async cancel => await DataQueries.Active(observer, fixture.Options.ApplicationName, cancel) == 1, "the statement runs", Cancel);
        Assert.Empty(seen.Ended);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sleep);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await DataQueries.Find(fixture.Database, 1, leaving.Token));

        Assert.Equal(["Sleep 0 cancelled", "Find 0 cancelled"], seen.Endings);
    }

    [Fact]
    public async Task A_read_that_is_run_once_more_is_two()
    {
        await using var fixture = await Observed();
        await using var observer = fixture.Observer();
        await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel);
        await DataQueries.Find(fixture.Database, 1, Cancel);
        Assert.Equal(["Find 0 unavailable", "Find 1 ok"], seen.Endings);

        seen.Forget();
        await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel);
        await foreach (var _ in DataQueries.Numbers(fixture.Database, 2, Cancel))
        {
        }
        Assert.Equal(["Numbers 0 unavailable", "Numbers 2 ok"], seen.Endings);

        seen.Forget();
        await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel);
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await DataQueries.Rename(fixture.Database, [1], "x", Cancel));
        Assert.Equal(["Rename 0 unavailable"], seen.Endings);
        Assert.Equal(["Data.Rename"], seen.Started);
    }

    [Fact]
    public async Task The_wait_for_a_connection_is_the_time_of_a_query_only_where_it_got_none()
    {
        await using var fixture = await Observed(options => options with { MaxConnections = 1, ConnectionTimeoutSeconds = 1 });
        var waiting = default(Task<Person?>);
        var asked = 0L;

        await fixture.Database.InTransaction(
            async (_, cancel) =>
            {
                await Assert.ThrowsAsync<NpgsqlException>(async () => await DataQueries.Find(fixture.Database, 1, cancel));
                waiting = DataQueries.Find(fixture.Database, 1, cancel).AsTask();
                asked = Stopwatch.GetTimestamp();
            },
            Cancel);
        await waiting!;

        Assert.Equal(["Find 0 pool_exhausted", "Find 1 ok"], seen.Endings);
        Assert.InRange(seen.Ended.First().Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(Poll.TimeoutSeconds));
        // The connection comes free at the end of the transaction.
        Assert.True(seen.Ended.Last().StartedAt > asked);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_seen_by_query()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = new Database(server.Options("edge"), observer: seen);
        await DataQueries.BackendPid(database, Cancel);
        await server.Kill(Cancel);

        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await DataQueries.BackendPid(database, Cancel));
        Assert.Equal(["BackendPid 1 ok", "BackendPid 0 unavailable", "BackendPid 0 unavailable"], seen.Endings);
    }

    [Fact]
    public async Task A_query_that_is_left_by_its_deadline_is_told_when_its_caller_is()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = new Database(server.Options("edge") with { CommandTimeoutSeconds = 1 }, observer: seen);
        await DataQueries.BackendPid(database, Cancel);

        server.Pause();
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await DataQueries.BackendPid(database, Cancel));
        var endings = seen.Endings.ToArray();
        server.Resume();

        Assert.Equal(["BackendPid 1 ok", "BackendPid 0 timeout"], endings);
    }

    [Fact]
    public async Task A_span_is_around_the_query_and_leaves_the_callers_in_force()
    {
        var traced = new SeenQueries(makesSpans: true);
        await using var fixture = await DataFixture.Create(queries: traced);
        await using var observer = fixture.Observer();
        traced.Forget();
        using var request = new Activity("request").Start();
        var inRead = default(Activity);

        await fixture.Database.Single<int>(
            new("Data.Current", isRead: true), new("select 1"), _ => (inRead = Activity.Current) is null ? 0 : 1, Cancel);
        Assert.Same(request, Activity.Current);
        await foreach (var _ in DataQueries.Numbers(fixture.Database, 2, Cancel))
            Assert.Same(request, Activity.Current);
        await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel);
        await DataQueries.Find(fixture.Database, 1, Cancel);
        Assert.Same(request, Activity.Current);
        await fixture.Database.Batch(new("Data.Batch", isRead: true), BatchOfOne(), static (_, _, _) => new ValueTask<int>(1), Cancel);
        Assert.Same(request, Activity.Current);
        await DataQueries.Shared(fixture.Database, 1, Cancel);

        Assert.Same(request, Activity.Current);
        Assert.Same(inRead, traced.Ended.First().Span);
        // The second attempt of the last is a sibling of its first.
        Assert.Equal(6, traced.Ended.Select(ending => ending.Span).Distinct().Count());
        Assert.All(traced.Ended, ending => Assert.Same(request, ending.Span!.Parent));
        Assert.All(traced.Ended, ending => Assert.True(ending.Span!.IsStopped));
    }

    static NpgsqlBatch BatchOfOne()
    {
        var batch = new NpgsqlBatch();
        batch.BatchCommands.Add(new("select 1"));
        return batch;
    }

    async Task<DataFixture> Observed(Func<DatabaseOptions, DatabaseOptions>? change = null)
    {
        var fixture = await DataFixture.Create(change, seen);
        await DataQueries.Find(fixture.Database, 1, Cancel);
        seen.Forget();
        return fixture;
    }
}
