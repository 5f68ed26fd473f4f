using System.Threading.Tasks.Sources;

namespace Edge.Redis.Connections;

/// <summary>
/// Wakes one sleeper, once per sleep, without allocating. It goes through the pool's global queue on purpose: continuations
/// that are already on their way queue their commands first, and one write takes them all.
/// </summary>
sealed class WakeSignal : IValueTaskSource, IThreadPoolWorkItem
{
    ManualResetValueTaskSourceCore<bool> _core;

    public ValueTask Wait() => new(this, _core.Version);

    public void Set() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token)
    {
        _core.GetResult(token);
        _core.Reset();
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
