using System.Diagnostics;

namespace Edge.Testing;

/// <summary>
/// What a busy machine adds to each wait, measured while a test runs: by how much a tick that is due every few milliseconds was late at most. It ticks on the
/// thread pool, as what is tested does.
/// </summary>
public sealed class MachinePause : IAsyncDisposable
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    readonly PeriodicTimer _timer = new(Tick);
    readonly Task _running;
    long _longestMs;

    MachinePause() => _running = Task.Run(Run);

    public long LongestMs => Volatile.Read(ref _longestMs);

    public static MachinePause Start() => new();

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _running;
    }

    async Task Run()
    {
        var last = Stopwatch.GetTimestamp();
        while (await _timer.WaitForNextTickAsync())
        {
            var lateMs = (long)(Stopwatch.GetElapsedTime(last) - Tick).TotalMilliseconds;
            last = Stopwatch.GetTimestamp();
            if (lateMs > LongestMs)
                Volatile.Write(ref _longestMs, lateMs);
        }
    }
}
