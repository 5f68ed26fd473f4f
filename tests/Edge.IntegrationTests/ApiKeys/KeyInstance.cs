using Edge.Core.Caching;
using Edge.Data.Changes;
using Edge.Hosting;
using Edge.Http;
using Edge.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Edge.IntegrationTests.ApiKeys;

/// <summary>An instance as production puts it together, asked for keys as the limits ask it.</summary>
sealed class KeyInstance : IAsyncDisposable
{
    readonly WebApplication _app;

    KeyInstance(WebApplication app) => _app = app;

    EdgeCache Cache => _app.Services.GetRequiredService<EdgeCache>();

    /// <summary>Of keys only.</summary>
    public KindStatistics Keys => Cache.Statistics("api_keys");

    /// <summary>Ready, hearing of changes, and connected to Redis.</summary>
    /// <param name="prefix">Of what it shares: one per test, since all share a Redis.</param>
    public static async Task<KeyInstance> Start(string databaseUrl, string prefix, CancellationToken cancelled)
    {
        var settings = new Dictionary<string, string?>
        {
            ["DATABASE_URL"] = databaseUrl,
            ["REDIS_URL"] = (await SharedServers.Redis(cancelled)).Url,
            ["EDGE_CACHE_PREFIX"] = prefix,
            // A busy machine must not make Redis fail here.
            ["EDGE_CACHE_REDIS_TIMEOUT_MS"] = "10000",
            ["EDGE_WARM_SECONDS"] = "0",
            ["EDGE_SHUTDOWN_DELAY_SECONDS"] = "0",
            ["EDGE_LOG_LEVEL"] = "none",
            ["OTEL_METRICS_EXPORTER"] = "none",
            ["PORT"] = "0",
        };
        var source = new SettingsSource(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        var read = SettingsReader.Read(source);
        Assert.Empty(source.Mistakes);
        var app = EdgeHost.Build(read, TimeProvider.System);
        var instance = new KeyInstance(app);
        await app.StartAsync(cancelled);
        await Poll.Until(
            () => instance.Cache.SecondLevel() is { IsOpen: true } && app.Services.GetRequiredService<ChangeFeed>().Status is { IsListening: true, Gaps: > 0 },
            "the instance shares and hears", cancelled);
        return instance;
    }

    public ValueTask<ApiKey?> Find(string key, CancellationToken cancelled) => _app.Services.GetRequiredService<IApiKeys>().Find(key, cancelled);

    /// <summary>Makes what it has in memory suspect.</summary>
    public void ExpireAllHere() => Cache.ExpireAllHere();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
