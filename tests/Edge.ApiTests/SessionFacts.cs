using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class SessionsInProcess(TestBed bed) : SessionFacts(bed.InProcess);

public sealed class SessionsNative(TestBed bed) : SessionFacts(bed.Native);

/// <summary>Sessions as every route meets them. Each fact has people of its own, so that the shared database may be used.</summary>
public abstract class SessionFacts : Facts
{
    const string Session = "/auth/session";

    private protected SessionFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task A_session_shows_its_own_account_to_nobody_else()
    {
        var (id, session) = await Database.NewUser("author");
        using var answer = await Edge.Get(Session, session);
        Assert.True(answer.Headers.CacheControl is { Private: true, NoStore: true });
        Assert.Null(answer.Header("ETag"));
        var user = (await Edge.Json(answer, Session)).GetProperty("user");
        Assert.Equal(id, user.Id());
        Assert.Equal("author", user.Text("role"));
        Assert.EndsWith("@example.com", user.Text("email"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer ")]
    [InlineData("Bearer x")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer %%%AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Without_a_session_that_holds_it_is_401(string header)
    {
        using var answer = await Edge.Get(Session, ("Authorization", header));
        await answer.Problem(401);
    }

    [Fact]
    public async Task A_session_past_its_end_is_401_although_it_is_in_memory()
    {
        var (id, session) = await Database.NewUser();
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = Database.Url, ["EDGE_SESSION_SLIDING"] = "0" }, Cancelled);
        await Database.Execute("update sessions set expires_at = now() + interval '1 second' where user_id = @id", ("id", id));
        (await edge.Get(Session, session)).Dispose();
        await Poll.Until(
            async _ =>
            {
                using var answer = await edge.Get(Session, session);
                return (int)answer.StatusCode == 401;
            },
            "the session ends by itself", Cancelled);
    }

    [Fact]
    public async Task Logout_ends_this_session_at_once_and_no_other()
    {
        var (id, session) = await Database.NewUser();
        var other = await Database.SignIn(id);
        await Edge.Json(Session, session);
        await Edge.Json(Session, other);

        using var logout = await Edge.Send(HttpMethod.Post, "/auth/logout", session);
        Assert.Equal(204, (int)logout.StatusCode);
        Assert.Equal("", await logout.Content.ReadAsStringAsync(Cancelled));
        using var ended = await Edge.Get(Session, session);
        await ended.Problem(401);
        await Edge.Json(Session, other);
    }

    [Fact]
    public async Task A_session_revoked_in_the_database_ends_within_moments()
    {
        var (id, session) = await Database.NewUser();
        await using var edge = await Way.StartCached(Database.Url, Cancelled);
        await edge.Json(Session, session);
        await Database.Execute("update sessions set revoked_at = now() where user_id = @id", ("id", id));
        await Poll.Until(
            async _ =>
            {
                using var answer = await edge.Get(Session, session);
                return (int)answer.StatusCode == 401;
            },
            "the session is over", Cancelled);
    }
}
