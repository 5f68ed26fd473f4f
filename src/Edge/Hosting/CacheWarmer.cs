using System.Globalization;
using Edge.Core.Caching;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Hosting;

/// <summary>
/// Loads the answers that everybody asks for before the instance is ready, so that a scale-out does not greet its first visitors with cold
/// reads. From Redis where another instance has them. It never keeps an instance from becoming ready for longer than its deadline: what
/// could not be loaded is loaded by whoever asks.
/// </summary>
internal sealed partial class CacheWarmer(
    EdgeCache cache, ChangeFeed? changes, IReadOnlyList<KeyValuePair<string, Func<CancellationToken, Task<bool>>>> routes, Readiness readiness, TimeSpan deadline, TimeProvider clock,
    ILogger<CacheWarmer> log) : BackgroundService
{
    /// <summary>
    /// How long the second level and the changes may take to be connected: without the one everything would be loaded although Redis has it,
    /// before the other it would be suspect at once.
    /// </summary>
    static readonly TimeSpan ConnectTime = TimeSpan.FromMilliseconds(500);

    static readonly TimeSpan ConnectPoll = TimeSpan.FromMilliseconds(5);

    /// <summary>Loads all. Returns how many there are now.</summary>
    public async Task<int> Warm(CancellationToken cancelled)
    {
        using var late = new CancellationTokenSource(deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancelled);
        await Connected(either.Token);
        // One after the other: an instance that starts has no need of a connection and a compressor for each.
        var warmed = 0;
        foreach (var (_, warm) in routes)
            warmed += await Try(warm, either.Token) ? 1 : 0;
        cancelled.ThrowIfCancellationRequested();
        return warmed;
    }

    /// <summary><c>edge warm</c>: the same by hand. Returns the process's exit code.</summary>
    public async Task<int> WarmOnce(TextWriter done, TextWriter failed)
    {
        var started = clock.GetTimestamp();
        var warmed = await Warm(CancellationToken.None);
        // An answer is there before the second level has it.
        using var timer = new PeriodicTimer(ConnectPoll, clock);
        while (cache.Statistics().Flights > 0 && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            // Each ends by its deadline.
        }
        var isShared = cache.SecondLevel() is { IsOpen: true };
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"edge warm: {warmed} of {routes.Count} answers in {clock.GetElapsedTime(started).TotalMilliseconds:0} ms{(isShared ? "" : "; Redis cannot be reached, so they are not shared")}");
        var isDone = isShared && warmed == routes.Count;
        (isDone ? done : failed).WriteLine(text);
        return isDone ? EdgeCommand.Success : EdgeCommand.Failure;
    }

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            var started = clock.GetTimestamp();
            var warmed = await Warm(stopping);
            Warmed(log, warmed, routes.Count, clock.GetElapsedTime(started).TotalMilliseconds);
            // What starting and warming left behind: once, while nobody waits, it is worth a full collection to give it back.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
        readiness.WarmedUp();
    }

    async Task Connected(CancellationToken cancelled)
    {
        // There is no signal to wait for that would be worth its upkeep: this happens once in the life of a process.
        using var timer = new PeriodicTimer(ConnectPoll, clock);
        var started = clock.GetTimestamp();
        while ((cache.SecondLevel() is { IsOpen: false } || changes?.Status is { Gaps: 0, Since: not null }) && clock.GetElapsedTime(started) < ConnectTime && !cancelled.IsCancellationRequested)
            await timer.WaitForNextTickAsync(CancellationToken.None);
    }

    static async Task<bool> Try(Func<CancellationToken, Task<bool>> warm, CancellationToken cancelled)
    {
        try
        {
            return await warm(cancelled);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Warmed {Count} of {All} answers in {Ms:0} ms", EventName = "CacheWarmed")]
    static partial void Warmed(ILogger log, int count, int all, double ms);
}
