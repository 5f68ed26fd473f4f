using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Http;

namespace Edge.Health;

/// <summary>
/// What load balancers, orchestrators and people ask. Every answer comes from memory. A dependency that is down makes an instance
/// degraded, not unready: what can still be answered should be, and a fleet that leaves the balancer together helps nobody.
/// </summary>
internal sealed class HealthEndpoints(IReadOnlyList<Dependency> dependencies, Readiness readiness, HealthSources sources, TimeProvider clock)
{
    const string Tag = "Health";

    readonly long _started = clock.GetTimestamp();

    public void Map(RouteTable routes)
    {
        routes.Get(At("/health", "Healthy, or degraded while a dependency is down"), static () => HealthJson.Default.HealthStatus, Overall);
        routes.Get(At("/health/live", "200 while the process can make progress"), static () => HealthJson.Default.HealthStatus, Live);
        routes.Get(
            At("/health/ready", "200 while requests should be sent here, 503 before and after") with { AlsoStatus = [503] },
            static () => HealthJson.Default.HealthStatus, Ready);
        routes.Get(
            At("/health/detailed", "Each dependency's last probe, pools, breakers, cache, queues, the build") with { Access = Access.Operator, Problems = [404] },
            static () => HealthJson.Default.DetailedHealth, Detailed);
    }

    static Operation At(string path, string summary) => new() { Path = path, Tag = Tag, Summary = summary, IsLocal = true, Caching = Caching.None, Limit = LimitGroup.Free, IsMeasured = false };

    ValueTask<Answer<HealthStatus>> Overall(Call call) => new(Status());

    static ValueTask<Answer<HealthStatus>> Live(Call call) => new(HealthStatus.Healthy);

    ValueTask<Answer<HealthStatus>> Ready(Call call)
    {
        Answer<HealthStatus> answer = readiness switch
        {
            { IsDraining: true } => HealthStatus.Draining,
            { IsWarm: false } => HealthStatus.Starting,
            _ => Status(),
        };
        return new(answer with { Status = readiness.IsReady ? 200 : 503 });
    }

    ValueTask<Answer<DetailedHealth>> Detailed(Call call)
    {
        var now = clock.GetUtcNow();
        var probed = dependencies.Select(dependency =>
        {
            var state = dependency.State;
            return new DependencyHealth(
                dependency.Name, Word(dependency, state),
                state.CheckedAt, (now - state.CheckedAt)?.TotalSeconds, state.LatencyMs);
        });
        return new(new DetailedHealth(
            Status().Status, clock.GetElapsedTime(_started).TotalSeconds, [.. probed], sources.Pools(), sources.Breakers(), sources.Cache(), sources.Queues(),
            new(EdgeVersion.Text, RuntimeInformation.FrameworkDescription, IsNative: !RuntimeFeature.IsDynamicCodeSupported)));
    }

    static string Word(Dependency dependency, DependencyState state) => (dependency.IsConfigured, state) switch
    {
        (false, _) => "not configured",
        (_, { CheckedAt: null }) => "unknown",
        (_, { IsUp: true }) => "up",
        _ => "down",
    };

    HealthStatus Status() => dependencies.All(static dependency => dependency.State.IsUp) ? HealthStatus.Healthy : HealthStatus.Degraded;
}
