using Edge.Core.Caching;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Performance;

/// <summary>What the cache does, and its switch: for operators.</summary>
/// <param name="cache">Null: it is switched off.</param>
/// <param name="changes">Null: there is no database to hear changes from.</param>
internal sealed class CacheEndpoints(EdgeCache? cache, ChangeFeed? changes, TimeProvider clock)
{
    const string Tag = "Performance";

    /// <summary>Longest key or tag, in characters. A request's target is not longer.</summary>
    const int MaxNameChars = 8192;

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/performance/cache/stats", Tag = Tag, Summary = "What the cache of this instance has done since its start", Caching = Caching.None, Access = Access.Operator, IsLocal = true, Problems = [404] },
            static () => CacheJson.Default.CacheStats, Stats);
        routes.Write(
            new()
            {
                Method = HttpMethods.Post, Path = "/performance/cache/clear", Tag = Tag, Summary = "Makes a key, all that has a tag, or everything invalid, on every instance", Access = Access.Operator, IsLocal = true,
                Problems = [404], BodyExample = """{ "tag": "products" }""", Example = """{ "cleared": "tag", "everywhere": true }""",
            },
            static () => CacheJson.Default.CacheClear, static () => CacheJson.Default.CacheCleared, Clear);
    }

    ValueTask<Answer<CacheStats>> Stats(Call call)
    {
        if (cache is null)
            return new(Off);
        var all = cache.Statistics();
        var byRoute = cache.Kinds().ToDictionary(static kind => kind, kind => UseOf(cache.Statistics(kind)));
        return new(new CacheStats(
            UseOf(all.Sum), all.Invalidations, new(all.Entries, all.Bytes, all.CapacityBytes, all.Evictions, all.Rejections, all.Flights),
            cache.SecondLevel() is { } l2 ? new(l2.IsOpen, l2.Pending, l2.Calls, l2.Failures, l2.Closings, l2.Gaps, l2.News) : null,
            changes?.Status is { } heard
                ? new(heard.IsListening, (clock.GetUtcNow() - heard.Since)?.TotalSeconds, heard.Problem, heard.Connections, heard.Gaps, heard.Changes)
                : null,
            byRoute));
    }

    async ValueTask<Answer<CacheCleared>> Clear(Call call, CacheClear what)
    {
        if (cache is null)
            return Off;
        if (what.All == false || (what.Key is null ? 0 : 1) + (what.Tag is null ? 0 : 1) + (what.All is null ? 0 : 1) != 1)
            return Problem.Invalid(new FieldError("body", "has exactly one of key, tag and all; all is true"));
        if (what.Key is { Length: 0 or > MaxNameChars })
            return Problem.Invalid(new FieldError("key", "is 1–8192 characters, as in /api/products/42"));
        if (what.Tag is { Length: 0 or > MaxNameChars })
            return Problem.Invalid(new FieldError("tag", "is 1–8192 characters, as in products"));
        return what switch
        {
            { Key: { } key } => new CacheCleared("key", await cache.Remove(key)),
            { Tag: { } tag } => new CacheCleared("tag", await cache.InvalidateTags([tag])),
            _ => new CacheCleared("all", await cache.Clear()),
        };
    }

    static Problem Off => Problem.NotFound("cache on this instance (EDGE_CACHE_MB is 0)");

    public static CacheUse UseOf(KindStatistics use) => new(
        use.Hits, use.Shared, use.Stale, use.Misses, use.Failed, use.Answers == 0 ? null : 1 - (double)use.Misses / use.Answers, use.Loads, use.LoadsFailed,
        use.Loads == use.LoadsFailed ? null : (double)use.LoadMs / (use.Loads - use.LoadsFailed), use.Early, use.Waits, use.Outdated, use.Corrupt);
}
