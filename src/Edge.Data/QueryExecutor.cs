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
/// <para>
/// A caller waits until its deadline or its token, see <see cref="Deadlines"/>; the operation may outlive the wait, and no command is
/// used again after it.
/// </para>
/// </summary>
public abstract class QueryExecutor
{
    readonly Deadlines _deadlines;

    private protected QueryExecutor(Deadlines deadlines) => _deadlines = deadlines;

    delegate ValueTask<TResult> ResultReader<TResult, TRow>(
        Query query, NpgsqlDataReader reader, RowReader<TRow> read, CancellationToken cancel);

    private protected abstract ValueTask<NpgsqlConnection> Rent(CancellationToken cancel);

    internal abstract ValueTask Return(NpgsqlConnection connection);

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
                cancel.ThrowIfCancellationRequested();
                var connection = await Rent(cancel);
                var deadline = _deadlines.Rent();
                try
                {
                    return await deadline.Wait(Answer(connection, batch, read, deadline.Stop), cancel);
                }
                finally
                {
                    _deadlines.Return(deadline);
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
        await using var rows = await OpenStream(query, command.Clone(), cancel);
        while (await NextRow(query, rows, cancel) is { } reader)
            yield return read(reader);
    }

    // Two state machines for every single-statement query; the pooling builder reuses their boxes from call to call.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<TResult> Send<TResult, TRow>(
        Query query, NpgsqlCommand command, ResultReader<TResult, TRow> readResult, RowReader<TRow> readRow, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                var connection = await Rent(cancel);
                var deadline = _deadlines.Rent();
                try
                {
                    return await deadline.Wait(Answer(query, connection, command, readResult, readRow, deadline.Stop), cancel);
                }
                finally
                {
                    _deadlines.Return(deadline);
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

    // What owns the connection and gives it back, however late.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<TResult> Answer<TResult, TRow>(
        Query query, NpgsqlConnection connection, NpgsqlCommand command, ResultReader<TResult, TRow> readResult, RowReader<TRow> readRow,
        CancellationToken stop)
    {
        try
        {
            command.Connection = connection;
            await using var reader = await command.ExecuteReaderAsync(stop);
            return await readResult(query, reader, readRow, stop);
        }
        finally
        {
            await Return(connection);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<T> Answer<T>(NpgsqlConnection connection, NpgsqlBatch batch, BatchReader<T> read, CancellationToken stop)
    {
        try
        {
            batch.Connection = connection;
            await using var reader = await batch.ExecuteReaderAsync(stop);
            return await read(batch, reader, stop);
        }
        finally
        {
            await Return(connection);
        }
    }

    async ValueTask<RowStream> OpenStream(Query query, NpgsqlCommand command, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                var rows = new RowStream(this, _deadlines, await Rent(cancel), command);
                try
                {
                    await rows.Open(cancel);
                    return rows;
                }
                catch
                {
                    await rows.DisposeAsync();
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

    static async ValueTask<NpgsqlDataReader?> NextRow(Query query, RowStream rows, CancellationToken cancel)
    {
        try
        {
            return await rows.Next(cancel);
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

    static int NoRows(NpgsqlDataReader reader) => 0;
}
