using System.Globalization;
using Edge.Http;

namespace Edge.Features.Stories;

/// <summary>
/// How long stories live in the cache, and what makes them invalid. Their own end needs no news: no answer is kept beyond the first end in it,
/// not as stale either.
/// </summary>
internal static class StoryCache
{
    public const string Lists = "stories";

    /// <summary>Every answer that shows just one.</summary>
    public const string Each = "story";

    public static string One(string id) => "story:" + id;

    public static readonly ChangeRule[] Changes =
    [
        new("stories", static change => [change.Key is { } id ? One(id) : Each, Lists]),
        new("authors", static _ => [Each, Lists]),
    ];

    public static readonly CacheRule Story = new(
        new() { Name = "stories.one", DurationMs = 60_000 },
        static call => [One(call.Get(StoryEndpoints.Id).ToString(CultureInfo.InvariantCulture)), Each]) { HasEnds = true };

    public static readonly CacheRule List = CacheRule.Tagged(new() { Name = "stories.list", DurationMs = 60_000 }, Lists) with { HasEnds = true, IsWarmed = true };
}
