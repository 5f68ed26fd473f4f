using System.Runtime.CompilerServices;
using Npgsql;

namespace Edge.Data;

/// <summary>
/// A result that is read row by row, each read with a deadline of its own. It gives its connection back when the last operation on it has
/// ended, which may be long after it was disposed: see <see cref="Deadlines"/>.
/// </summary>
internal sealed class RowStream(
    QueryExecutor executor, Deadlines deadlines, NpgsqlConnection connection, Query query, NpgsqlCommand command) : IAsyncDisposable
{
    readonly Deadline _deadline = deadlines.Rent();
    Task<NpgsqlDataReader> _opening = null!;
    Task<bool> _reading = Task.FromResult(false);
    bool _isComplete;
    int _rows;
    Exception? _failure;

    /// <summary>Of a stream that was opened; it ends with the stream.</summary>
    public QueryObservation Observation { private get; set; }

    /// <summary>Sends the command. To be disposed even if that fails.</summary>
    public async ValueTask Open(CancellationToken cancel)
    {
        command.Connection = connection;
        _opening = command.ExecuteReaderAsync(CancellationToken.None);
        await _deadline.Wait(new ValueTask<NpgsqlDataReader>(_opening), cancel);
    }

    /// <summary>The row that was read, or null after the last one.</summary>
    public async ValueTask<NpgsqlDataReader?> Next(CancellationToken cancel)
    {
        try
        {
            cancel.ThrowIfCancellationRequested();
            var reader = await _opening;
            _reading = reader.ReadAsync(CancellationToken.None);
            _isComplete = !await _deadline.Wait(new ValueTask<bool>(_reading), cancel);
            return _isComplete ? null : reader;
        }
        catch (Exception failure)
        {
            Note(failure);
            throw;
        }
    }

    /// <summary>Makes a value of the row.</summary>
    public T Read<T>(NpgsqlDataReader reader, RowReader<T> read)
    {
        try
        {
            var row = read(reader);
            _rows++;
            return row;
        }
        catch (Exception failure)
        {
            Note(failure);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Before what is left of it is cleared away: the reader has all it asked for.
        Observation.End(_failure, _rows);
        var isUnderWay = !(_opening.IsCompleted && _reading.IsCompleted);
        var closing = Close();
        if (!isUnderWay)
            await deadlines.Wait(_ => closing);
    }

    void Note(Exception failure)
    {
        DatabaseFailures.NoteQuery(failure, query);
        _failure = failure;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<bool> Close()
    {
        try
        {
            // Closing a reader reads all that is left. Of a million rows nobody wants, none should be sent. Cancelled by the command, because
            // between two reads no operation listens to a token; and before the connection is another's.
            if (!_isComplete && !_opening.IsFaulted)
            {
                await using var stop = _deadline.Stop.UnsafeRegister(static command => ((NpgsqlCommand)command!).Cancel(), command);
                await _deadline.Leave();
            }
            await ((Task)_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task)_opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_opening.IsCompletedSuccessfully)
                await (await _opening).DisposeAsync();
            return true;
        }
        finally
        {
            await command.DisposeAsync();
            deadlines.Return(_deadline);
            await executor.Return(connection);
        }
    }
}
