using Edge.Http;

namespace Edge.Health;

/// <summary>
/// Asks every dependency each interval, all at once, and logs only when an answer changes. The first round opens the
/// first connections; it is one of the things that readiness waits for, whatever it finds.
/// </summary>
internal sealed partial class HealthProber(
    IReadOnlyList<Dependency> dependencies, Readiness readiness, TimeSpan interval, TimeProvider clock, ILogger<HealthProber> log) : BackgroundService
{
    /// <summary>Longest a probe may take. A dependency that is slower than this is as good as down.</summary>
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host starts its services one after the other and waits for each up to its first suspension: nothing is to delay it.
        await Task.Yield();
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            await Round(stoppingToken);
            readiness.WarmedUp();
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Round(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    internal Task Round(CancellationToken stopping) => Task.WhenAll(dependencies.Select(dependency => Check(dependency, stopping)));

    async Task Check(Dependency dependency, CancellationToken stopping)
    {
        var before = dependency.State.IsUp;
        var failure = await dependency.Probe(clock, Deadline, stopping);
        if (failure is not null && before)
            WentDown(log, dependency.Name, failure.Kind, failure.Text);
        else if (failure is null && !before && dependency.IsConfigured)
            CameBack(log, dependency.Name);
    }

    [LoggerMessage(1, LogLevel.Warning, "{Dependency} does not answer: {Failure}: {Reason}", EventName = "DependencyDown")]
    static partial void WentDown(ILogger log, string dependency, string failure, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Dependency} answers again", EventName = "DependencyUp")]
    static partial void CameBack(ILogger log, string dependency);
}
