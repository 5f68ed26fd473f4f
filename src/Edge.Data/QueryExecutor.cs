using System.Runtime.CompilerServices;
using Npgsql;

namespace Edge.Data;

/// <summary>
/// Where a query runs: in <see cref="Database"/>, on any free connection, or in a <see cref="Transaction"/>. The methods here are
/// what generated queries call.
/// <para>
/// A read that loses its connection is run once more on another one, unless rows were handed out: after a failover or a restart of
/// the server each idle connection of the pool is dead, and the first to use one should not see that. A write is never repeated,
/// because a lost connection does not tell whether it happened; nor is anything in a transaction, which is lost as a whole.
/// </para>
/// </summary>
public abstract class QueryExecutor
{
    delegate ValueTask<TResult> ResultReader<TResult, TRow>(
        Query query, NpgsqlDataReader reader, RowReader<TRow> read, CancellationToken cancel);

    private protected abstract ValueTask<NpgsqlConnection> Rent(CancellationToken cancel);

    private protected abstract ValueTask Return(NpgsqlConnection connection);

    /// <summary>Whether <paramref name="failure"/> is worth a second attempt.</summary>
    private protected abstract bool MayRepeat(Query query, Exception failure);

    /// <summary>One row or none.</summary>
    public ValueTask<T?> Optional<T>(Query query, NpgsqlCommand command, RowReader<T?> read, CancellationToken cancel) =>
        Send(query, command, QueryResult.Optional, read, cancel);

    /// <summary>Exactly one row.</summary>
    public ValueTask<T> Single<T>(Query query, NpgsqlCommand command, RowReader<T> read, CancellationToken cancel) =>
        Send(query, command, QueryResult.Single, read, cancel);

    /// <summary>All rows.</summary>
    public ValueTask<List<T>> List<T>(Query query, NpgsqlCommand command, RowReader<T> read, CancellationToken cancel) =>
        Send(query, command, QueryResult.List, read, cancel);

    /// <summary>The number of rows that the command changed.</summary>
    public ValueTask<int> Execute(Query query, NpgsqlCommand command, CancellationToken cancel) =>
        Send<int, int>(query, command, QueryResult.Affected, NoRows, cancel);

    /// <summary>A command whose outcome does not matter.</summary>
    public async ValueTask Run(Query query, NpgsqlCommand command, CancellationToken cancel) => await Execute(query, command, cancel);

    /// <summary>Several commands in one round trip, which are done all or none.</summary>
    public async ValueTask Run(Query query, NpgsqlBatch batch, CancellationToken cancel) =>
        await Batch(query, batch, QueryResult.Drain, cancel);

    /// <summary>Several statements in one round trip; outside of a transaction they are one of their own.</summary>
    public async ValueTask<T> Batch<T>(Query query, NpgsqlBatch batch, BatchReader<T> read, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = await Rent(cancel);
                try
                {
                    batch.Connection = connection;
                    await using var reader = await batch.ExecuteReaderAsync(cancel);
                    return await read(batch, reader, cancel);
                }
                finally
                {
                    await Return(connection);
                }
            }
            catch (Exception failure) when (IsRepeated(query, failure, attempt))
            {
                batch = Copy(batch);
            }
        }
    }

    /// <summary>
    /// Rows as they arrive, over one connection that is held until the last. Abandoning the stream cancels the query, which spoils the
    /// transaction that it runs in, if any.
    /// </summary>
    public async IAsyncEnumerable<T> Stream<T>(
        Query query, NpgsqlCommand command, RowReader<T> read, [EnumeratorCancellation] CancellationToken cancel)
    {
        // The same stream may be enumerated more than once, even at the same time.
        var (connection, reader, sent) = await OpenStream(query, command.Clone(), cancel);
        await using var own = sent;
        var isComplete = false;
        try
        {
            while (await NextRow(query, reader, cancel))
                yield return read(reader);
            isComplete = true;
        }
        finally
        {
            // Closing a reader reads all that is left. Of a million rows nobody wants, none should be sent.
            if (!isComplete)
                await Abandon(own);
            try
            {
                await reader.DisposeAsync();
            }
            finally
            {
                await Return(connection);
            }
        }
    }

    // One state machine for every single-statement query; the pooling builder reuses its box from call to call.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<TResult> Send<TResult, TRow>(
        Query query, NpgsqlCommand command, ResultReader<TResult, TRow> readResult, RowReader<TRow> readRow, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = await Rent(cancel);
                try
                {
                    command.Connection = connection;
                    await using var reader = await command.ExecuteReaderAsync(cancel);
                    return await readResult(query, reader, readRow, cancel);
                }
                finally
                {
                    await Return(connection);
                }
            }
            catch (Exception failure) when (IsRepeated(query, failure, attempt))
            {
                // Npgsql keeps in a command what was prepared on its connection, and the end of the lost one changes that from
                // another thread: sent again as it is, the command once ran half as prepared, half as not ("unexpected DataRow").
                command = command.Clone();
            }
        }
    }

    async ValueTask<(NpgsqlConnection, NpgsqlDataReader, NpgsqlCommand)> OpenStream(
        Query query, NpgsqlCommand command, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = await Rent(cancel);
                try
                {
                    command.Connection = connection;
                    return (connection, await command.ExecuteReaderAsync(cancel), command);
                }
                catch
                {
                    await Return(connection);
                    throw;
                }
            }
            catch (Exception failure) when (IsRepeated(query, failure, attempt))
            {
                command = command.Clone();
            }
        }
    }

    /// <summary>The same statements, with nothing of the connection that they were sent on.</summary>
    static NpgsqlBatch Copy(NpgsqlBatch batch)
    {
        var copy = new NpgsqlBatch();
        foreach (var statement in batch.BatchCommands)
        {
            var command = new NpgsqlBatchCommand(statement.CommandText);
            foreach (NpgsqlParameter parameter in statement.Parameters)
                command.Parameters.Add(parameter.Clone());
            copy.BatchCommands.Add(command);
        }
        return copy;
    }

    static async ValueTask<bool> NextRow(Query query, NpgsqlDataReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadAsync(cancel);
        }
        catch (Exception failure)
        {
            DatabaseFailures.NoteQuery(failure, query);
            throw;
        }
    }

    bool IsRepeated(Query query, Exception failure, int attempt)
    {
        DatabaseFailures.NoteQuery(failure, query);
        return attempt == 1 && query.IsRead && MayRepeat(query, failure);
    }

    // Cancel asks over a connection of its own and waits for it, hence not on the caller's thread.
    static Task Abandon(NpgsqlCommand command) => Task.Run(command.Cancel, CancellationToken.None);

    static int NoRows(NpgsqlDataReader reader) => 0;
}
