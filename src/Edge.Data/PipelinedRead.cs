using System.Threading.Tasks.Sources;
using Npgsql;

namespace Edge.Data;

/// <summary>
/// A read on its way through a <see cref="Pipeline"/>, and its caller's wait for it. Whoever makes the trip notes what became of it; the pipeline tells the
/// caller, once, unless that has left. A trip that is over for its deadline may still note something: it is not heard, or right.
/// </summary>
internal abstract class PipelinedRead(NpgsqlBatchCommand command) : IValueTaskSource<PipelinedRead.Outcome>
{
    internal enum Outcome
    {
        /// <summary>Nothing came of it in company; by itself it may, or fails with a reason of its own.</summary>
        Alone,
        Answered,
        Failed,
        Left,
    }

    ManualResetValueTaskSourceCore<Outcome> _wait;
    PipelineTrip? _trip;
    volatile Outcome _noted;
    int _isTold;

    public NpgsqlBatchCommand Command => command;

    /// <summary>The one behind it in the line or on the trip.</summary>
    public PipelinedRead? Next { get; set; }

    /// <summary>The trip that it goes with; null while it waits.</summary>
    public PipelineTrip? Trip { get => Volatile.Read(ref _trip); set => Interlocked.Exchange(ref _trip, value); }

    /// <summary>It was sent: its caller had not left by then.</summary>
    public bool IsSent { get; set; }

    /// <summary>Timestamp at which it was sent; 0: nobody notes it.</summary>
    public long SentAt { get; set; }

    public Exception? Failure { get; private set; }

    public bool IsAnswered => _noted == Outcome.Answered;

    public bool HasLeft => Volatile.Read(ref _isTold) != 0;

    public ValueTask<Outcome> Told => new(this, _wait.Version);

    /// <summary>Takes the value out of the result that the reader stands on.</summary>
    public abstract ValueTask Take(NpgsqlDataReader reader, CancellationToken stop);

    public void Fail(Exception failure)
    {
        Failure = failure;
        _noted = Outcome.Failed;
    }

    /// <summary>The caller waits no more. It goes on on another thread than the one that cancels.</summary>
    public void Leave()
    {
        if (Tell(Outcome.Left, isHere: false))
            Trip?.Left(this);
    }

    /// <summary>Tells all of a trip.</summary>
    /// <param name="first">The others hang behind it.</param>
    /// <param name="isLast">There is no other trip to be made on this thread.</param>
    public static void Tell(PipelinedRead first, bool isLast)
    {
        for (var read = first; read is not null;)
        {
            // Its caller may be gone with it once it is told.
            var next = read.Next;
            read.Tell(read._noted, isHere: isLast && next is null);
            read = next;
        }
    }

    protected void Answered() => _noted = Outcome.Answered;

    bool Tell(Outcome outcome, bool isHere)
    {
        if (Interlocked.Exchange(ref _isTold, 1) != 0)
            return false;
        _wait.RunContinuationsAsynchronously = !isHere;
        _wait.SetResult(outcome);
        return true;
    }

    Outcome IValueTaskSource<Outcome>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Outcome>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<Outcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);
}

/// <inheritdoc/>
internal sealed class PipelinedRead<T>(Query query, NpgsqlBatchCommand command, RowReader<T?> read) : PipelinedRead(command)
{
    public T? Value { get; private set; }

    public override async ValueTask Take(NpgsqlDataReader reader, CancellationToken stop)
    {
        Value = await QueryResult.Optional(query, reader, read, stop);
        Answered();
    }
}
