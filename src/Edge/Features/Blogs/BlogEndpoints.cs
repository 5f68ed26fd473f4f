using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Blogs;

/// <summary>Posts: published ones for everybody; drafts and archived ones for their author and admins.</summary>
internal sealed class BlogEndpoints(Database database)
{
    const string Tag = "Blogs";
    const int ExcerptChars = 280;

    /// <summary>Attempts to find a slug that nobody takes at the same moment past the API's own lock.</summary>
    const int SlugTries = 3;

    static readonly string[] Statuses = ["published", "draft", "archived"];

    static readonly Parameter<string?> Status = Parameters.OneOf(
        "status", Statuses, Statuses[0], "Drafts and archived posts need a session: an author's own, all of them for an admin.");

    static readonly Parameter<string?> TagFilter = Parameters.Tag("Only posts with this tag.");
    static readonly Parameter<string?> Author = Parameters.Username("author", "Only this author's posts, by user name.");
    public static readonly Parameter<string?> Slug = Parameters.Slug("slug", ParameterPlace.Path, 120, "The post's slug.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/api/blogs", Tag = Tag, Summary = "Posts, newest first, each cut to an excerpt", Access = Access.OptionalSession, Parameters = [Status, TagFilter, Author, Parameters.Limit, Parameters.Cursor], Example = ListExample, Cache = BlogCache.List },
            static () => BlogsJson.Default.PageListedBlog, List);
        routes.Get(
            new() { Path = "/api/blogs/{slug}", Tag = Tag, Summary = "One post", Access = Access.OptionalSession, Parameters = [Slug], Problems = [404], Example = Example, Cache = BlogCache.Post },
            static () => BlogsJson.Default.Blog, One);
        routes.Write(
            new() { Method = HttpMethods.Post, Path = "/api/blogs", Tag = Tag, Summary = "Writes a post; its slug is made from the title", Access = Access.Author, Status = 201, Problems = [409], Example = Example, BodyExample = BodyExample },
            static () => BlogsJson.Default.NewBlog, static () => BlogsJson.Default.Blog, Add);
        routes.Write(
            new() { Method = HttpMethods.Put, Path = "/api/blogs/{slug}", Tag = Tag, RoundTrips = 3, Summary = "Replaces a post, by its author or an admin; the slug stays", Access = Access.Session, Parameters = [Slug], Problems = [403, 404, 412], Example = Example, BodyExample = BodyExample },
            static () => BlogsJson.Default.BlogText, static () => BlogsJson.Default.Blog, Replace);
        routes.Write(
            new() { Method = HttpMethods.Delete, Path = "/api/blogs/{slug}", Tag = Tag, RoundTrips = 3, Summary = "Deletes a post, by its author or an admin", Access = Access.Session, Parameters = [Slug], Problems = [403, 404, 412] },
            Delete);
    }

    internal async ValueTask<Answer<Page<ListedBlog>>> List(Call call)
    {
        var (limit, tag, author) = (call.Get(Parameters.Limit), call.Get(TagFilter), call.Get(Author));
        var status = StatusOf(call.Get(Status)!);
        if (status != BlogStatus.Published)
        {
            if (call.Caller is not { } caller)
                return Problem.Unauthorized("Only published posts are shown without a session.");
            if (caller.Role != Role.Admin)
            {
                if (author is not null && author != caller.Username)
                    return new Page<ListedBlog>([], null);
                author = caller.Username;
            }
        }

        var after = call.After ?? Cursor.Start;
        var rows = (author, tag) switch
        {
            ({ } name, _) => await BlogQueries.NewestByAuthor(database, name, status, tag, ExcerptChars + 1, after.Time, after.Id, limit + 1, call.Cancelled),
            (null, { } word) => await BlogQueries.NewestWithTag(database, status, word, ExcerptChars + 1, after.Time, after.Id, limit + 1, call.Cancelled),
            _ => await BlogQueries.Newest(database, status, ExcerptChars + 1, after.Time, after.Id, limit + 1, call.Cancelled),
        };
        for (var i = 0; i < rows.Count; i++)
            rows[i] = rows[i] with { Excerpt = Excerpt.Of(rows[i].Excerpt, ExcerptChars) };
        return call.Page(rows, limit, static blog => Cursor.At(blog.CreatedAt, blog.Id));
    }

    internal async ValueTask<Answer<Blog>> One(Call call) =>
        await BlogQueries.BySlug(database, call.Get(Slug)!, call.Cancelled) is { } blog && IsShownTo(call.Caller, blog) ? blog : Problem.NotFound("post");

    internal async ValueTask<Answer<Blog>> Add(Call call, NewBlog body)
    {
        if (Check(body.Title, body.Content, body.Tags, out var title, out var tags)
            .That(body.Status is BlogStatus.Draft or BlogStatus.Published, "status", "must be one of: draft, published").Problem is { } problem)
            return problem;
        for (var tries = 0; tries < SlugTries; tries++)
        {
            var (_, made) = await BlogQueries.Insert(database, call.SignedIn.UserId, call.SignedIn.Username, title, body.Content, tags, body.Status, call.Cancelled);
            if (made is not null)
                return (Answer<Blog>)made with { Location = "/api/blogs/" + made.Slug, Changes = Changed(made) };
        }
        return Problem.Conflict("Too many posts have this title already. Choose another.");
    }

    internal async ValueTask<Answer<Blog>> Replace(Call call, BlogText body)
    {
        if (Check(body.Title, body.Content, body.Tags, out var title, out var tags).Problem is { } problem)
            return problem;
        return await database.InTransaction<Answer<Blog>>(
            async (transaction, cancelled) =>
            {
                var (current, refusal) = await Lock(transaction, call, cancelled);
                if (current is null)
                    return refusal!;
                var changed = await BlogQueries.Replace(transaction, current.Id, current.Author, title, body.Content, tags, body.Status, cancelled);
                return (Answer<Blog>)changed with { Changes = Changed(changed) };
            },
            call.Cancelled);
    }

    internal async ValueTask<Answer<NoContent>> Delete(Call call) => await database.InTransaction<Answer<NoContent>>(
        async (transaction, cancelled) =>
        {
            var (current, refusal) = await Lock(transaction, call, cancelled);
            if (current is null)
                return refusal!;
            await BlogQueries.Delete(transaction, current.Id, cancelled);
            return (Answer<NoContent>)NoContent.Value with { Changes = Changed(current) };
        },
        call.Cancelled);

    /// <summary>The post that the caller is about to change, or why it may not.</summary>
    static async ValueTask<(Blog? Current, Problem? Refusal)> Lock(Transaction transaction, Call call, CancellationToken cancelled)
    {
        var current = await BlogQueries.Lock(transaction, call.Get(Slug)!, cancelled);
        if (current is null || !IsShownTo(call.Caller, current))
            return (null, Problem.NotFound("post"));
        if (!call.SignedIn.MayChange(current.AuthorId))
            return (null, Problem.Forbidden("Only its author or an admin may do this."));
        return call.Allows(current, BlogsJson.Default.Blog) ? (current, null) : (null, Problem.PreconditionFailed);
    }

    static BodyCheck Check(string title, string content, string?[]? tags, out string trimmed, out string[] kept)
    {
        trimmed = title.Trim();
        return new BodyCheck().Text(trimmed, "title", 1, 200).Text(content, "content", 1, 200_000).Tags(tags, "tags", out kept);
    }

    static bool IsShownTo(Caller? caller, Blog blog) => blog.Status == BlogStatus.Published || caller?.MayChange(blog.AuthorId) == true;

    static BlogStatus StatusOf(string text) => text == Statuses[0] ? BlogStatus.Published : text == Statuses[1] ? BlogStatus.Draft : BlogStatus.Archived;

    static RowChange[] Changed(Blog blog) => [new("blogs", blog.Slug, Number: 0)];

    const string BodyExample = """
        { "title": "A kettle for life", "content": "Enamel chips, steel rusts, and yet…", "tags": ["kitchen", "repair"], "status": "published" }
        """;

    const string Example = """
        {
          "id": 812, "slug": "a-kettle-for-life", "title": "A kettle for life", "content": "Enamel chips, steel rusts, and yet…", "tags": ["kitchen", "repair"],
          "status": "published", "author": "ada_abbott", "createdAt": "2026-05-04T09:12:44.120391Z", "updatedAt": "2026-05-04T09:12:44.120391Z",
          "publishedAt": "2026-05-04T09:12:44.120391Z"
        }
        """;

    const string ListExample = """
        {
          "items": [{
            "id": 812, "slug": "a-kettle-for-life", "title": "A kettle for life", "excerpt": "Enamel chips, steel rusts, and yet…", "tags": ["kitchen", "repair"],
            "status": "published", "author": "ada_abbott", "createdAt": "2026-05-04T09:12:44.120391Z", "publishedAt": "2026-05-04T09:12:44.120391Z"
          }],
          "nextCursor": null
        }
        """;
}
