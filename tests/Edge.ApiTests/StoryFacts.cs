using System.Globalization;
using System.Text.RegularExpressions;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class StoriesInProcess(TestBed bed) : StoryFacts(bed.InProcess);

public sealed class StoriesNative(TestBed bed) : StoryFacts(bed.Native);

public abstract partial class StoryFacts : Facts
{
    const string Stories = "/api/stories";
    const string Body = """{ "content": "  First frost.\nThe kettle is on.  " }""";

    /// <summary>By how much a story may outlive its end: the cache's clock ticks, and an answer travels.</summary>
    static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(250);

    private protected StoryFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task The_list_holds_every_story_of_the_last_day_newest_first()
    {
        var listed = await Edge.AllItems(Stories + "?limit=20");
        Assert.Equal(["id", "author", "content", "createdAt", "expiresAt"], listed[0].Members());
        Assert.Equal(await Database.Column<long>("select id from stories where expires_at > now() order by created_at desc, id desc"), listed.Select(static story => story.Id()));
        var first = await Edge.Json(string.Create(CultureInfo.InvariantCulture, $"{Stories}/{listed[0].Id()}"));
        Assert.Equal(listed[0].ToString(), first.ToString());
    }

    [Fact]
    public async Task A_story_is_shown_at_once_and_goes_with_its_author_or_an_admin()
    {
        await using var own = await OwnData.Start(Way);
        var (_, author) = await own.Database.NewUser();
        var (_, other) = await own.Database.NewUser();
        var (_, admin) = await own.Database.NewUser("admin");
        await own.Edge.Json(Stories);
        foreach (var deleter in new[] { author, admin })
        {
            using var answer = await own.Edge.SendJson(HttpMethod.Post, Stories, Body, author);
            var story = await own.Edge.Json(answer, Stories, 201);
            var target = string.Create(CultureInfo.InvariantCulture, $"{Stories}/{story.Id()}");
            Assert.Equal(target, answer.Header("Location"));
            Assert.Equal("First frost.\nThe kettle is on.", story.Text("content"));
            Assert.Equal(story.GetProperty("createdAt").GetDateTime().AddHours(24), story.GetProperty("expiresAt").GetDateTime());
            Assert.Equal(story.ToString(), (await own.Edge.Json(target)).ToString());
            Assert.Equal(story.Id(), (await own.Edge.Json(Stories)).Items()[0].Id());

            using (var refused = await own.Edge.Send(HttpMethod.Delete, target, other))
                await refused.Problem(403);
            using (var anonymous = await own.Edge.Send(HttpMethod.Delete, target))
                await anonymous.Problem(401);
            await own.Edge.Json(target);
            using (var deleted = await own.Edge.Send(HttpMethod.Delete, target, deleter))
                Assert.Equal(204, (int)deleted.StatusCode);
            using (var gone = await own.Edge.Get(target))
                await gone.Problem(404);
            Assert.NotEqual(story.Id(), (await own.Edge.Json(Stories)).Items()[0].Id());
            using (var again = await own.Edge.Send(HttpMethod.Delete, target, deleter))
                await again.Problem(404);
        }
    }

    [Fact]
    public async Task A_story_vanishes_on_time_although_it_is_cached()
    {
        await using var own = await OwnData.Start(Way);
        await own.Database.Execute("delete from stories");
        var id = await own.Database.Value<long>(
            """
            insert into stories (author_id, content, created_at, expires_at)
            values (1, 'Almost over.', now() - interval '24 hours' + interval '4 seconds', now() + interval '4 seconds') returning id
            """);
        var one = string.Create(CultureInfo.InvariantCulture, $"{Stories}/{id}");
        var endsAt = (await own.Edge.Json(one)).GetProperty("expiresAt").GetDateTime();
        var isCached = false;
        await Poll.Until(
            async _ =>
            {
                var gone = 0;
                foreach (var target in new[] { one, Stories })
                {
                    var (isGone, mistake) = await Ask(target);
                    if (mistake is not null)
                    {
                        // The cache's clock stands still while this machine gives the instance no time. Once it has answered another, the clock has gone on.
                        await own.Edge.Json("/health");
                        (isGone, mistake) = await Ask(target);
                    }
                    Assert.Null(mistake);
                    gone += isGone ? 1 : 0;
                }
                return gone == 2;
            },
            "the story is over", Cancelled);
        Assert.True(isCached, "it was never answered from the cache");

        // With what makes the answer a late one.
        async Task<(bool IsGone, string? Mistake)> Ask(string target)
        {
            var askedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
            using var answer = await own.Edge.Get(target);
            if ((int)answer.StatusCode == 404 || (await own.Edge.Json(answer, target)).TryGetProperty("items", out var items) && items.GetArrayLength() == 0)
            {
                Assert.True(askedAt > endsAt - Tolerance, $"{target} was gone {endsAt - askedAt} early");
                return (true, null);
            }
            isCached |= answer.Header("Cache-Status")!.StartsWith("edge; hit", StringComparison.Ordinal);
            if (askedAt >= endsAt + Tolerance)
                return (false, $"{target} was there {askedAt - endsAt} after its end: {answer.Header("Cache-Status")}");
            var lifetimes = Seconds().Matches(answer.Header("Cache-Control")!).Sum(static seconds => int.Parse(seconds.Value, CultureInfo.InvariantCulture));
            return (false, TimeSpan.FromSeconds(lifetimes) <= endsAt - askedAt + Tolerance ? null : $"{endsAt - askedAt} are left: {answer.Header("Cache-Control")}");
        }
    }

    [Fact]
    public async Task Whoever_posts_clears_away_a_hundred_that_are_over()
    {
        await using var own = await OwnData.Start(Way);
        await own.Database.Execute("delete from stories");
        await own.Database.Execute(
            "insert into stories (author_id, content, created_at, expires_at) select 1, 'Over.', now() - interval '25 hours', now() - interval '1 hour' from generate_series(1, 150)");
        var (_, session) = await own.Database.NewUser();
        foreach (var left in (long[])[51, 2])
        {
            using var answer = await own.Edge.SendJson(HttpMethod.Post, Stories, Body, session);
            await own.Edge.Json(answer, Stories, 201);
            Assert.Equal(left, await own.Database.Value<long>("select count(*) from stories"));
        }
    }

    [Theory]
    [InlineData("{}", "content")]
    [InlineData("""{ "content": null }""", "content")]
    [InlineData("""{ "content": "  " }""", "content")]
    [InlineData("""{ "content": "a\u0007b" }""", "content")]
    [InlineData("""{ "content": "\ud83e" }""", "content")]
    [InlineData("""{ "content": 7 }""", "content")]
    [InlineData("""{ "content": "c", "expiresAt": "2099-01-01T00:00:00Z" }""", "expiresAt")]
    [InlineData("[]", "body")]
    public async Task A_story_that_makes_no_sense_is_400_and_names_the_member(string body, string member)
    {
        var (_, session) = await Database.NewUser();
        using var answer = await Edge.SendJson(HttpMethod.Post, Stories, body, session);
        Assert.Equal([member], (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task A_story_has_at_most_a_thousand_characters()
    {
        var (_, session) = await Database.NewUser();
        using var answer = await Edge.SendJson(HttpMethod.Post, Stories, $$"""{ "content": "{{new string('x', 1001)}}" }""", session);
        Assert.Equal(["content"], (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Seconds();
}
