using Edge.Data.Changes;
using Edge.Features.Blogs;
using Edge.Features.Products;
using Edge.Features.Users;
using Edge.Http;

namespace Edge.Hosting;

/// <summary>What changes in the database, and which tags that makes invalid: the rules of all features.</summary>
internal static class ChangeTags
{
    static readonly ChangeRule[] Rules = [.. ProductCache.Changes, .. UserCache.Changes, .. BlogCache.Changes];

    /// <summary>All subjects that have a rule: what a feed listens for.</summary>
    public static IEnumerable<string> Subjects => Rules.Select(static rule => rule.Subject).Distinct();

    /// <summary>The tags of a batch, each once. Not for gaps, which make everything invalid.</summary>
    public static HashSet<string> Of(ChangeBatch batch)
    {
        var tags = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in batch.Changes)
            foreach (var rule in Rules)
                if (rule.Subject == change.Subject)
                    tags.UnionWith(rule.TagsOf(change));
        return tags;
    }
}
