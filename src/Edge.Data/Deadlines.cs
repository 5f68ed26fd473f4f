using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Npgsql;

namespace Edge.Data;

/// <summary>
/// How long a caller waits for the server's answer, and what becomes of an operation that nobody waits for any more.
/// <para>
/// Npgsql's own timeout, and a token that is cancelled, ask the server to cancel the statement: by a call that blocks the thread of the
/// timer, or of whoever cancels, for the whole connection timeout where the server is silent. A frozen server so took as many threads as
/// there are connections, and with them the answers that need no database. Therefore:
/// </para>
/// <para>
/// 1. Npgsql has no timeout, and sees a caller's token only while it opens a connection, where it has nothing to cancel on the server.
/// 2. The caller waits for the operation, for the deadline or for its token, whichever is first (<see cref="Deadline.Wait{T}"/>); no
/// thread waits. 3. What was left keeps its connection and gives it back when it ends: it is the operation that returns it, not its
/// caller. 4. What was left is cancelled all the same, because a client that went away must not cost a statement timeout, and a link that
/// was cut would keep its connection until the kernel gives up after a quarter of an hour; but one operation after another, on a thread
/// that is nobody else's. That is the only thread that ever blocks (and the one that receives the answer to a statement that is just being
/// cancelled). The queue is as long as there are connections. A cancel that the server does not take breaks the connection.
/// </para>
/// </summary>
internal sealed class Deadlines(TimeSpan time)
{
    readonly SemaphoreSlim _cancelling = new(1);
    readonly ConcurrentQueue<Deadline> _idle = new();

    public TimeSpan Time => time;

    /// <summary>For one operation after another; to be returned.</summary>
    public Deadline Rent() => _idle.TryDequeue(out var deadline) ? deadline : new(this);

    public void Return(Deadline deadline)
    {
        if (!deadline.IsLeft)
            _idle.Enqueue(deadline);
    }

    /// <summary>Waits for <paramref name="work"/>, whose token is cancelled where it is left.</summary>
    public async ValueTask<T> Wait<T>(Func<CancellationToken, ValueTask<T>> work)
    {
        var deadline = Rent();
        try
        {
            return await deadline.Wait(work(deadline.Stop), CancellationToken.None);
        }
        finally
        {
            Return(deadline);
        }
    }

    public async Task Cancel(CancellationTokenSource stop)
    {
        await _cancelling.WaitAsync(CancellationToken.None);
        try
        {
            await Task.Factory.StartNew(
                static stop => ((CancellationTokenSource)stop!).Cancel(), stop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (AggregateException)
        {
            // The connection broke meanwhile. Nobody waits for what ran on it.
        }
        finally
        {
            _cancelling.Release();
        }
    }
}

/// <summary>The wait for one operation at a time. Reused until an operation was left: that one may still report its end.</summary>
internal sealed class Deadline : IValueTaskSource<Deadline.Outcome>
{
    internal enum Outcome
    {
        Waiting,
        Ended,
        Late,
        Cancelled,
    }

    readonly Deadlines _owner;
    readonly CancellationTokenSource _stop = new();
    readonly Action _end;
    CancellationTokenSource _timer = new();
    ManualResetValueTaskSourceCore<Outcome> _first;
    Outcome _outcome;

    public Deadline(Deadlines owner)
    {
        _owner = owner;
        _end = () => Settle(Outcome.Ended);
    }

    /// <summary>For Npgsql. It is cancelled once nobody waits any more.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>An operation was, or is to be, cancelled: it may be under way still.</summary>
    public bool IsLeft { get; private set; }

    /// <summary>
    /// The result of <paramref name="working"/>, if it ends in time. If not, it goes on; its failure is nobody's then. That is for an async
    /// method with the pooling builder, which has no task that could tell of an unobserved exception; others have to be awaited elsewhere too.
    /// </summary>
    /// <exception cref="NpgsqlException">No end within <see cref="Deadlines.Time"/>; a <see cref="DatabaseFailure.Timeout"/>.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> Wait<T>(ValueTask<T> working, CancellationToken cancel)
    {
        if (working.IsCompleted)
            return await working;
        Outcome outcome;
        _timer.CancelAfter(_owner.Time);
        using (_timer.Token.UnsafeRegister(static wait => ((Deadline)wait!).Settle(Outcome.Late), this))
        using (cancel.UnsafeRegister(static wait => ((Deadline)wait!).Settle(Outcome.Cancelled), this))
        {
            working.GetAwaiter().UnsafeOnCompleted(_end);
            outcome = await new ValueTask<Outcome>(this, _first.Version);
        }
        if (outcome == Outcome.Ended)
        {
            // Both registrations are gone, so nobody settles this wait any more.
            _first.Reset();
            _outcome = Outcome.Waiting;
            if (!_timer.TryReset())
                _timer = new();
            return await working;
        }
        _ = Leave();
        if (outcome == Outcome.Cancelled)
            throw new OperationCanceledException(cancel);
        throw new NpgsqlException(
            $"No answer from the server within {_owner.Time.TotalSeconds} s", new TimeoutException("The client's deadline has passed."));
    }

    /// <summary>Cancels what is under way, after all others that are to be cancelled.</summary>
    public Task Leave()
    {
        IsLeft = true;
        return _owner.Cancel(_stop);
    }

    void Settle(Outcome outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, outcome, Outcome.Waiting) != Outcome.Waiting)
            return;
        // Neither the timer nor whoever cancels should run what the caller does next.
        _first.RunContinuationsAsynchronously = outcome != Outcome.Ended;
        _first.SetResult(outcome);
    }

    Outcome IValueTaskSource<Outcome>.GetResult(short token) => _first.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Outcome>.GetStatus(short token) => _first.GetStatus(token);

    void IValueTaskSource<Outcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _first.OnCompleted(continuation, state, token, flags);
}
