namespace Edge.Core.Caching;

/// <param name="Source">Shared or Miss; Stale where the load goes on behind a fallback.</param>
internal readonly record struct FlightEnd(CacheEntry? Entry, CacheSource Source, Exception? Failure);

/// <summary>One load under way.</summary>
/// <param name="number">Later ones have higher numbers.</param>
internal sealed class Flight(string key, Generations.Snapshot readAt, long number)
{
    // Continuations run elsewhere: whoever lands must not run the code of a thousand waiting callers.
    readonly TaskCompletionSource<FlightEnd> _end = NewSource<FlightEnd>();
    readonly TaskCompletionSource _word = NewSource();
    TaskCompletionSource _filled = NewSource();
    Generations.Snapshot _readAt = readAt;

    public string Key => key;

    public long Number => number;

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

    public void ExpectFill() => Volatile.Write(ref _filled, NewSource());

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

    static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
