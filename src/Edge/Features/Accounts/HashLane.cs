using Edge.Http;

namespace Edge.Features.Accounts;

/// <summary>
/// Where passwords are hashed: threads of their own behind a bounded queue, so that a flood of logins costs logins and nothing else.
/// <para>
/// A hash is a tenth of a second of pure computing. On the pool's threads a hundred of them at once would occupy all of these, and reads, whose
/// work is microseconds, would queue behind them until the pool grew; after that every core would be shared with a hundred hashes. So:
/// (1) a request that needs a hash takes a place in the queue, or is refused where there is none, before it has cost a query;
/// (2) few threads take from the queue, in order, and never more hashes run than there are threads;
/// (3) these threads run only where nothing else wants their core (<see cref="LeftoverTime"/>). The price: where reads take the whole processor
/// logins hardly go on, and are refused after <see cref="Patience"/>;
/// (4) a request gives its place back when its client leaves, and when it has been here for <see cref="Patience"/>: those who still wait
/// are worth more than those who have gone. A hash that has begun is finished, and thrown away;
/// (5) a refusal is held back for <see cref="RefusalPause"/>. It costs a timer meanwhile, and whoever ignores Retry-After and tries again at once, as load
/// generators do, is slowed to one attempt a second for each connection: without it 200 of them got 23,000 refusals a second, which took the
/// p99 of reads to 13 times that of quiet.
/// </para>
/// <para>
/// What it does not do: share a quota of a container. Where that is used up the kernel stops all threads, whatever their priority: give such an
/// instance one thread here, and a quota of more than one core. And it knows no fairness between clients: that is the rate limits' work.
/// </para>
/// </summary>
/// <param name="threads">How many hashes run at once. They are started by the first.</param>
/// <param name="places">How many requests may wait.</param>
internal sealed class HashLane(int threads, int places, TimeProvider clock) : IDisposable
{
    /// <summary>How long a request may be here, its own hash included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>By then half of a full queue's requests have been answered or have given up.</summary>
    const int RetryAfterSeconds = 5;

    /// <summary>How long a refusal is held back.</summary>
    public static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(1);

    /// <summary>Most refusals that are held back at a time. What comes on top is refused at once: a pause for everybody would be a queue without bounds.</summary>
    public const int MostHeld = 1_000;

    // Guards itself and the two fields below; those who take from it wait for its pulse.
    readonly LinkedList<Action> _queue = new();
    bool _isStarted;
    bool _isStopped;
    long _done;
    int _held;

    static Problem Full { get; } = Problem.Unavailable("Too many people are signing in at the moment.", RetryAfterSeconds);

    /// <summary>Hashes finished since the start.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_queue)
                return _queue.Count;
        }
    }

    /// <summary>Whether a request that came now would be refused.</summary>
    public bool IsFull => Waiting >= places;

    /// <summary>Runs the work on the lane. A problem, where there is no place or it took too long.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask<Answer<T>> Run<T>(Func<T> work, CancellationToken cancelled)
    {
        cancelled.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var place = new LinkedListNode<Action>(() => Finish(work, done));
        // (1)
        if (!TryEnter(place))
            return await Refuse(cancelled);
        try
        {
            return await done.Task.WaitAsync(Patience, clock, cancelled);
        }
        catch (TimeoutException)
        {
            return Full;
        }
        finally
        {
            Leave(place);
        }
    }

    /// <summary>The answer where there is no place.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask<Problem> Refuse(CancellationToken cancelled)
    {
        // (5)
        try
        {
            if (Interlocked.Increment(ref _held) <= MostHeld && !Volatile.Read(ref _isStopped))
                await Task.Delay(RefusalPause, clock, cancelled);
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
        return Full;
    }

    /// <summary>Its threads end when nobody waits any more.</summary>
    public void Dispose()
    {
        lock (_queue)
        {
            _isStopped = true;
            Monitor.PulseAll(_queue);
        }
    }

    bool TryEnter(LinkedListNode<Action> place)
    {
        lock (_queue)
        {
            if (_queue.Count >= places || _isStopped)
                return false;
            _queue.AddLast(place);
            Monitor.Pulse(_queue);
            if (_isStarted)
                return true;
            _isStarted = true;
        }
        for (var i = 0; i < threads; i++)
        {
            var number = i;
            new Thread(() => Work(number)) { Name = "hash lane", IsBackground = true }.Start();
        }
        return true;
    }

    void Leave(LinkedListNode<Action> place)
    {
        lock (_queue)
        {
            if (place.List is not null)
                _queue.Remove(place);
        }
    }

    void Work(int number)
    {
        // (3)
        using var leftovers = new LeftoverTime(number);
        while (Next() is { } work)
            leftovers.Run(work);
    }

    Action? Next()
    {
        lock (_queue)
        {
            while (_queue.First is null)
            {
                if (_isStopped)
                    return null;
                Monitor.Wait(_queue);
            }
            var first = _queue.First.Value;
            _queue.RemoveFirst();
            return first;
        }
    }

    void Finish<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            var value = work();
            Interlocked.Increment(ref _done);
            done.SetResult(value);
        }
        catch (Exception failure)
        {
            done.SetException(failure);
        }
    }
}
