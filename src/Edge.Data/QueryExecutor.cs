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
/// <para>
/// Reads that are declared so share round trips, see <see cref="Pipeline"/>. One whose trip fails is sent alone, and from then on is a read like any other.
/// </para>
/// </summary>
public abstract class QueryExecutor
{
    readonly Deadlines _deadlines;
    readonly IQueryObserver? _observer;

    private protected QueryExecutor(Deadlines deadlines, IQueryObserver? observer)
    {
        _deadlines = deadlines;
        _observer = observer;
    }

    delegate ValueTask<TResult> ResultReader<TResult, TRow>(
        Query query, NpgsqlDataReader reader, RowReader<TRow> read, CancellationToken cancel);

    internal abstract ValueTask<NpgsqlConnection> Rent(CancellationToken cancel);

    internal abstract ValueTask Return(NpgsqlConnection connection);

    /// <summary>Null: every read goes alone.</summary>
    private protected virtual Pipeline? PipelineOf(Query query) => null;

    /// <summary>What the pool learns of each failure.</summary>
    internal abstract void Heed(Exception failure);

    /// <summary>Whether <paramref name="failure"/> is worth a second attempt.</summary>
    private protected abstract bool MayRepeat(Query query, Exception failure);

    /// <summary>One row or none.</summary>
    public ValueTask<T?> Optional<T>(Query query, NpgsqlCommand command, RowReader<T?> read, CancellationToken cancel) =>
        Send(query, command, QueryResult.Optional, read, static value => value is null ? 0 : 1, cancel);

    /// <summary>One row or none, in a round trip that other callers' reads share, where there are any.</summary>
    public async ValueTask<T?> Pipelined<T>(Query query, NpgsqlBatchCommand command, RowReader<T?> read, CancellationToken cancel)
    {
        if (PipelineOf(query) is not { } pipeline)
            return await Alone(query, command, read, QueryObservation.Start(_observer, query), cancel);
        var observation = QueryObservation.Start(_observer, query);
        var shared = new PipelinedRead<T>(query, command, read);
        if (!cancel.IsCancellationRequested && !pipeline.TryJoin(shared))
            return await Alone(query, command, read, observation, cancel);
        PipelinedRead.Outcome outcome;
        using (cancel.UnsafeRegister(static read => ((PipelinedRead)read!).Leave(), shared))
            outcome = await shared.Told;
        observation.Connected(shared.SentAt);
        switch (outcome)
        {
            case PipelinedRead.Outcome.Answered:
                observation.End(shared.Value, static value => value is null ? 0 : 1);
                return shared.Value;
            case PipelinedRead.Outcome.Alone:
                return await Alone(query, Copy(command), read, observation, cancel);
        }
        var failure = outcome == PipelinedRead.Outcome.Left ? new OperationCanceledException(cancel) : shared.Failure!;
        DatabaseFailures.NoteQuery(failure, query);
        observation.End(failure);
        throw failure;
    }

    /// <summary>Exactly one row.</summary>
    public ValueTask<T> Single<T>(Query query, NpgsqlCommand command, RowReader<T> read, CancellationToken cancel) =>
        Send(query, command, QueryResult.Single, read, static _ => 1, cancel);

    /// <summary>All rows.</summary>
    public ValueTask<List<T>> List<T>(Query query, NpgsqlCommand command, RowReader<T> read, CancellationToken cancel) =>
        Send(query, command, QueryResult.List, read, static rows => rows.Count, cancel);

    /// <summary>The number of rows that the command changed.</summary>
    public ValueTask<int> Execute(Query query, NpgsqlCommand command, CancellationToken cancel) =>
        Send<int, int>(query, command, QueryResult.Affected, NoRows, static affected => Math.Max(0, affected), cancel);

    /// <summary>A command whose outcome does not matter.</summary>
    public async ValueTask Run(Query query, NpgsqlCommand command, CancellationToken cancel) => await Execute(query, command, cancel);

    /// <summary>Several commands in one round trip, which are done all or none.</summary>
    public async ValueTask Run(Query query, NpgsqlBatch batch, CancellationToken cancel) =>
        await Batch(query, batch, QueryResult.Drain, cancel);

