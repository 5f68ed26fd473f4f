using System.Diagnostics.Metrics;
using Edge.Core.Caching;
using Edge.Core.Metrics;
using Edge.Core.Resilience;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Health;
using Edge.Http;
using Edge.Redis;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>What is measured, and where it is told.</summary>
internal static class TelemetrySetup
{
    public static void Add(IServiceCollection services, EdgeSettings settings, TimeProvider clock)
    {
        services.AddSingleton(static _ => new PoolStatistics());
        if (!settings.Telemetry.IsOn)
            return;
        services.AddSingleton(_ => EdgeMeter.Create(clock));
        services.AddSingleton(_ => new Latencies(clock));
        services.AddSingleton<IQueryObserver>(static provider => new QueryTelemetry(provider.GetRequiredService<Meter>(), provider.GetRequiredService<Latencies>()));
        services.AddSingleton<IRedisObserver>(static provider => new RedisTelemetry(provider.GetRequiredService<Meter>()));
        services.AddHostedService(provider => new LatencyRotation(provider.GetRequiredService<Latencies>(), clock));
        if (settings.Telemetry is not { IsScraped: false, Push: null })
            services.AddHostedService(provider => new MetricsExport(settings.Telemetry, clock, provider.LogOf<MetricsExport>()));
        if (settings.Telemetry.Traces is { } traces)
            services.AddHostedService(provider => new TraceExport(traces, provider.LogOf<TraceExport>()));
    }

    public static void Measure(IServiceProvider services, IReadOnlyList<Dependency> dependencies, Readiness readiness)
    {
        if (services.GetService<Meter>() is not { } meter)
            return;
        if (services.GetService<EdgeCache>() is { } cache)
            CacheMetrics.Add(meter, cache);
        if (services.GetService<ChangeFeed>() is { } changes)
            CacheMetrics.Add(meter, changes);
        if (services.GetService<LoadGate>() is { } gate)
            LimitMetrics.Add(meter, gate);
        if (services.GetService<StreamLimits>() is { } exports)
            LimitMetrics.Add(meter, exports);
        LimitMetrics.Add(meter, services.GetRequiredService<RateLimiter>());
        HealthMetrics.Add(meter, dependencies, readiness);
    }
}
