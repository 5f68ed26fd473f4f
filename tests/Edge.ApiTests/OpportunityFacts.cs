using System.Globalization;
using System.Text.Json;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class OpportunitiesInProcess(TestBed bed) : OpportunityFacts(bed.InProcess);

public sealed class OpportunitiesNative(TestBed bed) : OpportunityFacts(bed.Native);

public abstract class OpportunityFacts : Facts
{
    const string Opportunities = "/api/opportunities";
    const string Open = "select id from opportunities where closes_at > now()";
    const string NewestFirst = " order by created_at desc, id desc";

    private protected OpportunityFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task The_list_holds_every_open_one_and_no_other()
    {
        var listed = await Edge.AllItems(Opportunities + "?limit=50");
        Assert.Equal(["id", "kind", "title", "tags", "latitude", "longitude", "author", "closesAt", "createdAt"], listed[0].Members());
        Assert.Equal(await Database.Column<long>(Open + NewestFirst), listed.Select(static one => one.Id()));
        var whole = await Edge.Json(Target(listed[0].Id()));
        Assert.Equal(["id", "kind", "title", "description", "tags", "latitude", "longitude", "author", "closesAt", "createdAt", "updatedAt"], whole.Members());
    }

    [Fact]
    public async Task Kind_and_tag_list_what_has_both()
    {
        var tag = (await Database.Column<string>("select t from opportunities, unnest(tags) t where closes_at > now() group by t order by count(*) desc, t limit 1")).Single();
        var found = 0;
        foreach (var kind in (string[])["job", "gig", "volunteering", "event"])
        {
            Assert.Equal(
                await Database.Column<long>(Open + " and kind = @kind" + NewestFirst, ("kind", kind)),
                (await Edge.AllItems($"{Opportunities}?kind={kind}&limit=7")).Select(static one => one.Id()));
            var both = (await Edge.AllItems($"{Opportunities}?kind={kind}&tag={Uri.EscapeDataString(tag.ToUpperInvariant())}&limit=3")).Select(static one => one.Id()).ToList();
            Assert.Equal(await Database.Column<long>(Open + " and kind = @kind and @tag = any(tags)" + NewestFirst, ("kind", kind), ("tag", tag)), both);
            found += both.Count;
        }
        Assert.True(found > 3, $"the seed has too few of {tag}");
        Assert.Equal(
            await Database.Column<long>(Open + " and @tag = any(tags)" + NewestFirst, ("tag", tag)),
            (await Edge.AllItems($"{Opportunities}?tag={Uri.EscapeDataString(tag)}")).Select(static one => one.Id()));
    }

    [Fact]
    public async Task A_closed_one_is_404()
    {
        var closed = await Database.Column<long>("select id from opportunities where closes_at < now() limit 3");
        await All(closed, async id =>
        {
            using var answer = await Edge.Get(Target(id));
            Assert.Equal("There is no such opportunity.", (await answer.Problem(404)).Text("detail"));
        });
    }

    [Fact]
    public async Task It_is_written_changed_and_deleted_by_its_author_or_an_admin()
    {
        await using var own = await OwnData.Start(Way);
        var (_, author) = await own.Database.NewUser();
        var (_, other) = await own.Database.NewUser();
        var (_, admin) = await own.Database.NewUser("admin");
        await own.Edge.Json(Opportunities);
        using (var anonymous = await own.Edge.SendJson(HttpMethod.Post, Opportunities, Body()))
            await anonymous.Problem(401);
        using var answer = await own.Edge.SendJson(HttpMethod.Post, Opportunities, Body(longitude: "180", tags: """[" Repair", "repair"]"""), author);
        var made = await own.Edge.Json(answer, Opportunities, 201);
        var target = Target(made.Id());
        Assert.Equal(target, answer.Header("Location"));
        Assert.Equal(-180, made.GetProperty("longitude").GetDouble());
        Assert.Equal("""["repair"]""", made.GetProperty("tags").GetRawText());
        Assert.Equal(made.Id(), (await own.Edge.Json(Opportunities)).Items()[0].Id());
        using var read = await own.Edge.Get(target);
        Assert.Equal(made.ToString(), (await own.Edge.Json(read, target)).ToString());
        var etag = read.Header("ETag")!;

        using (var refused = await own.Edge.SendJson(HttpMethod.Put, target, Body(), other))
            await refused.Problem(403);
        using (var refused = await own.Edge.Send(HttpMethod.Delete, target, other))
            await refused.Problem(403);
        using (var changed = await own.Edge.SendJson(HttpMethod.Put, target, Body(title: "Other"), admin, ("If-Match", etag)))
            Assert.Equal("Other", (await own.Edge.Json(changed, target)).Text("title"));
        Assert.Equal("Other", (await own.Edge.Json(target)).Text("title"));
        using (var late = await own.Edge.SendJson(HttpMethod.Put, target, Body(), author, ("If-Match", etag)))
            await late.Problem(412);
        using (var late = await own.Edge.Send(HttpMethod.Delete, target, author, ("If-Match", etag)))
            await late.Problem(412);
        using (var deleted = await own.Edge.Send(HttpMethod.Delete, target, author))
            Assert.Equal(204, (int)deleted.StatusCode);
        using var gone = await own.Edge.Get(target);
        await gone.Problem(404);
    }

