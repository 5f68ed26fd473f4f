using System.Globalization;
using Edge.Http;

namespace Edge.Features.Opportunities;

/// <summary>How long opportunities live in the cache, and what makes them invalid; that they close by themselves is in the answers (<see cref="Answer{T}.EndsAt"/>).</summary>
internal static class OpportunityCache
{
    public const string Lists = "opportunities";

    /// <summary>Every answer that shows just one.</summary>
    public const string Each = "opportunity";

    public static string One(string id) => "opportunity:" + id;

    public static readonly ChangeRule[] Changes =
    [
        new("opportunities", static change => [change.Key is { } id ? One(id) : Each, Lists]),
        new("authors", static _ => [Each, Lists]),
    ];

    public static readonly CacheRule Opportunity = new(
        new() { Name = "opportunities.one", DurationMs = 60_000 },
        static call => [One(call.Get(OpportunityEndpoints.Id).ToString(CultureInfo.InvariantCulture)), Each]) { HasEnds = true };

    public static readonly CacheRule List = CacheRule.Tagged(new() { Name = "opportunities.list", DurationMs = 60_000 }, Lists) with { HasEnds = true, IsWarmed = true };
}
