namespace Edge.Testing;

/// <summary>Waits for what signals nobody: the state of another process. Where there is an event, await that instead.</summary>
public static class Poll
{
    /// <summary>Time after which a condition counts as never met, in seconds.</summary>
    public const int TimeoutSeconds = 30;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <exception cref="TimeoutException">The condition was not met within <see cref="TimeoutSeconds"/>.</exception>
    public static Task Until(Func<bool> condition, string what, CancellationToken cancel) =>
        Until(_ => ValueTask.FromResult(condition()), what, cancel);

    /// <inheritdoc cref="Until(Func{bool}, string, CancellationToken)"/>
    public static async Task Until(Func<CancellationToken, ValueTask<bool>> condition, string what, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(TimeoutSeconds));
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (!await condition(deadline.Token))
                await timer.WaitForNextTickAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"Not within {TimeoutSeconds} s: {what}.");
        }
    }
}