    [Fact]
    public async Task It_closes_on_time_although_it_is_cached_and_its_author_may_open_it_again()
    {
        await using var own = await OwnData.Start(Way);
        var (_, author) = await own.Database.NewUser();
        var (_, other) = await own.Database.NewUser();
        using var answer = await own.Edge.SendJson(HttpMethod.Post, Opportunities, Body(closesInSeconds: 3), author);
        var made = await own.Edge.Json(answer, Opportunities, 201);
        var (target, closesAt) = (Target(made.Id()), made.GetProperty("closesAt").GetDateTime());
        var nearby = "/api/discovery/nearby?kind=opportunities&lat=-60&lon=100&radius_km=1";
        await Poll.Until(
            async _ =>
            {
                var (isShown, mistake) = await Ask();
                if (mistake is not null)
                {
                    // The cache's clock stands still while this machine gives the instance no time. Once it has answered another, the clock has gone on.
                    await own.Edge.Json("/health");
                    (isShown, mistake) = await Ask();
                }
                Assert.Null(mistake);
                return !isShown;
            },
            "it is closed", Cancelled);
        using (var unseen = await own.Edge.SendJson(HttpMethod.Put, target, Body(), other))
            await unseen.Problem(404);
        using (var opened = await own.Edge.SendJson(HttpMethod.Put, target, Body(), author))
            await own.Edge.Json(opened, target);
        await own.Edge.Json(target);
        Assert.Equal(made.Id(), (await own.Edge.Json(nearby)).Items().Single().Id());

        async Task<(bool IsShown, string? Mistake)> Ask()
        {
            var askedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
            using var one = await own.Edge.Get(target);
            var isListed = (await own.Edge.Json(Opportunities)).Items()[0].Id() == made.Id();
            var isNear = (await own.Edge.Json(nearby)).Items().Count == 1;
            var isThere = (int)one.StatusCode == 200;
            var isShown = isThere || isListed || isNear;
            return (isShown, isShown && askedAt >= closesAt.AddMilliseconds(250) ? $"{askedAt - closesAt} after it closed: {isThere} {isListed} {isNear}" : null);
        }
    }

    [Theory]
    [InlineData("kind", "\"lottery\"", "kind")]
    [InlineData("kind", "1", "kind")]
    [InlineData("title", "\" \"", "title")]
    [InlineData("title", "null", "title")]
    [InlineData("description", "\"\"", "description")]
    [InlineData("latitude", "90.1", "latitude")]
    [InlineData("latitude", "\"51\"", "latitude")]
    [InlineData("latitude", "1e999", "latitude")]
    [InlineData("longitude", "-180.5", "longitude")]
    [InlineData("closesAt", "\"2020-01-01T00:00:00Z\"", "closesAt")]
    [InlineData("closesAt", "\"2999-01-01T00:00:00Z\"", "closesAt")]
    [InlineData("closesAt", "\"2027-01-01T00:00:00\"", "closesAt")]
    [InlineData("closesAt", "\"0001-01-01T00:00:00+14:00\"", "closesAt")]
    [InlineData("closesAt", "\"tomorrow\"", "closesAt")]
    [InlineData("tags", "[\"a\\tb\\u0001\"]", "tags")]
    [InlineData("authorId", "7", "authorId")]
    public async Task What_makes_no_sense_is_400_and_names_the_member(string member, string value, string named)
    {
        var (_, session) = await Database.NewUser();
        var members = JsonDocument.Parse(Body()).RootElement.EnumerateObject().ToDictionary(static one => one.Name, static one => one.Value.GetRawText());
        members[member] = value;
        var body = "{" + string.Join(',', members.Select(static one => $"\"{one.Key}\":{one.Value}")) + "}";
        using var answer = await Edge.SendJson(HttpMethod.Post, Opportunities, body, session);
        Assert.Equal([named], (await answer.Problem(400)).GetProperty("errors").Members());
        using var change = await Edge.SendJson(HttpMethod.Put, Target(999_999_999), body, session);
        Assert.Equal([named], (await change.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task All_that_is_missing_is_told_at_once()
    {
        var (_, session) = await Database.NewUser();
        using var answer = await Edge.SendJson(HttpMethod.Post, Opportunities, "{}", session);
        Assert.Equal(["kind", "title", "description", "latitude", "longitude", "closesAt"], (await answer.Problem(400)).GetProperty("errors").Members());
    }

    static string Target(long id) => string.Create(CultureInfo.InvariantCulture, $"{Opportunities}/{id}");

    static string Body(string title = "Mend forty chairs", string longitude = "100", string tags = "[]", int closesInSeconds = 86_400) => $$"""
        {
          "kind": "gig", "title": "{{title}}", "description": "Cane and rush.", "latitude": -60, "longitude": {{longitude}}, "tags": {{tags}},
          "closesAt": "{{TimeProvider.System.GetUtcNow().AddSeconds(closesInSeconds):O}}"
        }
        """;
}
