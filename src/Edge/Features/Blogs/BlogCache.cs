using Edge.Http;

namespace Edge.Features.Blogs;

/// <summary>How long posts live, and what makes them invalid.</summary>
internal static class BlogCache
{
    /// <summary>Everything that shows more than one post.</summary>
    public const string Lists = "blogs";

    /// <summary>Every answer that shows just one.</summary>
    public const string Each = "blog";

    public static string One(string slug) => "blog:" + slug;

    /// <summary>Posts show their author's name, and do not tell by which of them a renamed one is shown.</summary>
    public static readonly ChangeRule[] Changes =
    [
        new("blogs", static change => [change.Key is { } slug ? One(slug) : Each, Lists]),
        new("authors", static _ => [Each, Lists]),
    ];

    public static readonly CacheRule Post = new(
        new() { Name = "blogs.one", DurationMs = 10 * 60_000 },
        static call => [One(call.Get(BlogEndpoints.Slug)!), Each]) { IsForAnonymous = true };

    public static readonly CacheRule List = CacheRule.Tagged(new() { Name = "blogs.list", DurationMs = 10 * 60_000 }, Lists) with { IsWarmed = true, IsForAnonymous = true };
}
