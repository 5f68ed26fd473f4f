using Edge.Core.Metrics;

namespace Edge.Telemetry;

/// <summary>Calls <see cref="Latencies.Rotate"/> for as long as the host runs.</summary>
internal sealed class LatencyRotation(Latencies latencies, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LatencyStatistics.RotateEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                latencies.Rotate();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
