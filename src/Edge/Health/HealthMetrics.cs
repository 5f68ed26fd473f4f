using System.Diagnostics.Metrics;

namespace Edge.Health;

/// <summary>What the prober found last, for scrapes.</summary>
internal static class HealthMetrics
{
    public static void Add(Meter meter, IReadOnlyList<Dependency> dependencies, Http.Readiness readiness)
    {
        meter.CreateObservableGauge("edge.ready", () => readiness.IsReady ? 1 : 0, unit: null, "1: requests should be sent here");
        meter.CreateObservableGauge(
            "edge.dependency.up", () => Of(dependencies, static state => state.IsUp ? 1 : 0), unit: null, "1: the last probe was answered, or there was none yet");
        meter.CreateObservableGauge(
            "edge.dependency.probe.duration", () => Of(dependencies, static state => state.LatencyMs / 1000), "s", "How long the last probe took; none that failed");
    }

    static IEnumerable<Measurement<double>> Of(IReadOnlyList<Dependency> dependencies, Func<DependencyState, double?> read)
    {
        foreach (var dependency in dependencies)
            if (read(dependency.State) is { } value)
                yield return new(value, new KeyValuePair<string, object?>("dependency", dependency.Name));
    }
}
