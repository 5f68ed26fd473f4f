using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class BlogsInProcess(TestBed bed) : BlogFacts(bed.InProcess);

public sealed class BlogsNative(TestBed bed) : BlogFacts(bed.Native);

public abstract class BlogFacts : Facts
{
    const int ExcerptChars = 280;
    const string Published = "select b.slug from blogs b join users u on u.id = b.author_id where b.status = 'published'";
    const string NewestFirst = " order by b.created_at desc, b.id desc";

    private protected BlogFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task The_list_holds_every_published_post_and_no_other()
    {
        var listed = await Edge.AllItems("/api/blogs?limit=50");
        Assert.Equal(["id", "slug", "title", "excerpt", "tags", "status", "author", "createdAt", "publishedAt"], listed[0].Members());
        Assert.Equal(await Database.Column<string>(Published + NewestFirst), listed.Select(static post => post.Text("slug")));
    }

    [Fact]
    public async Task Drafts_and_archived_posts_cannot_be_read()
    {
        var hidden = await Database.Column<string>("select slug from blogs where status <> 'published'");
        await All(hidden, async slug =>
        {
            using var answer = await Edge.Get($"/api/blogs/{slug}");
            Assert.Equal("There is no such post.", (await answer.Problem(404)).Text("detail"));
        });
    }

    [Fact]
    public async Task A_post_has_all_its_members_and_the_whole_content()
    {
        var slug = (await Database.Column<string>("select slug from blogs where status = 'published' order by length(content) desc")).First();
        var post = await Edge.Json($"/api/blogs/{slug}");
        Assert.Equal(["id", "slug", "title", "content", "tags", "status", "author", "createdAt", "updatedAt", "publishedAt"], post.Members());
        Assert.Equal(await Database.Value<string>("select content from blogs where slug = @slug", ("slug", slug)), post.Text("content"));
        Assert.Equal(
            await Database.Value<string>("select u.username from blogs b join users u on u.id = b.author_id where slug = @slug", ("slug", slug)), post.Text("author"));
        Assert.Equal(
            await Database.Value<string[]>("select tags from blogs where slug = @slug", ("slug", slug)),
            post.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString()!));
    }

    [Fact]
    public async Task An_excerpt_is_the_content_cut_after_a_word()
    {
        var cut = 0;
        var contents = await Database.Column<string>("select content from blogs b where status = 'published'" + NewestFirst);
        foreach (var (post, content) in (await Edge.AllItems("/api/blogs?limit=50")).Zip(contents))
        {
            var excerpt = post.Text("excerpt");
            Assert.True(excerpt.Length <= ExcerptChars, $"{post.Text("slug")}: {excerpt.Length} characters");
            if (content.Length <= ExcerptChars)
            {
                Assert.Equal(content, excerpt);
                continue;
            }
            cut++;
            Assert.EndsWith("…", excerpt);
            Assert.StartsWith(excerpt[..^1], content);
            Assert.False(char.IsLetterOrDigit(content[excerpt.Length - 1]), $"{post.Text("slug")} is cut inside a word: {excerpt}");
        }
        Assert.True(cut > 50, $"only {cut} posts were long enough to be cut");
    }

    [Fact]
    public async Task A_tag_lists_the_posts_that_have_it()
    {
        var listed = await Edge.AllItems("/api/blogs?tag=Wool&limit=4");
        Assert.Equal(await Database.Column<string>(Published + " and 'wool' = any(b.tags)" + NewestFirst), listed.Select(static post => post.Text("slug")));
        Assert.True(listed.Count > 4, "the seed has too few posts about wool for two pages");
    }

    [Fact]
    public async Task An_author_lists_her_own_posts()
    {
        var author = await BusiestAuthor();
        var listed = await Edge.AllItems($"/api/blogs?author={author}&limit=4");
        Assert.Equal(await Database.Column<string>(Published + " and u.username = @author" + NewestFirst, ("author", author)), listed.Select(static post => post.Text("slug")));
        Assert.True(listed.Count > 4, $"{author} wrote too little for two pages");
        Assert.All(listed, post => Assert.Equal(author, post.Text("author")));
    }

    [Fact]
    public async Task Author_and_tag_list_what_has_both()
    {
        var author = await BusiestAuthor();
        var tag = (await Database.Column<string>(
            "select t from blogs b join users u on u.id = b.author_id, unnest(b.tags) as t where b.status = 'published' and u.username = @author group by t order by count(*) desc, t",
            ("author", author))).First();
        var listed = await Edge.AllItems($"/api/blogs?author={author}&tag={Uri.EscapeDataString(tag)}&limit=1");
        Assert.Equal(
            await Database.Column<string>(Published + " and u.username = @author and @tag = any(b.tags)" + NewestFirst, ("author", author), ("tag", tag)),
            listed.Select(static post => post.Text("slug")));
        Assert.NotEmpty(listed);
    }

    [Theory]
    [InlineData("?tag=nobody-writes-of-this")]
    [InlineData("?author=nobody_of_this_name")]
    public async Task A_filter_that_nothing_passes_is_an_empty_page(string query)
    {
        var (page, next) = await Edge.Page("/api/blogs" + query);
        Assert.Empty(page.Items());
        Assert.Null(next);
    }

    [Theory]
    [InlineData("draft")]
    [InlineData("archived")]
    public async Task What_is_not_published_needs_a_session(string status)
    {
        using var answer = await Edge.Get($"/api/blogs?status={status}");
        await answer.Problem(401);
    }

    [Fact]
    public async Task Published_may_be_asked_for_by_name()
    {
        var (plain, _) = await Edge.Page("/api/blogs");
        var (named, _) = await Edge.Page("/api/blogs?status=published");
        Assert.Equal(plain.ToString(), named.ToString());
    }

    async Task<string> BusiestAuthor() => (await Database.Column<string>(
        "select u.username from blogs b join users u on u.id = b.author_id where b.status = 'published' group by u.username order by count(*) desc, u.username")).First();
}
