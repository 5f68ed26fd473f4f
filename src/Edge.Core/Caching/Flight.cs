using System.Runtime.ExceptionServices;

namespace Edge.Core.Caching;

/// <param name="Source">Shared or Miss; Stale where the load goes on behind a fallback.</param>
internal readonly record struct FlightEnd(CacheEntry? Entry, CacheSource Source, ExceptionDispatchInfo? Failure);

/// <summary>One load under way.</summary>
/// <param name="number">Later ones have higher numbers.</param>
/// <param name="waking">How those who wait are woken, see <see cref="WakingOn"/>.</param>
internal sealed class Flight(string key, Generations.Snapshot readAt, long number, TaskCreationOptions waking)
{
    readonly TaskCompletionSource<FlightEnd> _end = new(waking);
    readonly TaskCompletionSource _word = new(waking);
    TaskCompletionSource _filled = new(waking);
    Generations.Snapshot _readAt = readAt;

    public string Key => key;

    public required CacheCounters Counters { get; init; }

    public long Number => number;

    public required long StartedAtMs { get; init; }

    /// <summary>
    /// The flight of the same key that an invalidation outdated, in whose place this one is. Null: there was none, or this one has landed,
    /// so that no chain of them outlives the last.
    /// </summary>
    public Flight? Overtaken { get; set; }

    /// <summary>What it reads, it reads no earlier than this.</summary>
    public Generations.Snapshot ReadAt
    {
        get => Volatile.Read(ref _readAt);
        set => Volatile.Write(ref _readAt, value);
    }

    public Task<FlightEnd> Done => _end.Task;

    /// <summary>Done, or there is a <see cref="Fallback"/>.</summary>
    public Task FirstWord => _word.Task;

    /// <summary>Stale, from the second level: for callers that have nothing.</summary>
    public CacheEntry? Fallback { get; private set; }

    /// <summary>The lease of the key has been given back since <see cref="ExpectFill"/>, or waiting for that is in vain.</summary>
    public Task Filled => Volatile.Read(ref _filled).Task;

    public void ExpectFill() => Volatile.Write(ref _filled, new(waking));

    public void Fill() => Volatile.Read(ref _filled).TrySetResult();

    public void Offer(CacheEntry fallback)
    {
        Fallback = fallback;
        _word.TrySetResult();
    }

    public void Land(FlightEnd end)
    {
        _end.TrySetResult(end);
        _word.TrySetResult();
    }

    /// <summary>
    /// On the pool, elsewhere: whoever lands must not run the code of a thousand waiting callers. A scheduler that is stepped through queues
    /// whatever wakes anyway, and would have steps taken from it by the pool.
    /// </summary>
    public static TaskCreationOptions WakingOn(TaskScheduler scheduler) =>
        scheduler == TaskScheduler.Default ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
}
