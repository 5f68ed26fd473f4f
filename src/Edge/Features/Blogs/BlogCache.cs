using Edge.Http;

namespace Edge.Features.Blogs;

/// <summary>How long posts live, and what makes them invalid.</summary>
internal static class BlogCache
{
    /// <summary>Everything that shows more than one post.</summary>
    public const string Lists = "blogs";

    public static string One(string slug) => "blog:" + slug;

    public static readonly CacheRule Post = new(
        new() { Name = "blogs.one", DurationMs = 10 * 60_000 },
        static call => [One(call.Get(BlogEndpoints.Slug)!)]);

    public static readonly CacheRule List = CacheRule.Tagged(new() { Name = "blogs.list", DurationMs = 10 * 60_000 }, Lists);
}
