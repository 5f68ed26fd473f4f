using System.Globalization;
using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Data.Changes;
using Edge.Http;
using Edge.Redis;
using Edge.Redis.Caching;

namespace Edge.Hosting;

/// <summary>Puts the cache together: memory, Redis behind it where there is one, and the changes of the database that it follows.</summary>
internal static partial class CacheSetup
{
    const long BytesPerMegabyte = 1024 * 1024;

    public static void Add(IServiceCollection services, EdgeSettings settings, TimeProvider clock)
    {
        if (settings.CacheMegabytes == 0)
            return;
        services.AddSingleton(provider =>
        {
            var log = provider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(EdgeCache).FullName!);
            var random = new RandomSource(RandomSource.Mix((ulong)Random.Shared.NextInt64()));
            return new EdgeCache(
                new()
                {
                    BudgetBytes = settings.CacheMegabytes * BytesPerMegabyte,
                    SecondLevel = provider.GetService<RedisClient>() is { } redis
                        ? new RedisSecondLevel(redis, settings.CachePrefix, why => Refused(log, why))
                        : null,
                    Backplane = new() { TimeoutMs = settings.CacheRedisTimeoutMs, CutOffMs = settings.CacheCutOffMs },
                    Turned = why =>
                    {
                        if (why is null)
                            Opened(log);
                        else
                            Closed(log, why, settings.CacheCutOffMs / 1000.0);
                    },
                },
                clock, random);
        });
        if (settings.Database is not { } database)
            return;
        services.AddSingleton(provider => new ChangeFeed(
            database, new() { Group = GroupOf(settings) }, ChangeTags.Subjects, clock, Random.Shared, provider.LogOf<ChangeFeed>()));
        services.AddHostedService<Invalidator>();
    }

    public static void AddWarming(
        IServiceCollection services, EdgeSettings settings, List<KeyValuePair<string, Func<CancellationToken, Task<bool>>>> routes, Readiness readiness, TimeProvider clock)
    {
        services.AddSingleton(provider => new CacheWarmer(
            provider.GetRequiredService<EdgeCache>(), provider.GetService<ChangeFeed>(), routes, readiness, TimeSpan.FromSeconds(settings.WarmSeconds), clock,
            provider.LogOf<CacheWarmer>()));
        services.AddHostedService(static provider => provider.GetRequiredService<CacheWarmer>());
    }

    /// <summary>
    /// Instances cover each other's gaps where they share a second level. Two that reach one Redis by different names count as strangers: that
    /// costs loads when one starts, while to take one Redis for another would cost news.
    /// </summary>
    static string GroupOf(EdgeSettings settings) => settings.Redis is { } redis
        ? string.Create(CultureInfo.InvariantCulture, $"{settings.CachePrefix} {redis.UnixSocketPath ?? redis.Host} {redis.Port} {redis.Database}")
        : "";

    [LoggerMessage(1, LogLevel.Information, "The cache shares entries and invalidations through Redis", EventName = "CacheShared")]
    static partial void Opened(ILogger log);

    [LoggerMessage(2, LogLevel.Warning, "The cache does without Redis ({Reason}); what it holds is loaded anew every {Seconds} s until it is back", EventName = "CacheAlone")]
    static partial void Closed(ILogger log, string reason, double seconds);

    [LoggerMessage(3, LogLevel.Warning, "Redis refuses the subscription to the cache's news: {Reason}", EventName = "CacheNewsRefused")]
    static partial void Refused(ILogger log, string reason);
}
