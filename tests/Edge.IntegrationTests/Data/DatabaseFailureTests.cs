using Edge.Data;
using Npgsql;

namespace Edge.IntegrationTests.Data;

/// <summary>Each class of failure, caused for real: the classification rests on what Postgres and Npgsql say in fact.</summary>
public sealed class DatabaseFailureTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_statement_that_runs_too_long_is_ended_by_the_server()
    {
        await using var fixture = await DataFixture.Create(options => options with { CommandTimeoutSeconds = 1 });

        var failure = await Assert.ThrowsAsync<PostgresException>(async () => await DataQueries.Sleep(fixture.Database, 60, Cancel));

        Assert.Equal(PostgresErrorCodes.QueryCanceled, failure.SqlState);
        Assert.Equal(DatabaseFailure.Timeout, DatabaseFailures.Classify(failure));
        Assert.Equal("1s", await DataQueries.Setting(fixture.Database, "statement_timeout", Cancel));
    }

    [Fact]
    public async Task A_full_pool_is_told_from_a_server_that_is_gone()
    {
        await using var fixture = await DataFixture.Create(options => options with { MaxConnections = 1, ConnectionTimeoutSeconds = 1 });

        var failure = await fixture.Database.InTransaction(
            async (_, _) => await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await DataQueries.Get(fixture.Database, 1, Cancel)), Cancel);

        Assert.Equal(DatabaseFailure.PoolExhausted, DatabaseFailures.Classify(failure));
        Assert.False(DatabaseFailures.IsTransientConnection(failure));
    }

    [Fact]
    public async Task A_callers_cancellation_ends_the_statement_and_is_no_failure_of_the_database()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var sleep = DataQueries.Sleep(fixture.Database, 60, source.Token).AsTask();
        await Edge.Testing.Poll.Until(
            async cancel => await DataQueries.Active(observer, fixture.Options.ApplicationName, cancel) == 1, "the statement runs", Cancel);

        await source.CancelAsync();

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sleep);
        Assert.Equal(DatabaseFailure.Other, DatabaseFailures.Classify(failure));
        // The caller does not wait for the server to be told.
        await Edge.Testing.Poll.Until(
            async cancel => await DataQueries.Active(observer, fixture.Options.ApplicationName, cancel) == 0, "the statement ends", Cancel);
    }

    [Fact]
    public async Task A_duplicate_is_a_conflict()
    {
        await using var fixture = await DataFixture.Create();
        var failure = await Assert.ThrowsAsync<PostgresException>(
            async () => await DataQueries.Add(fixture.Database, "ada", Mood.Calm, Cancel));
        Assert.Equal(DatabaseFailure.Conflict, DatabaseFailures.Classify(failure));
    }

    [Fact]
    public async Task A_broken_check_is_a_check()
    {
        await using var fixture = await DataFixture.Create();
        var failure = await Assert.ThrowsAsync<PostgresException>(
            async () => await DataQueries.Add(fixture.Database, "", Mood.Calm, Cancel));
        Assert.Equal(DatabaseFailure.Check, DatabaseFailures.Classify(failure));
    }

    [Fact]
    public async Task One_of_two_deadlocked_transactions_may_be_tried_again()
    {
        await using var fixture = await DataFixture.Create();
        var bothHoldOne = new Barrier(2);

        var outcomes = await Task.WhenAll(Cross(1, 2), Cross(2, 1));

        Assert.Single(outcomes, DatabaseFailure.Serialization);

        Task<DatabaseFailure?> Cross(long first, long second) => Task.Run(async () =>
        {
            try
            {
                await fixture.Database.InTransaction(
                    async (transaction, cancel) =>
                    {
                        await DataQueries.Rename(transaction, [first], "x", cancel);
                        bothHoldOne.SignalAndWait(cancel);
                        await DataQueries.Rename(transaction, [second], "x", cancel);
                    },
                    Cancel);
                return (DatabaseFailure?)null;
            }
            catch (PostgresException failure)
            {
                return DatabaseFailures.Classify(failure);
            }
        });
    }

    [Fact]
    public void A_server_that_is_starting_is_unavailable_but_not_asked_twice()
    {
        var refusal = new PostgresException("the database system is starting up", "FATAL", "FATAL", PostgresErrorCodes.CannotConnectNow);
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(refusal));
        Assert.False(DatabaseFailures.IsTransientConnection(refusal));
    }

    [Fact]
    public void A_server_without_room_is_unavailable_but_not_asked_twice()
    {
        var refusal = new PostgresException("sorry, too many clients already", "FATAL", "FATAL", PostgresErrorCodes.TooManyConnections);
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(refusal));
        Assert.False(DatabaseFailures.IsTransientConnection(refusal));
    }

    /// <summary>As a primary that was demoted in a failover does, until the name leads to the new one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_only_reads_is_unavailable_and_its_connections_are_given_up(bool inTransaction)
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();
        await DataQueries.TakeNoWrites(observer, Cancel);
        await using var database = new Database(fixture.Options with { MaxConnections = 1 });
        Assert.Equal(new PersonName(1, "ada"), await DataQueries.Get(database, 1, Cancel));
        await DataQueries.TakeWrites(observer, Cancel);

        // The session in the pool still has the old setting.
        var failure = await Assert.ThrowsAsync<PostgresException>(Write);

        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, failure.SqlState);
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure));
        Assert.False(DatabaseFailures.IsTransientConnection(failure));
        await Write();

        async Task Write()
        {
            if (inTransaction)
                await database.InTransaction(static async (transaction, cancel) => await DataQueries.Rename(transaction, [1], "x", cancel), Cancel);
            else
                await DataQueries.Rename(database, [1], "x", Cancel);
        }
    }

    [Fact]
    public async Task A_server_that_goes_on_reading_only_does_not_cost_each_write_the_connections_of_all()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();
        await DataQueries.TakeNoWrites(observer, Cancel);
        await using var database = new Database(fixture.Options with { MaxConnections = 1 });
        await Assert.ThrowsAsync<PostgresException>(async () => await DataQueries.Rename(database, [1], "x", Cancel));
        var backend = await DataQueries.BackendPid(database, Cancel);

        await Assert.ThrowsAsync<PostgresException>(async () => await DataQueries.Rename(database, [1], "x", Cancel));

        Assert.Equal(backend, await DataQueries.BackendPid(database, Cancel));
    }

    [Fact]
    public async Task A_transaction_that_the_server_ended_because_it_was_idle_is_a_timeout()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();
        await DataQueries.EndIdleTransactions(observer, Cancel);
        await using var database = new Database(fixture.Options with { ApplicationName = "idle" });

        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await database.InTransaction(
            async (transaction, cancel) =>
            {
                var backend = await DataQueries.BackendPid(transaction, cancel);
                await Edge.Testing.Poll.Until(async stop => !await DataQueries.IsThere(observer, backend, stop), "the session is ended", cancel);
                await DataQueries.Rename(transaction, [1], "x", cancel);
            },
            Cancel));

        Assert.Equal("25P03", Assert.IsType<PostgresException>(failure).SqlState);
        Assert.Equal(DatabaseFailure.Timeout, DatabaseFailures.Classify(failure));
    }

    [Fact]
    public void A_transaction_that_took_longer_than_it_may_is_a_timeout_and_not_asked_twice()
    {
        var end = new PostgresException("terminating connection due to transaction timeout", "FATAL", "FATAL", "25P04");
        Assert.Equal(DatabaseFailure.Timeout, DatabaseFailures.Classify(end));
        Assert.False(DatabaseFailures.IsTransientConnection(end));
    }

    [Fact]
    public async Task A_server_without_the_tls_that_is_asked_for_is_unavailable()
    {
        await using var fixture = await DataFixture.Create();
        await using var database = new Database(fixture.Options with { SslMode = "require" });

        var failure = await database.Probe();

        Assert.NotNull(failure);
        Assert.Contains("SSL", failure.Message);
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure));
        Assert.False(DatabaseFailures.IsTransientConnection(failure));
        // A read that shares its round trip hears of it by an exception of its own.
        failure = await Assert.ThrowsAsync<NpgsqlException>(async () => await DataQueries.Get(database, 1, Cancel));
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure));
    }

    [Fact]
    public async Task A_server_that_wants_a_password_of_which_there_is_none_is_unavailable()
    {
        await using var fixture = await DataFixture.Create();
        await using var database = new Database(fixture.Options with { Password = null });

        var failure = await database.Probe();

        Assert.NotNull(failure);
        Assert.Contains("No password", failure.Message);
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure));
    }

    [Fact]
    public void A_name_server_that_does_not_answer_is_unavailable() =>
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(new TimeoutException("The operation has timed out.")));

    [Fact]
    public void A_session_that_the_server_ended_because_it_was_idle_is_a_lost_connection()
    {
        var end = new PostgresException("terminating connection due to idle-session timeout", "FATAL", "FATAL", "57P05");
        Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(end));
        Assert.True(DatabaseFailures.IsTransientConnection(end));
    }

    [Fact]
    public async Task A_connection_that_is_used_twice_at_once_is_a_mistake_of_ours()
    {
        await using var fixture = await DataFixture.Create();
        await using var connection = await fixture.Database.Source.OpenConnectionAsync(Cancel);
        await using var first = new NpgsqlCommand("select 1", connection);
        await using var reader = await first.ExecuteReaderAsync(Cancel);
        await using var second = new NpgsqlCommand("select 2", connection);

        var failure = await Assert.ThrowsAsync<NpgsqlOperationInProgressException>(() => second.ExecuteScalarAsync(Cancel));

        Assert.Equal(DatabaseFailure.Other, DatabaseFailures.Classify(failure));
        Assert.Equal(DatabaseFailure.Other, DatabaseFailures.Classify(new NpgsqlException("Received backend message X while expecting Y. Please file a bug.")));
    }
}
