using System.Net;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class ProfilesInProcess(TestBed bed) : ProfileFacts(bed.InProcess);

public sealed class ProfilesNative(TestBed bed) : ProfileFacts(bed.Native);

/// <summary>Changes of profiles: each fact has a database and an instance of its own.</summary>
public abstract class ProfileFacts : Facts, IAsyncLifetime
{
    SeededDatabase _database = null!;
    EdgeUnderTest _edge = null!;

    private protected ProfileFacts(EdgeWay way) : base(way)
    {
    }

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await base.InitializeAsync();
        _database = await Database.Copy(Cancelled);
        _edge = await Way.Start(new() { ["DATABASE_URL"] = _database.Url, ["EDGE_WARM_SECONDS"] = "0" }, Cancelled);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    Task<HttpResponseMessage> Change(long id, string body, params (string Name, string Value)[] headers) =>
        _edge.SendJson(HttpMethod.Patch, $"/api/users/{id}", body, headers);

    [Fact]
    public async Task Ones_own_profile_changes_and_shows_it_at_once()
    {
        var (id, session) = await _database.NewUser();
        var target = $"/api/users/{id}";
        using var before = await _edge.Get(target);
        using var changed = await Change(id, """{ "displayName": "  Ines Moreau ", "bio": "Repairs bicycles,\ngrows tomatoes." }""", session);
        var profile = await _edge.Json(changed, target);
        Assert.Equal(("Ines Moreau", "Repairs bicycles,\ngrows tomatoes."), (profile.Text("displayName"), profile.Text("bio")));
        Assert.Equal("no-store", changed.Header("Cache-Control"));
        using var after = await _edge.Get(target);
        Assert.Equal(profile.ToString(), (await _edge.Json(after, target)).ToString());
        Assert.NotEqual(before.Header("ETag"), after.Header("ETag"));

        using var again = await Change(id, """{ "bio": "", "displayName": null }""", session);
        profile = await _edge.Json(again, target);
        Assert.Equal(("Ines Moreau", ""), (profile.Text("displayName"), profile.Text("bio")));
        Assert.True(profile.GetProperty("updatedAt").GetDateTime() > profile.GetProperty("createdAt").GetDateTime());
    }

    [Fact]
    public async Task Anothers_profile_is_for_admins_only()
    {
        var (author, session) = await _database.NewUser("author");
        var (_, admin) = await _database.NewUser("admin");
        const string body = """{ "bio": "Changed." }""";
        using var nobodys = await Change(7, body);
        await nobodys.Problem(401);
        using var others = await Change(7, body, session);
        await others.Problem(403);
        Assert.NotEqual("Changed.", (await _edge.Json("/api/users/7")).Text("bio"));
        using var admins = await Change(7, body, admin);
        await _edge.Json(admins, "/api/users/7");
        Assert.Equal("Changed.", (await _edge.Json("/api/users/7")).Text("bio"));
        using var missing = await Change(999999999, body, admin);
        await missing.Problem(404);
        using var own = await Change(author, body, session);
        await _edge.Json(own, "/api/users/7");
    }

    [Theory]
    [InlineData("")]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Of_two_changes_to_one_version_the_second_is_412(string encoding)
    {
        var (id, session) = await _database.NewUser();
        await _database.Execute("update users set bio = repeat('long ', 100) where id = @id", ("id", id));
        using var seen = await _edge.Get($"/api/users/{id}", ("Accept-Encoding", encoding));
        var match = ("If-Match", seen.Header("ETag")!);
        using var first = await Change(id, """{ "displayName": "First" }""", session, match);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var second = await Change(id, """{ "displayName": "Second" }""", session, match);
        await second.Problem(412);
        using var weak = await Change(id, """{ "displayName": "Second" }""", session, ("If-Match", "W/" + (await _edge.Get($"/api/users/{id}")).Header("ETag")));
        await weak.Problem(412);
        Assert.Equal("First", (await _edge.Json($"/api/users/{id}")).Text("displayName"));
        using var any = await Change(id, """{ "displayName": "Third" }""", session, ("If-Match", "*"));
        Assert.Equal(HttpStatusCode.OK, any.StatusCode);
    }

    [Fact]
    public async Task Of_many_changes_at_once_to_one_version_one_is_made()
    {
        var (id, session) = await _database.NewUser();
        using var seen = await _edge.Get($"/api/users/{id}");
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Change(id, $$"""{ "bio": "number {{i}}" }""", session, ("If-Match", seen.Header("ETag")!))));
        Assert.Equal(1, answers.Count(static answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(11, answers.Count(static answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Theory]
    [InlineData("{}", "body")]
    [InlineData("""{ "displayName": null }""", "body")]
    [InlineData("""{ "displayName": " \t ", "bio": "\u0000" }""", "displayName bio")]
    [InlineData("""{ "displayName": "two\nlines" }""", "displayName")]
    [InlineData("""{ "username": "other" }""", "username")]
    [InlineData("""{ "displayName": 5 }""", "displayName")]
    [InlineData("[]", "body")]
    public async Task A_change_is_refused_with_every_mistake(string body, string fields)
    {
        var (id, session) = await _database.NewUser();
        using var answer = await Change(id, body, session);
        Assert.Equal(fields.Split(' '), (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task Limits_are_those_of_the_database()
    {
        var (id, session) = await _database.NewUser();
        using var longest = await Change(id, $$"""{ "displayName": "{{new string('n', 80)}}", "bio": "{{new string('b', 500)}}" }""", session);
        Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        using var longer = await Change(id, $$"""{ "displayName": "{{new string('n', 81)}}", "bio": "{{new string('b', 501)}}" }""", session);
        Assert.Equal(["displayName", "bio"], (await longer.Problem(400)).GetProperty("errors").Members());
    }
}
