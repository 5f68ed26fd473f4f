using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

/// <summary>An origin whose nth call yields n, when the test lets it. Loads wake where they were awaited, so that a bench may step them.</summary>
sealed class ScriptedOrigin
{
    TaskCompletionSource _gate = Open();
    int _calls;
    volatile bool _fails;

    public int Calls => Volatile.Read(ref _calls);

    public bool IsNegative { get; set; }

    /// <summary>What the loads say of their own duration; 0: nothing.</summary>
    public int DurationMs { get; set; }

    /// <summary>Keys of bulk loads, in the order in which they were asked for.</summary>
    public List<int> Asked { get; } = [];

    /// <summary>Calls from now on wait for <see cref="Release"/>.</summary>
    public void Hold() => _gate = new();

    public void Release() => _gate.TrySetResult();

    /// <summary>Lets later calls through and leaves those that wait to the caller.</summary>
    public TaskCompletionSource Forget()
    {
        var held = _gate;
        _gate = Open();
        return held;
    }

    public void Fail() => _fails = true;

    public void Heal() => _fails = false;

    public async ValueTask<Loaded<int>> Load()
    {
        var number = Interlocked.Increment(ref _calls);
        await _gate.Task;
        return _fails ? throw new InvalidOperationException("the origin fails") : new(number, SizeBytes: 8, IsNegative, DurationMs);
    }

    /// <summary>The value of the key with index i is 100 × the call's number + i.</summary>
    public async ValueTask<Loaded<int>[]> LoadMany(int[] indexes)
    {
        var number = Interlocked.Increment(ref _calls);
        Asked.AddRange(indexes);
        await _gate.Task;
        return _fails ? throw new InvalidOperationException("the origin fails") : Array.ConvertAll(indexes, i => new Loaded<int>(100 * number + i, 8));
    }

    static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
