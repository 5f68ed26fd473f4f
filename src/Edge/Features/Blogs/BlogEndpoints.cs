using Edge.Data;
using Edge.Http;

namespace Edge.Features.Blogs;

/// <summary>Published posts.</summary>
internal sealed class BlogEndpoints(Database database)
{
    const string Tag = "Blogs";
    const int ExcerptChars = 280;
    const string Published = "published";

    static readonly Parameter<string> Status = Parameters.OneOf(
        "status", [Published, "draft", "archived"], Published, "Drafts and archived posts are for their author: they need a session.");

    static readonly Parameter<string?> TagFilter = Parameters.Text("tag", 40, required: false, "Only posts with this tag.");
    static readonly Parameter<string?> Author = Parameters.Username("author", "Only this author's posts, by user name.");
    static readonly Parameter<string?> Slug = Parameters.Slug("slug", ParameterPlace.Path, 120, "The post's slug.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/api/blogs", Tag = Tag, Summary = "Posts, newest first, each cut to an excerpt", Parameters = [Status, TagFilter, Author, Parameters.Limit, Parameters.Cursor], Problems = [401] },
            BlogsJson.Default.PageListedBlog, List);
        routes.Get(
            new() { Path = "/api/blogs/{slug}", Tag = Tag, Summary = "One post", Parameters = [Slug], Problems = [404] },
            BlogsJson.Default.Blog, One);
    }

    internal async ValueTask<Answer<Page<ListedBlog>>> List(Call call)
    {
        if (call.Get(Status) != Published)
            return Problem.Unauthorized("Only published posts are shown without a session.");

        var (limit, tag, author) = (call.Get(Parameters.Limit), call.Get(TagFilter), call.Get(Author));
        var after = call.After ?? Cursor.Start;
        var rows = (author, tag) switch
        {
            ({ } name, _) => await BlogQueries.NewestByAuthor(database, name, tag, ExcerptChars + 1, after.Time, after.Id, limit + 1, call.Cancelled),
            (null, { } word) => await BlogQueries.NewestWithTag(database, word, ExcerptChars + 1, after.Time, after.Id, limit + 1, call.Cancelled),
            _ => await BlogQueries.Newest(database, ExcerptChars + 1, after.Time, after.Id, limit + 1, call.Cancelled),
        };
        for (var i = 0; i < rows.Count; i++)
            rows[i] = rows[i] with { Excerpt = Excerpt.Of(rows[i].Excerpt, ExcerptChars) };
        return call.Page(rows, limit, static blog => Cursor.At(blog.CreatedAt, blog.Id));
    }

    internal async ValueTask<Answer<Blog>> One(Call call) =>
        await BlogQueries.BySlug(database, call.Get(Slug)!, call.Cancelled) is { } blog ? blog : Problem.NotFound("post");
}
