using Edge.Core.Caching;

namespace Edge.Tests.Caching;

/// <summary>An origin whose nth call yields n, when the test lets it.</summary>
sealed class ScriptedOrigin
{
    TaskCompletionSource _gate = Open();
    TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _calls;
    volatile bool _fails;

    public int Calls => Volatile.Read(ref _calls);

    public bool IsNegative { get; set; }

    /// <summary>Ends when a call has come since <see cref="Hold"/>.</summary>
    public Task Called => _called.Task;

    /// <summary>Calls from now on wait for <see cref="Release"/>.</summary>
    public void Hold()
    {
        _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

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
        var gate = _gate;
        _called.TrySetResult();
        await gate.Task;
        return _fails ? throw new InvalidOperationException("the origin fails") : new(number, SizeBytes: 8, IsNegative);
    }

    static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
