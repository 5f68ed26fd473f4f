using System.Globalization;
using Edge.Core.Caching;
using Edge.Http;

namespace Edge.Features.Analytics;

/// <summary>
/// How long a user's analytics are kept: as entries for code, never as answers, since they are for their owner and for admins. Orders and posts
/// make them invalid no more than they do "popular": that is what the quarter of an hour is for. What names the user does.
/// </summary>
internal static class AnalyticsCache
{
    public const string Each = "analytics";

    /// <summary>What one takes in memory, about, with ten recommendations.</summary>
    public const int SizeBytes = 1_200;

    public static string One(string id) => "analytics:" + id;

    public static string Key(long id) => string.Create(CultureInfo.InvariantCulture, $"analytics {id}");

    public static readonly ChangeRule[] Changes = [new("users", static change => [change.Key is { } id ? One(id) : Each])];

    /// <summary>Null: there is no such user. Who reads one past its time waits for a new one: they are asked for so seldom that the old one may be old.</summary>
    public static readonly CacheKind<UserAnalytics?> OfUser = new(
        new() { Name = "users.analytics", DurationMs = 15 * 60_000, RevalidateMs = 0 }, new JsonCodec<UserAnalytics>(format: 1, static () => AnalyticsJson.Default.UserAnalytics));
}
