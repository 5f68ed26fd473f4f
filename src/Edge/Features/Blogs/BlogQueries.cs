using Edge.Data;

namespace Edge.Features.Blogs;

/// <summary>
/// Published posts only: who may see others comes with sessions. The table holds them to have a <c>published_at</c>, though not by its
/// column's type; coalesce makes each query say so by itself.
/// </summary>
internal static partial class BlogQueries
{
    [Sql("""
        select b.id, b.slug, b.title, left(b.content, @excerptChars) as excerpt, b.tags, u.username as author, b.created_at,
               coalesce(b.published_at, b.created_at) as published_at
        from blogs b
        join users u on u.id = b.author_id
        where b.status = 'published'
          and (b.created_at, b.id) < (@afterTime, @afterId)
        order by b.created_at desc, b.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedBlog>> Newest(
        Database database, int excerptChars, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select b.id, b.slug, b.title, left(b.content, @excerptChars) as excerpt, b.tags, u.username as author, b.created_at,
               coalesce(b.published_at, b.created_at) as published_at
        from blogs b
        join users u on u.id = b.author_id
        where b.status = 'published'
          and b.tags @> array[@tag]
          and (b.created_at, b.id) < (@afterTime, @afterId)
        order by b.created_at desc, b.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedBlog>> NewestWithTag(
        Database database, string tag, int excerptChars, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    /// <summary>An author's posts are few: the tag, where one is asked for, is a filter on them.</summary>
    [Sql("""
        select b.id, b.slug, b.title, left(b.content, @excerptChars) as excerpt, b.tags, u.username as author, b.created_at,
               coalesce(b.published_at, b.created_at) as published_at
        from blogs b
        join users u on u.id = b.author_id
        where u.username = @author
          and b.status = 'published'
          and (@tag is null or b.tags @> array[@tag])
          and (b.created_at, b.id) < (@afterTime, @afterId)
        order by b.created_at desc, b.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedBlog>> NewestByAuthor(
        Database database, string author, string? tag, int excerptChars, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select b.id, b.slug, b.title, b.content, b.tags, u.username as author, b.created_at, b.updated_at,
               coalesce(b.published_at, b.created_at) as published_at
        from blogs b
        join users u on u.id = b.author_id
        where b.slug = @slug and b.status = 'published'
        """)]
    public static partial ValueTask<Blog?> BySlug(Database database, string slug, CancellationToken cancelled);
}
