using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Edge.Data;

/// <summary>
/// Makes the round trips of a <see cref="Pipeline"/>, and notes on each read what became of it: its value; the failure, where that is nobody's in
/// particular (no connection, no answer in time); or nothing, where a statement of the trip failed or its connection broke. Each read that has no value then
/// is sent alone, so that it fails for what it did itself, and the others do not. Who has waited for a timeout does not wait for a second one.
/// </summary>
internal sealed class PipelineTrips(Database database, Deadlines deadlines, bool isTimed)
{
    public async Task Go(PipelinedRead first)
    {
        try
        {
            if (AllHaveLeft(first))
                return;
            var connection = await database.Rent(CancellationToken.None);
            var deadline = deadlines.Rent();
            var trip = new PipelineTrip(deadline);
            try
            {
                await deadline.Wait(Answer(connection, first, trip, deadline.Stop), CancellationToken.None);
            }
            catch (Exception late) when (deadline.IsLeft || DatabaseFailures.Classify(late) == DatabaseFailure.Timeout)
            {
                FailAll(first, late);
            }
            catch (Exception)
            {
                // Those without a value go alone.
            }
            finally
            {
                trip.End();
                deadlines.Return(deadline);
            }
        }
        catch (Exception failure)
        {
            // A server that refuses refuses all; a connection that broke while it was opened says nothing of the next.
            if (!DatabaseFailures.IsTransientConnection(failure) || DatabaseFailures.IsConnecting(failure))
                FailAll(first, failure);
        }
    }

    // It owns the connection, and gives it back however late.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<bool> Answer(NpgsqlConnection connection, PipelinedRead first, PipelineTrip trip, CancellationToken stop)
    {
        try
        {
            var sentAt = isTimed ? Stopwatch.GetTimestamp() : 0;
            var batch = new NpgsqlBatch(connection);
            for (var read = first; read is not null; read = read.Next)
            {
                if (!trip.TakeAlong(read))
                    continue;
                read.SentAt = sentAt;
                batch.BatchCommands.Add(read.Command);
            }
            trip.Depart();
            if (batch.BatchCommands.Count == 0)
                return false;
            await using var reader = await batch.ExecuteReaderAsync(stop);
            for (var read = first; read is not null; read = read.Next)
            {
                if (!read.IsSent)
                    continue;
                await read.Take(reader, stop);
                await reader.NextResultAsync(stop);
            }
            return true;
        }
        finally
        {
            await database.Return(connection);
        }
    }

    static bool AllHaveLeft(PipelinedRead first)
    {
        for (var read = first; read is not null; read = read.Next)
        {
            if (!read.HasLeft)
                return false;
        }
        return true;
    }

    /// <summary>Each has an exception of its own: what is noted on it (<see cref="DatabaseFailures.NoteQuery"/>) is of one query.</summary>
    static void FailAll(PipelinedRead first, Exception failure)
    {
        for (var read = first; read is not null; read = read.Next)
        {
            if (!read.IsAnswered)
                read.Fail(failure is NpgsqlException { InnerException: { } cause } and not PostgresException ? new NpgsqlException(failure.Message, cause) : new NpgsqlException(failure.Message, failure));
        }
    }
}
