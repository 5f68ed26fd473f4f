using Edge.Http;
using Edge.Redis;
using Edge.Redis.RateLimiting;

namespace Edge.Hosting;

/// <summary>Puts the limiter together.</summary>
internal static class LimitSetup
{
    public static void Add(IServiceCollection services, EdgeSettings settings, TimeProvider clock, SettingsFile? file)
    {
        services.AddSingleton(provider => new RateLimiter(settings.Limits, settings.Proxies, provider.GetService<IApiKeys>(), StoreOf(provider, settings), clock));
        if (file is not null)
            services.AddHostedService(provider => new SettingsWatcher(file, provider.GetRequiredService<RateLimiter>(), clock, provider.LogOf<SettingsWatcher>()));
    }

    /// <summary>The buckets that all instances share. Null: each instance has its own.</summary>
    static RedisTokenStore? StoreOf(IServiceProvider provider, EdgeSettings settings) =>
        provider.GetService<RedisClient>() is { } redis ? new(redis, settings.CachePrefix) : null;
}
