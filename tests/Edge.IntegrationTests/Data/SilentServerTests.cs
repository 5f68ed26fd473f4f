using System.Diagnostics;
using Edge.Data;
using Edge.Testing;

namespace Edge.IntegrationTests.Data;

/// <summary>A Postgres that is frozen: it keeps its connections and says nothing.</summary>
public sealed class SilentServerTests
{
    const int PoolSize = 50;

    /// <summary>Far above a turn of a pool with free threads, far below the seconds that one blocked cancel request takes.</summary>
    static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(10);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queries_end_by_their_deadline_and_block_no_thread()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = Connect(server, PoolSize);
        await FillPool(database);

        server.Pause();
        var queries = Task.WhenAll(Enumerable.Range(0, PoolSize).Select(_ => Outcome(DataQueries.BackendPid(database, Cancel))));
        var longest = await LongestTurnUntil(queries);
        server.Resume();

        Assert.All(await queries, outcome => Assert.Equal(DatabaseFailure.Timeout, outcome));
        Assert.InRange(longest, TimeSpan.Zero, LongestTurn);
        await ThePoolIsWhole(database);
    }

    [Fact]
    public async Task Clients_that_leave_block_no_thread()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = Connect(server, PoolSize);
        await FillPool(database);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        server.Pause();
        var queries = Enumerable.Range(0, PoolSize).Select(_ => DataQueries.BackendPid(database, leaving.Token).AsTask()).ToArray();
        var ends = Task.WhenAll(queries.Select(query => Assert.ThrowsAnyAsync<OperationCanceledException>(() => query)));
        var left = leaving.CancelAsync();
        var longest = await LongestTurnUntil(Task.WhenAll(left, ends));
        server.Resume();

        await ends;
        Assert.InRange(longest, TimeSpan.Zero, LongestTurn);
        await ThePoolIsWhole(database);
    }

    [Fact]
    public async Task A_transaction_ends_by_its_deadline_in_a_query_and_in_its_commit()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = Connect(server, 2);

        var inQuery = Outcome(database.InTransaction(
            async (transaction, cancel) =>
            {
                await DataQueries.BackendPid(transaction, cancel);
                server.Pause();
                return await DataQueries.BackendPid(transaction, cancel);
            },
            Cancel));
        Assert.Equal(DatabaseFailure.Timeout, await inQuery);
        server.Resume();
        await TheServerAnswers(database);

        var inCommit = Outcome(database.InTransaction(
            async (transaction, cancel) =>
            {
                var pid = await DataQueries.BackendPid(transaction, cancel);
                server.Pause();
                return pid;
            },
            Cancel));
        Assert.Equal(DatabaseFailure.Timeout, await inCommit);
        server.Resume();

        await TheServerAnswers(database);
        await FillPool(database, 2);
    }

    [Fact]
    public async Task A_stream_ends_by_the_deadline_of_a_read()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = Connect(server, 1);

        var outcome = await Outcome(Read());
        server.Resume();

        Assert.Equal(DatabaseFailure.Timeout, outcome);
        await TheServerAnswers(database);

        async ValueTask<int> Read()
        {
            var rows = 0;
            await foreach (var _ in DataQueries.Numbers(database, 50_000_000, Cancel))
            {
                if (++rows == 3)
                    server.Pause();
            }
            return rows;
        }
    }

    static Database Connect(PostgresServer server, int connections) => new(server.Options("edge") with
    {
        CommandTimeoutSeconds = 1,
        ConnectionTimeoutSeconds = 30,
        MaxConnections = connections,
    });

    static async Task<DatabaseFailure?> Outcome(ValueTask<int> query)
    {
        try
        {
            await query;
            return null;
        }
        catch (Exception failure)
        {
            return DatabaseFailures.Classify(failure);
        }
    }

    static async Task<TimeSpan> LongestTurnUntil(Task end)
    {
        var longest = TimeSpan.Zero;
        while (!end.IsCompleted)
        {
            var asked = Stopwatch.GetTimestamp();
            await Task.Run(static () => { }, Cancel);
            var turn = Stopwatch.GetElapsedTime(asked);
            longest = turn > longest ? turn : longest;
        }
        return longest;
    }

    static Task TheServerAnswers(Database database) =>
        Poll.Until(async _ => await database.Probe() is null, "the server answers", Cancel);

    static async Task ThePoolIsWhole(Database database)
    {
        await TheServerAnswers(database);
        await FillPool(database);
    }

    /// <summary>Uses all connections of the pool at the same time, which no pool can that has lost one.</summary>
    static async Task FillPool(Database database, int connections = PoolSize)
    {
        var waiting = connections;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var backends = await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ => await database.InTransaction(
            async (transaction, cancel) =>
            {
                var pid = await DataQueries.BackendPid(transaction, cancel);
                if (Interlocked.Decrement(ref waiting) == 0)
                    all.SetResult();
                await all.Task.WaitAsync(TimeSpan.FromSeconds(Poll.TimeoutSeconds), cancel);
                return pid;
            },
            Cancel)));
        Assert.Equal(connections, backends.Distinct().Count());
    }
}
