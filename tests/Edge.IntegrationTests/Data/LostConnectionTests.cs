using Edge.Data;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Data;

public sealed class LostConnectionTests
{
    const int PoolSize = 5;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_survives_the_loss_of_every_idle_connection()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();
        await FillPool(fixture.Database);

        Assert.Equal(PoolSize, await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel));

        for (var i = 0; i < PoolSize; i++)
            Assert.Equal(new PersonName(1, "ada"), await DataQueries.Get(fixture.Database, 1, Cancel));
    }

    [Fact]
    public async Task A_batch_of_reads_and_a_stream_survive_too()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();

        await FillPool(fixture.Database);
        await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel);
        var rows = 0;
        await foreach (var _ in DataQueries.Numbers(fixture.Database, 3, Cancel))
            rows++;

        Assert.Equal(3, rows);
    }

    [Fact]
    public async Task A_statement_that_failed_while_it_was_prepared_is_not_seen_by_the_next()
    {
        await using var fixture = await DataFixture.Create(static options => options with { MaxConnections = 1 });
        Assert.Equal(20, await DataQueries.ConstantQuotient(fixture.Database, 5, Cancel));
        // This use has it prepared, and fails between the preparation and the description of its row.
        await Assert.ThrowsAsync<PostgresException>(async () => await DataQueries.ConstantQuotient(fixture.Database, 0, Cancel));
        Assert.Equal(20, await DataQueries.ConstantQuotient(fixture.Database, 5, Cancel));
        Assert.Equal(50, await DataQueries.ConstantQuotient(fixture.Database, 2, Cancel));
    }

    [Fact]
    public async Task A_server_whose_connections_are_all_taken_here_is_no_silent_one()
    {
        await using var fixture = await DataFixture.Create(static options => options with { MaxConnections = 1 });
        await fixture.Database.InTransaction(async (_, _) => Assert.Null(await fixture.Database.Probe()), Cancel);
    }

    [Fact]
    public async Task A_write_is_never_repeated()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();
        await FillPool(fixture.Database);
        await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel);

        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(
            async () => await DataQueries.Rename(fixture.Database, [1], "x", Cancel));

        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure));
        Assert.Equal("Data.Rename", DatabaseFailures.QueryName(failure));
    }

    [Fact]
    public async Task One_lost_write_is_the_last()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();
        await FillPool(fixture.Database);
        await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel);

        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await DataQueries.Rename(fixture.Database, [1], "x", Cancel));

        // The other idle connections are dead as well, but they were thrown away with the first.
        Assert.Equal(1, await DataQueries.Rename(fixture.Database, [1], "x", Cancel));
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable_until_somebody_does()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = new Database(server.Options("edge"));
        Assert.Null(await database.Probe());

        await server.Kill(Cancel);
        var failure = await database.Probe();
        Assert.NotNull(failure);
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure));
        Assert.True(DatabaseFailures.IsTransientConnection(failure));

        await server.Restart(Cancel);
        Assert.Null(await database.Probe());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_a_timeout_and_is_not_asked_twice()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = new Database(server.Options("edge") with { CommandTimeoutSeconds = 1, ConnectionTimeoutSeconds = 1 });
        Assert.Null(await database.Probe());

        server.Pause();
        var failure = await database.Probe();
        server.Resume();

        Assert.NotNull(failure);
        Assert.Equal(DatabaseFailure.Timeout, DatabaseFailures.Classify(failure));
        Assert.False(DatabaseFailures.IsTransientConnection(failure));
    }

    /// <summary>Leaves <see cref="PoolSize"/> idle connections, each with its statement prepared.</summary>
    static async Task FillPool(Database database)
    {
        var backends = await Task.WhenAll(Enumerable.Range(0, PoolSize).Select(async _ => await database.InTransaction(
            async (transaction, cancel) =>
            {
                var pid = await DataQueries.BackendPid(transaction, cancel);
                await DataQueries.Sleep(transaction, 0.2, cancel);
                return pid;
            },
            Cancel)));
        Assert.Equal(PoolSize, backends.Distinct().Count());
    }
}
