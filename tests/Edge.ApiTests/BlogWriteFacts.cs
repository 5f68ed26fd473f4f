using System.Text.Json;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class BlogWritesInProcess(TestBed bed) : BlogWriteFacts(bed.InProcess);

public sealed class BlogWritesNative(TestBed bed) : BlogWriteFacts(bed.Native);

/// <summary>Posts, written: by whom, under which slug, and who sees it when.</summary>
public abstract class BlogWriteFacts : Facts
{
    const string Posts = "/api/blogs";
    const string Published = """{ "title": "A kettle for life", "content": "Enamel chips.", "tags": [" Kitchen ", "repair", "kitchen"], "status": "published" }""";
    const string Draft = """{ "title": "A kettle for life", "content": "Enamel chips.", "tags": [], "status": "draft" }""";

    private protected BlogWriteFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task A_published_post_is_made_and_shown_at_once()
    {
        await using var own = await OwnData.Start(Way);
        var (_, session) = await own.Database.NewUser("author");
        await own.Edge.Json(Posts);
        using (var before = await own.Edge.Get(Posts + "/a-kettle-for-life"))
            await before.Problem(404);

        using var answer = await own.Edge.SendJson(HttpMethod.Post, Posts, Published, session);
        var post = await own.Edge.Json(answer, Posts, 201);
        Assert.Equal(Posts + "/a-kettle-for-life", answer.Header("Location"));
        Assert.Equal("a-kettle-for-life", post.Text("slug"));
        Assert.Equal(["kitchen", "repair"], post.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString()!));
        Assert.Equal(post.ToString(), (await own.Edge.Json(Posts + "/a-kettle-for-life")).ToString());
        Assert.Equal(post.Id(), (await own.Edge.Json(Posts)).Items()[0].Id());
        Assert.Equal(post.Id(), (await own.Edge.Json(Posts + "?tag=KITCHEN")).Items()[0].Id());
    }

    [Fact]
    public async Task A_tag_may_be_as_long_where_it_is_asked_for_as_where_it_is_given()
    {
        await using var own = await OwnData.Start(Way);
        var (_, session) = await own.Database.NewUser("author");
        // 40 characters in 80 units of UTF-16.
        var tag = string.Concat(Enumerable.Repeat("\U0001FA91", 40));
        using var answer = await own.Edge.SendJson(HttpMethod.Post, Posts, Published.Replace("repair", tag, StringComparison.Ordinal), session);
        var post = await own.Edge.Json(answer, Posts, 201);
        Assert.Equal(post.Id(), Assert.Single((await own.Edge.Json($"{Posts}?tag={Uri.EscapeDataString(tag)}")).Items()).Id());
    }

    [Fact]
    public async Task Another_instance_shows_what_is_written_within_moments()
    {
        await using var own = await OwnData.Start(Way);
        await using var other = await Way.StartCached(own.Database.Url, Cancelled);
        var (_, session) = await own.Database.NewUser("author");
        await other.Json(Posts);
        var slug = (await Made(own.Edge, Published, session)).Text("slug");
        await Poll.Until(async _ => (await other.Json(Posts)).Items()[0].Text("slug") == slug, "the other instance lists the post", Cancelled);
        (await own.Edge.Send(HttpMethod.Delete, $"{Posts}/{slug}", session)).Dispose();
        await Poll.Until(async _ => (await other.Json(Posts)).Items()[0].Text("slug") != slug, "the other instance has dropped the post", Cancelled);
    }

    [Fact]
    public async Task Drafts_are_for_their_author_and_admins()
    {
        await using var own = await OwnData.Start(Way);
        var (id, author) = await own.Database.NewUser("author");
        var (_, other) = await own.Database.NewUser("author");
        var (_, admin) = await own.Database.NewUser("admin");
        var name = await own.Database.Value<string>("select username from users where id = @id", ("id", id));
        var target = $"{Posts}/{(await Made(own.Edge, Draft, author)).Text("slug")}";

        foreach (var (session, sees) in new[] { (author, true), (admin, true), (other, false) })
        {
            using var one = await own.Edge.Get(target, session);
            Assert.Equal(sees ? 200 : 404, (int)one.StatusCode);
            Assert.Equal(sees, one.Headers.CacheControl!.Private);
            var drafts = await own.Edge.Json($"{Posts}?status=draft&author={name}", session);
            Assert.Equal(sees ? 1 : 0, drafts.Items().Count);
            using var change = await own.Edge.SendJson(HttpMethod.Put, target, Draft, session);
            Assert.Equal(sees ? 200 : 404, (int)change.StatusCode);
        }
        using (var anonymous = await own.Edge.Get(target))
            await anonymous.Problem(404);
        var all = await own.Edge.Json(Posts + "?status=draft&limit=50", admin);
        Assert.True(all.Items().Count > 1, "an admin sees all drafts");
        Assert.Single((await own.Edge.Json(Posts + "?status=draft", author)).Items());
        Assert.Empty((await own.Edge.Json(Posts + "?status=draft", other)).Items());
        Assert.Empty((await own.Edge.Json(Posts + "?status=archived", author)).Items());
    }

    [Fact]
    public async Task Only_authors_write_and_only_the_author_or_an_admin_changes()
    {
        await using var own = await OwnData.Start(Way);
        var (_, reader) = await own.Database.NewUser();
        var (_, author) = await own.Database.NewUser("author");
        var (_, other) = await own.Database.NewUser("author");
        var (_, admin) = await own.Database.NewUser("admin");
        using (var refused = await own.Edge.SendJson(HttpMethod.Post, Posts, Published, reader))
            await refused.Problem(403);
        using (var refused = await own.Edge.SendJson(HttpMethod.Post, Posts, Published))
            await refused.Problem(401);

        var target = $"{Posts}/{(await Made(own.Edge, Published, author)).Text("slug")}";
        foreach (var session in new[] { reader, other })
        {
            using var change = await own.Edge.SendJson(HttpMethod.Put, target, Draft, session);
            await change.Problem(403);
            using var deletion = await own.Edge.Send(HttpMethod.Delete, target, session);
            await deletion.Problem(403);
        }
        using var changed = await own.Edge.SendJson(HttpMethod.Put, target, Published.Replace("Enamel chips.", "Steel rusts.", StringComparison.Ordinal), admin);
        Assert.Equal("Steel rusts.", (await own.Edge.Json(changed, target)).Text("content"));
        Assert.Equal("Steel rusts.", (await own.Edge.Json(target)).Text("content"));
        using var deleted = await own.Edge.Send(HttpMethod.Delete, target, author);
        Assert.Equal(204, (int)deleted.StatusCode);
        using var gone = await own.Edge.Get(target);
        await gone.Problem(404);
        using var again = await own.Edge.Send(HttpMethod.Delete, target, author);
        await again.Problem(404);
    }

    [Fact]
    public async Task A_change_is_made_to_what_was_read_or_not_at_all()
    {
        await using var own = await OwnData.Start(Way);
        var (_, session) = await own.Database.NewUser("author");
        var target = $"{Posts}/{(await Made(own.Edge, Published, session)).Text("slug")}";
        using var read = await own.Edge.Get(target);
        var etag = read.Header("ETag")!;
        var other = Published.Replace("A kettle", "Kettles", StringComparison.Ordinal);
        using (var first = await own.Edge.SendJson(HttpMethod.Put, target, other, session, ("If-Match", etag)))
            Assert.Equal("a-kettle-for-life", (await own.Edge.Json(first, target)).Text("slug"));
        using (var second = await own.Edge.SendJson(HttpMethod.Put, target, Published, session, ("If-Match", etag)))
            await second.Problem(412);
        using (var deletion = await own.Edge.Send(HttpMethod.Delete, target, session, ("If-Match", etag)))
            await deletion.Problem(412);
        // The author's own read names the version too.
        using var mine = await own.Edge.Get(target, session);
        using (var third = await own.Edge.SendJson(HttpMethod.Put, target, Draft, session, ("If-Match", mine.Header("ETag")!)))
            Assert.Equal(200, (int)third.StatusCode);
    }

    [Fact]
    public async Task The_first_publication_is_remembered()
    {
        await using var own = await OwnData.Start(Way);
        var (_, session) = await own.Database.NewUser("author");
        var draft = await Made(own.Edge, Draft, session);
        Assert.Equal(JsonValueKind.Null, draft.GetProperty("publishedAt").ValueKind);
        var target = $"{Posts}/{draft.Text("slug")}";
        var times = new List<string?>();
        foreach (var body in new[] { Published, Draft, Published })
        {
            using var answer = await own.Edge.SendJson(HttpMethod.Put, target, body, session);
            times.Add((await own.Edge.Json(answer, target)).GetProperty("publishedAt").GetString());
        }
        Assert.NotNull(times[0]);
        Assert.Equal([times[0], times[0], times[0]], times);
    }

    [Theory]
    [InlineData("Ünïcödé & Straße: d'Œuvre", "unicode-strasse-doeuvre")]
    [InlineData("  Łódź — Þingvellir, Ærø!  ", "lodz-thingvellir-aero")]
    [InlineData("ﬁnal ② Å", "final-2-a")]
    [InlineData("日本語 🪑", "post")]
    [InlineData("!!!", "post")]
    public async Task A_slug_is_made_of_the_title(string title, string slug) =>
        Assert.Equal(slug, await Database.Value<string>("select edge_slug(@title)", ("title", title)));

    [Fact]
    public async Task A_long_title_makes_a_slug_of_whole_words()
    {
        Assert.Equal(
            string.Join('-', Enumerable.Repeat("kettle", 14)),
            await Database.Value<string>("select edge_slug(@title)", ("title", string.Join(' ', Enumerable.Repeat("kettle", 20)))));
        Assert.Equal(100, (await Database.Value<string>("select edge_slug(@title)", ("title", new string('x', 200)))).Length);
    }

    [Fact]
    public async Task Posts_of_one_title_written_at_once_get_a_slug_each()
    {
        const int posts = 24;
        await using var own = await OwnData.Start(Way);
        var (_, session) = await own.Database.NewUser("author");
        var slugs = await Task.WhenAll(Enumerable.Range(0, posts).Select(async _ => (await Made(own.Edge, Published, session)).Text("slug")));
        Assert.Equal(
            Enumerable.Range(1, posts).Select(static n => n == 1 ? "a-kettle-for-life" : $"a-kettle-for-life-{n}").Order(StringComparer.Ordinal),
            slugs.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{ "content": "c" }""", "title")]
    [InlineData("""{ "title": "t" }""", "content")]
    [InlineData("""{}""", "title content")]
    [InlineData("""{ "title": "  ", "content": "" }""", "title content")]
    [InlineData("""{ "title": "a\u0000b", "content": "c" }""", "title")]
    [InlineData("""{ "title": null, "content": "c" }""", "title")]
    [InlineData("""{ "title": "t", "content": "c", "status": "archived" }""", "status")]
    [InlineData("""{ "title": "t", "content": "c", "status": 1 }""", "status")]
    [InlineData("""{ "title": "t", "content": "c", "tags": ["", "ok", null] }""", "tags")]
    [InlineData("""{ "title": "t", "content": "c", "tags": ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] }""", "tags")]
    [InlineData("""{ "title": "t", "content": "c", "tags": ["1","2","3","4","5","6","7","8","9","10","11"] }""", "tags")]
    [InlineData("""{ "title": "t", "content": "c", "tags": "wool" }""", "tags")]
    [InlineData("""{ "title": "t", "content": "c", "tags": ["a\tb"] }""", "tags")]
    [InlineData("""{ "title": "t", "content": "c", "slug": "mine" }""", "slug")]
    public async Task A_post_that_makes_no_sense_is_400_and_names_the_members(string body, string members)
    {
        var (_, session) = await Database.NewUser("author");
        using var answer = await Edge.SendJson(HttpMethod.Post, Posts, body, session);
        Assert.Equal(members.Split(' '), (await answer.Problem(400)).GetProperty("errors").Members());
        using var change = await Edge.SendJson(HttpMethod.Put, Posts + "/no-such-post", """{ "title": "t", "content": "c" }""", session);
        Assert.Equal(["tags", "status"], (await change.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task A_title_or_content_beyond_its_limit_is_refused()
    {
        var (_, session) = await Database.NewUser("author");
        using var answer = await Edge.SendJson(
            HttpMethod.Post, Posts, $$"""{ "title": "{{new string('t', 201)}}", "content": "{{new string('c', 200_001)}}" }""", session);
        Assert.Equal(["title", "content"], (await answer.Problem(400)).GetProperty("errors").Members());
    }

    static async Task<JsonElement> Made(EdgeUnderTest edge, string body, (string, string) session)
    {
        using var answer = await edge.SendJson(HttpMethod.Post, Posts, body, session);
        return await edge.Json(answer, Posts, 201);
    }
}
