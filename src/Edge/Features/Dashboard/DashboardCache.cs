using Edge.Core.Caching;
using Edge.Http;

namespace Edge.Features.Dashboard;

/// <summary>What all dashboards share is kept in memory, for code: each answer is somebody's own, and kept nowhere.</summary>
internal static class DashboardCache
{
    public const string Popular = "dashboard.popular";
    public const string Posts = "dashboard.posts";

    /// <summary>A list of either, about.</summary>
    public const int ListBytes = 4096;

    /// <summary>A sale (subject <c>stock</c>) changes nothing that is shown here.</summary>
    public static readonly ChangeRule[] Changes =
    [
        new("products", static _ => [Popular]),
        new("categories", static _ => [Popular]),
        new("blogs", static _ => [Posts]),
        new("authors", static _ => [Posts]),
    ];

    public static readonly CacheKind<List<BoughtProduct>> PopularKind = new(new() { Name = Popular, DurationMs = 15 * 60_000, EarlyRefresh = 10 });

    public static readonly CacheKind<List<LatestPost>> PostsKind = new(new() { Name = Posts, DurationMs = 10 * 60_000 });
}
