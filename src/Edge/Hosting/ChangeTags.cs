using Edge.Data.Changes;
using Edge.Features.Accounts;
using Edge.Features.Analytics;
using Edge.Features.ApiKeys;
using Edge.Features.Blogs;
using Edge.Features.Dashboard;
using Edge.Features.Opportunities;
using Edge.Features.Places;
using Edge.Features.Products;
using Edge.Features.Stories;
using Edge.Features.Users;
using Edge.Http;

namespace Edge.Hosting;

/// <summary>What changes in the database, and which tags that makes invalid: the rules of all features.</summary>
internal static class ChangeTags
{
    static readonly ChangeRule[] Rules =
    [
        .. AccountCache.Changes, .. ApiKeyCache.Changes, .. ProductCache.Changes, .. UserCache.Changes, .. AnalyticsCache.Changes, .. BlogCache.Changes, .. StoryCache.Changes, .. OpportunityCache.Changes,
        .. PlaceCache.Changes, .. DashboardCache.Changes,
    ];

    /// <summary>All subjects that have a rule: what a feed listens for.</summary>
    public static IEnumerable<string> Subjects => Rules.Select(static rule => rule.Subject).Distinct();

    /// <summary>The tags of a change, each once.</summary>
    public static string[] Of(RowChange change) =>
        [.. Rules.Where(rule => rule.Subject == change.Subject).SelectMany(rule => rule.TagsOf(change)).Distinct(StringComparer.Ordinal)];
}