    /// <summary>Several statements in one round trip; outside of a transaction they are one of their own.</summary>
    public ValueTask<T> Batch<T>(Query query, NpgsqlBatch batch, BatchReader<T> read, CancellationToken cancel) =>
        Batch(query, batch, read, begun: null, cancel);

    ValueTask<T?> Alone<T>(Query query, NpgsqlBatchCommand command, RowReader<T?> read, QueryObservation observation, CancellationToken cancel)
    {
        var batch = new NpgsqlBatch();
        batch.BatchCommands.Add(command);
        return Batch(query, batch, (_, reader, stop) => QueryResult.Optional(query, reader, read, stop), observation, cancel);
    }

    /// <param name="begun">Of the first attempt, where its observation has begun already. (It begins in here otherwise: a span is its caller's until an async method ends.)</param>
    async ValueTask<T> Batch<T>(Query query, NpgsqlBatch batch, BatchReader<T> read, QueryObservation? begun, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var observation = begun ?? QueryObservation.Start(_observer, query);
            begun = null;
            try
            {
                cancel.ThrowIfCancellationRequested();
                var connection = await Rent(cancel);
                observation.Connected();
                var deadline = _deadlines.Rent();
                try
                {
                    var result = await deadline.Wait(Answer(connection, batch, read, deadline.Stop), cancel);
                    observation.End(batch, RowsOf);
                    return result;
                }
                finally
                {
                    _deadlines.Return(deadline);
                }
            }
            catch (Exception failure) when (IsRepeated(query, failure, attempt, observation))
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
        while (await rows.Next(cancel) is { } reader)
            yield return rows.Read(reader, read);
    }

    // Two state machines for every single-statement query; the pooling builder reuses their boxes from call to call.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<TResult> Send<TResult, TRow>(
        Query query, NpgsqlCommand command, ResultReader<TResult, TRow> readResult, RowReader<TRow> readRow, Func<TResult, int> rowsOf,
        CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var observation = QueryObservation.Start(_observer, query);
            try
            {
                cancel.ThrowIfCancellationRequested();
                var connection = await Rent(cancel);
                observation.Connected();
                var deadline = _deadlines.Rent();
                try
                {
                    var result = await deadline.Wait(Answer(query, connection, command, readResult, readRow, deadline.Stop), cancel);
                    observation.End(result, rowsOf);
                    return result;
                }
                finally
                {
                    _deadlines.Return(deadline);
                }
            }
            catch (Exception failure) when (IsRepeated(query, failure, attempt, observation))
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
            var observation = QueryObservation.Start(_observer, query);
            try
            {
                cancel.ThrowIfCancellationRequested();
                var rows = new RowStream(this, _deadlines, await Rent(cancel), query, command);
                observation.Connected();
                try
                {
                    await rows.Open(cancel);
                    rows.Observation = observation;
                    return rows;
                }
                catch
                {
                    await rows.DisposeAsync();
                    throw;
                }
            }
            catch (Exception failure) when (IsRepeated(query, failure, attempt, observation))
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
            copy.BatchCommands.Add(Copy((NpgsqlBatchCommand)statement));
        return copy;
    }

    static NpgsqlBatchCommand Copy(NpgsqlBatchCommand statement)
    {
        var copy = new NpgsqlBatchCommand(statement.CommandText);
        foreach (NpgsqlParameter parameter in statement.Parameters)
            copy.Parameters.Add(parameter.Clone());
        return copy;
    }

    // The end of an attempt, and the question whether there is to be another.
    bool IsRepeated(Query query, Exception failure, int attempt, in QueryObservation observation)
    {
        DatabaseFailures.NoteQuery(failure, query);
        observation.End(failure);
        Heed(failure);
        return attempt == 1 && query.IsRead && MayRepeat(query, failure);
    }

    static int NoRows(NpgsqlDataReader reader) => 0;

    /// <summary>As the server counted them. Only after the batch was answered.</summary>
    static int RowsOf(NpgsqlBatch batch)
    {
        ulong rows = 0;
        for (var i = 0; i < batch.BatchCommands.Count; i++)
            rows += batch.BatchCommands[i].Rows;
        return (int)Math.Min(rows, int.MaxValue);
    }
}
