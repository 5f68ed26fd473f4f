using System.Text.Json;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class UsersInProcess(TestBed bed) : UserFacts(bed.InProcess);

public sealed class UsersNative(TestBed bed) : UserFacts(bed.Native);

public abstract class UserFacts : Facts
{
    private protected UserFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task The_list_holds_every_user_newest_first()
    {
        var expected = await Database.Column<string>("select username from users order by created_at desc, id desc");
        List<JsonElement> listed = [];
        // Other facts make users, by SQL: an instance that caches shows them when it has heard of them.
        await Poll.Until(
            async _ =>
            {
                listed = await Edge.AllItems("/api/users?limit=50", most: 10_000);
                return listed.Exists(user => user.Text("username") == expected[0]);
            }, "the list shows the newest", Cancelled);
        Assert.Equal(["id", "username", "createdAt"], listed[0].Members());
        // Those who came meanwhile stand before those that were there.
        Assert.Equal(expected, listed.Select(static user => user.Text("username")).SkipWhile(name => name != expected[0]));
    }

    [Fact]
    public async Task A_profile_has_all_its_members()
    {
        var user = await Edge.Json("/api/users/42");
        Assert.Equal(["id", "username", "displayName", "bio", "createdAt", "updatedAt"], user.Members());
        Assert.Equal(42, user.Id());
        Assert.Equal(await Database.Value<string>("select username from users where id = 42"), user.Text("username"));
        Assert.Equal(await Database.Value<string>("select display_name from users where id = 42"), user.Text("displayName"));
        Assert.Equal(await Database.Value<string>("select bio from users where id = 42"), user.Text("bio"));
    }

    [Fact]
    public async Task A_user_that_there_is_not_is_404()
    {
        using var answer = await Edge.Get("/api/users/999999999");
        Assert.Equal("There is no such user.", (await answer.Problem(404)).Text("detail"));
    }

    [Fact]
    public async Task Only_admins_are_shown_emails_and_nobody_else_has_the_member()
    {
        var (_, admin) = await Database.NewUser("admin");
        var (_, author) = await Database.NewUser("author");
        using var shown = await Edge.Get("/api/users?limit=5", admin);
        Assert.True(shown.Headers.CacheControl is { Private: true, NoStore: true });
        Assert.Null(shown.Header("Cache-Status"));
        foreach (var user in (await Edge.Json(shown, "/api/users")).Items())
            Assert.Equal(await Database.Value<string>("select email from users where id = @id", ("id", user.Id())), user.Text("email"));
        foreach (var headers in ((string, string)[][])[[], [author]])
            Assert.All((await Edge.Json("/api/users?limit=5", headers)).Items(), static user => Assert.False(user.TryGetProperty("email", out _)));
        using var nobody = await Edge.Get("/api/users?limit=5", ("Authorization", "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        await nobody.Problem(401);
    }

    [Fact]
    public async Task Pages_with_emails_follow_each_other_too()
    {
        var (_, admin) = await Database.NewUser("admin");
        var first = await Edge.Json("/api/users?limit=3", admin);
        var second = await Edge.Json($"/api/users?limit=3&cursor={first.Text("nextCursor")}", admin);
        Assert.Equal(6, first.Items().Concat(second.Items()).Select(static user => user.Text("email")).Distinct().Count());
    }

    [Fact]
    public async Task Nobody_is_told_an_email()
    {
        var emails = (await Database.Column<string>("select email from users")).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.All(emails, static email => Assert.Contains('@', email));
        string[] targets = ["/api/users?limit=50", "/api/users/1", "/api/users/2", "/api/blogs?limit=50", "/health"];
        await All(targets, async target =>
        {
            using var answer = await Edge.Get(target);
            var text = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.DoesNotContain("\"email\"", text);
            Assert.DoesNotContain(emails, email => text.Contains(email, StringComparison.OrdinalIgnoreCase));
        });
    }
}
