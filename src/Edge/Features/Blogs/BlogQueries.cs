using Edge.Data;

namespace Edge.Features.Blogs;

internal static partial class BlogQueries
{
    [Sql("""
        select b.id, b.slug, b.title, left(b.content, @excerptChars) as excerpt, b.tags, b.status, u.username as author, b.created_at, b.published_at
        from blogs b
        join users u on u.id = b.author_id
        where b.status = @status
          and (b.created_at, b.id) < (@afterTime, @afterId)
        order by b.created_at desc, b.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedBlog>> Newest(
        Database database, BlogStatus status, int excerptChars, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select b.id, b.slug, b.title, left(b.content, @excerptChars) as excerpt, b.tags, b.status, u.username as author, b.created_at, b.published_at
        from blogs b
        join users u on u.id = b.author_id
        where b.status = @status
          and b.tags @> array[@tag]
          and (b.created_at, b.id) < (@afterTime, @afterId)
        order by b.created_at desc, b.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedBlog>> NewestWithTag(
        Database database, BlogStatus status, string tag, int excerptChars, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    /// <summary>An author's posts are few: the tag, where one is asked for, is a filter on them.</summary>
    [Sql("""
        select b.id, b.slug, b.title, left(b.content, @excerptChars) as excerpt, b.tags, b.status, u.username as author, b.created_at, b.published_at
        from blogs b
        join users u on u.id = b.author_id
        where u.username = @author
          and b.status = @status
          and (@tag is null or b.tags @> array[@tag])
          and (b.created_at, b.id) < (@afterTime, @afterId)
        order by b.created_at desc, b.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedBlog>> NewestByAuthor(
        Database database, string author, BlogStatus status, string? tag, int excerptChars, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select b.id, b.slug, b.title, b.content, b.tags, b.status, u.username as author, b.created_at, b.updated_at, b.published_at, b.author_id
        from blogs b
        join users u on u.id = b.author_id
        where b.slug = @slug
        """, Pipelined = true)]
    public static partial ValueTask<Blog?> BySlug(Database database, string slug, CancellationToken cancelled);

    /// <summary>Nobody else changes it before the transaction ends.</summary>
    [Sql("""
        select b.id, b.slug, b.title, b.content, b.tags, b.status, u.username as author, b.created_at, b.updated_at, b.published_at, b.author_id
        from blogs b
        join users u on u.id = b.author_id
        where b.slug = @slug
        for no key update of b
        """)]
    public static partial ValueTask<Blog?> Lock(Transaction transaction, string slug, CancellationToken cancelled);

    /// <summary>
    /// Under the first free one of the title's slugs. Authors of the same title wait for each other; should somebody else have taken the slug
    /// meanwhile, which the unique index tells, or all thousand be taken, there is no post.
    /// <para>
    /// The lock is a statement of its own, since a statement sees only what was committed when it began. The scalar subquery keeps Postgres
    /// from reading all posts to join a thousand slugs with.
    /// </para>
    /// </summary>
    [Sql("""
        select true from pg_advisory_xact_lock(hashtextextended('blogs ' || edge_slug(@title), 0));
        insert into blogs (author_id, slug, title, content, tags, status, published_at)
        select @authorId, free.slug, @title, @content, @tags, @status, case when @status = 'published' then now() end
        from (
            select wanted.slug
            from (select n, edge_slug(@title) || case when n > 1 then '-' || n else '' end as slug from generate_series(1, 1000) n) wanted
            where (select b.id from blogs b where b.slug = wanted.slug) is null
            order by wanted.n
            limit 1) free
        on conflict (slug) do nothing
        returning id, slug, title, content, tags, status, @author as author, created_at, updated_at, published_at, author_id
        """)]
    public static partial ValueTask<(bool IsLocked, Blog? Made)> Insert(
        Database database, long authorId, string author, string title, string content, string[] tags, BlogStatus status, CancellationToken cancelled);

    /// <summary>The time of its first publication stays, whatever becomes of it.</summary>
    [Sql("""
        update blogs
        set title = @title, content = @content, tags = @tags, status = @status, updated_at = now(),
            published_at = coalesce(published_at, case when @status = 'published' then now() end)
        where id = @id
        returning id, slug, title, content, tags, status, @author as author, created_at, updated_at, published_at, author_id
        """)]
    public static partial ValueTask<Blog> Replace(
        Transaction transaction, long id, string author, string title, string content, string[] tags, BlogStatus status, CancellationToken cancelled);

    [Sql("delete from blogs where id = @id")]
    public static partial ValueTask<int> Delete(Transaction transaction, long id, CancellationToken cancelled);
}
