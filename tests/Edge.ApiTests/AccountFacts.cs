using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Edge.Features.Accounts;
using Edge.Hosting;
using Edge.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class AccountsInProcess(TestBed bed) : AccountFacts(bed.InProcess)
{
    [Fact]
    public async Task Every_pair_that_can_be_read_costs_one_hash_on_the_lane()
    {
        await using var app = EdgeHost.Build(new() { Port = 0, Database = Database.Options, LogLevel = LogLevel.Error }, TimeProvider.System);
        await app.StartAsync(Cancelled);
        await using var edge = new EdgeUnderTest(new Uri(app.Urls.Single()).Port, log: null, static () => ValueTask.CompletedTask);
        var lane = app.Services.GetRequiredService<HashLane>();
        var withPassword = await Database.NewUser();
        await Database.Execute("update users set password_hash = @hash where id = @id", ("hash", PasswordHashes.Of("a password of hers")), ("id", withPassword.Id));
        var email = await Database.Value<string>("select email from users where id = @id", ("id", withPassword.Id));
        var without = await Database.Value<string>("select email from users where password_hash is null order by id limit 1");
        long done = 0;
        foreach (var (address, password, status) in new[] { (email, "a password of hers", 200), (email, "another", 401), (without, "another", 401), ("nobody@example.com", "another", 401) })
        {
            using var answer = await edge.LogIn(address, password);
            Assert.Equal((status, ++done), ((int)answer.StatusCode, lane.Done));
        }
        using var unread = await edge.LogIn("", "another");
        Assert.Equal((400, done), ((int)unread.StatusCode, lane.Done));
    }
}

public sealed class AccountsNative(TestBed bed) : AccountFacts(bed.Native)
{
    /// <summary>Only the binary's log can be told from that of this program.</summary>
    [Fact]
    public async Task No_password_token_or_hash_is_ever_logged()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = database.Url, ["EDGE_LOG_LEVEL"] = "debug" }, Cancelled);
        const string password = "an unlikely secret 7391";
        (await edge.Register("ada@example.com", "ada", password)).Dispose();
        (await edge.Register("ada@example.com", "ada", password)).Dispose();
        (await edge.LogIn("ada@example.com", password + "!")).Dispose();
        (await edge.SendJson(HttpMethod.Post, "/auth/login", $$"""{ "email": 5, "password": "{{password}}" """)).Dispose();
        var session = await edge.SignedIn("ada@example.com", password);
        await edge.Json("/auth/session", session);
        var hash = await database.Value<string>("select password_hash from users where email = 'ada@example.com'");
        var key = await database.Value<string>("select encode(token_hash, 'hex') from sessions order by created_at desc limit 1");
        await database.Execute("alter table users rename to people");
        (await edge.Register("bob@example.com", "bob", password)).Dispose();
        (await edge.LogIn("ada@example.com", password)).Dispose();
        await Poll.Until(() => edge.Log!.Any(static line => line.Contains("people", StringComparison.Ordinal) || line.Contains("users", StringComparison.Ordinal)), "the failures are logged", Cancelled);
        var problem = await edge.LogIn("ada@example.com", password);
        string[] secrets = [password, session.Value["Bearer ".Length..], hash, hash[..20], key];
        foreach (var text in edge.Log!.Append(await problem.Content.ReadAsStringAsync(Cancelled)))
            Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>Accounts are made and signed in to here: each fact has a database and an instance of its own.</summary>
public abstract class AccountFacts : Facts
{
    const string Password = "grows tomatoes on the roof";

    private protected AccountFacts(EdgeWay way) : base(way)
    {
    }

    async Task<(SeededDatabase Database, EdgeUnderTest Edge)> Own(params (string Key, string Value)[] settings)
    {
        var database = await Database.Copy(Cancelled);
        var all = new Dictionary<string, string> { ["DATABASE_URL"] = database.Url, ["EDGE_WARM_SECONDS"] = "0" };
        foreach (var (key, value) in settings)
            all[key] = value;
        return (database, await Way.Start(all, Cancelled));
    }

    [Fact]
    public async Task Who_registers_can_sign_in_and_is_listed_at_once()
    {
        var (database, edge) = await Own();
        await using var _ = database;
        await using var __ = edge;
        await edge.Json("/api/users?limit=1");
        using var registered = await edge.Register("  Ines@Example.COM ", "ines_moreau", Password);
        var account = await edge.Json(registered, "/auth/register", 201);
        Assert.Equal(["id", "email", "username", "displayName", "role", "createdAt"], account.Members());
        Assert.Equal(
            ("ines@example.com", "ines_moreau", "ines_moreau", "user"),
            (account.Text("email"), account.Text("username"), account.Text("displayName"), account.Text("role")));
        Assert.Equal($"/api/users/{account.Id()}", registered.Header("Location"));
        Assert.Equal("no-store", registered.Header("Cache-Control"));
        Assert.Equal(account.Id(), (await edge.Json("/api/users?limit=1")).Items()[0].Id());
        Assert.Equal("ines_moreau", (await edge.Json(registered.Header("Location")!)).Text("displayName"));

        using var login = await edge.LogIn("INES@example.com", Password);
        Assert.Equal("no-store", login.Header("Cache-Control"));
        var answer = await edge.Json(login, "/auth/login");
        Assert.Equal(["token", "expiresAt", "user"], answer.Members());
        Assert.Equal(account.ToString(), answer.GetProperty("user").ToString());
        Assert.InRange(answer.GetProperty("expiresAt").GetDateTime() - account.GetProperty("createdAt").GetDateTime(), TimeSpan.FromHours(719), TimeSpan.FromHours(721));
        var session = await edge.Json("/auth/session", ("Authorization", "Bearer " + answer.Text("token")));
        Assert.Equal(account.Id(), session.GetProperty("user").Id());
    }

    [Fact]
    public async Task Only_hashes_of_passwords_and_tokens_are_stored()
    {
        var (database, edge) = await Own();
        await using var _ = database;
        await using var __ = edge;
        (await edge.Register("ines@example.com", "ines", Password)).Dispose();
        var (_, header) = await edge.SignedIn("ines@example.com", Password);
        var hash = await database.Value<string>("select password_hash from users where username = 'ines'");
        Assert.True(PasswordHashes.Check(hash, Password) is { IsRight: true, Rehashed: null });
        Assert.False(PasswordHashes.Check(hash, Password + " ").IsRight);
        var token = header["Bearer ".Length..];
        Assert.Equal(1, await database.Value<long>("select count(*) from sessions where token_hash = sha256(@token)", ("token", Encoding.ASCII.GetBytes(token))));
    }

    [Fact]
    public async Task A_taken_email_or_username_is_409_and_says_which()
    {
        var (database, edge) = await Own();
        await using var _ = database;
        await using var __ = edge;
        (await edge.Register("ines@example.com", "ines", Password)).Dispose();
        using var email = await edge.Register("Ines@example.com", "other", Password);
        Assert.Equal("This email is taken.", (await email.Problem(409)).Text("detail"));
        using var name = await edge.Register("other@example.com", "ines", Password);
        Assert.Equal("This username is taken.", (await name.Problem(409)).Text("detail"));
        Assert.Equal(1, await database.Value<long>("select count(*) from users where email = 'ines@example.com' or username = 'ines'"));
    }

    [Fact]
    public async Task Of_many_who_register_one_address_at_once_one_gets_it()
    {
        // Hashes get what is left of the processor: as many threads as there are callers, of whom none then waits for another's.
        var (database, edge) = await Own(("EDGE_HASH_THREADS", "4"));
        await using var _ = database;
        await using var __ = edge;
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => edge.Register("ines@example.com", $"ines_{i}", Password)));
        Assert.Equal(1, answers.Count(static answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var refused in answers.Where(static answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Equal("This email is taken.", (await refused.Problem(409)).Text("detail"));
    }

    [Theory]
    [InlineData("""{ "email": "ines", "username": "In", "password": "short" }""", "email username password")]
    [InlineData("""{ "email": "@example.com", "username": "Ines", "password": "long enough" }""", "email username")]
    [InlineData("""{ "email": "in es@example.com", "username": "in-es", "password": "long enough" }""", "email username")]
    [InlineData("""{ "email": "@ines@example.com", "username": "ines", "password": "long enough" }""", "email")]
    [InlineData("""{ "email": "ines@example@", "username": "ines", "password": "long enough" }""", "email")]
    [InlineData("""{ "email": "inés@example.com", "username": "ines", "password": "long enough" }""", "email")]
    [InlineData("""{ "email": "a\u0000@example.com", "username": "ines\n", "password": "long enough" }""", "email username")]
    [InlineData("""{ "email": "ines@example.com" }""", "username password")]
    [InlineData("""{ "email": "ines@example.com", "username": "ines", "password": null }""", "password")]
    [InlineData("""{ "email": "ines@example.com", "username": "ines", "password": "long enough", "role": "admin" }""", "role")]
    [InlineData("""{ "email": "ines@example.com", "username": "ines", "password": "lone \ud800 half" }""", "password")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    public async Task A_registration_is_refused_with_every_mistake(string body, string fields)
    {
        using var answer = await Edge.SendJson(HttpMethod.Post, "/auth/register", body);
        Assert.Equal(fields.Split(' '), (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task Any_characters_make_a_password()
    {
        var (database, edge) = await Own();
        await using var _ = database;
        await using var __ = edge;
        string[] passwords = ["        ", new string('x', 128), "\0\u0001\u007f\u2028pass", "пароль пароль", "🪴🪴🪴🪴"];
        for (var i = 0; i < passwords.Length; i++)
        {
            using var registered = await edge.Register($"a{i}@example.com", $"name_{i}", passwords[i]);
            await edge.Json(registered, "/auth/register", 201);
            await edge.SignedIn($"a{i}@example.com", passwords[i]);
        }
    }

    [Theory]
    [InlineData("""{ "email": "", "password": "" }""", "email password")]
    [InlineData("""{ "email": "a\u0000b@example.com", "password": "x" }""", "email")]
    [InlineData("""{ "password": "x" }""", "email")]
    public async Task A_login_that_cannot_be_read_is_400(string body, string fields)
    {
        using var answer = await Edge.SendJson(HttpMethod.Post, "/auth/login", body);
        Assert.Equal(fields.Split(' '), (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task An_unknown_address_a_wrong_password_and_an_account_without_one_are_answered_alike()
    {
        var (database, edge) = await Own();
        await using var _ = database;
        await using var __ = edge;
        (await edge.Register("ines@example.com", "ines", Password)).Dispose();
        var without = await database.Value<string>("select email from users where password_hash is null limit 1");
        var answers = new List<string>();
        foreach (var (email, password) in new[] { ("ines@example.com", "wrong password"), ("nobody@example.com", Password), (without, Password), (without, "x"), ("not an address", "x") })
        {
            using var answer = await edge.LogIn(email, password);
            var problem = JsonNode.Parse((await answer.Problem(401)).GetRawText())!.AsObject();
            problem.Remove("traceId");
            answers.Add(problem.ToJsonString() + string.Join(',', answer.Headers.Select(static header => header.Key).Order()));
        }
        Assert.Single(answers.Distinct());
        Assert.Equal(0, await database.Value<long>("select count(*) from sessions"));
    }

    [Fact]
    public async Task A_hash_of_older_parameters_is_made_anew_at_the_next_login()
    {
        var (database, edge) = await Own();
        await using var _ = database;
        await using var __ = edge;
        (await edge.Register("ines@example.com", "ines", Password)).Dispose();
        var hasher = new Microsoft.AspNetCore.Identity.PasswordHasher<string>(Microsoft.Extensions.Options.Options.Create(
            new Microsoft.AspNetCore.Identity.PasswordHasherOptions { IterationCount = 1000 }));
        var old = hasher.HashPassword("", Password);
        await database.Execute("update users set password_hash = @old where username = 'ines'", ("old", old));
        await edge.SignedIn("ines@example.com", Password);
        var now = await database.Value<string>("select password_hash from users where username = 'ines'");
        Assert.NotEqual(old, now);
        Assert.True(PasswordHashes.Check(now, Password) is { IsRight: true, Rehashed: null });
    }

    [Fact]
    public async Task A_login_deletes_some_sessions_that_have_expired_and_none_that_hold()
    {
        var (database, edge) = await Own();
        await using var _ = database;
        await using var __ = edge;
        (await edge.Register("ines@example.com", "ines", Password)).Dispose();
        await database.Execute("""
            insert into sessions (token_hash, user_id, created_at, expires_at)
            select sha256(i::text::bytea), 1 + i % 2, now() - interval '9 days', now() - interval '1 day' + interval '1 day' * 2 * (i / 30) from generate_series(1, 40) i
            """);
        await edge.SignedIn("ines@example.com", Password);
        Assert.Equal((9L, 12L), (
            await database.Value<long>("select count(*) from sessions where expires_at < now()"), await database.Value<long>("select count(*) from sessions where expires_at > now()")));
        await edge.SignedIn("ines@example.com", Password);
        Assert.Equal(0, await database.Value<long>("select count(*) from sessions where expires_at < now()"));
    }

    [Fact]
    public async Task More_logins_than_there_are_places_are_503_and_reads_go_on()
    {
        var (database, edge) = await Own(("EDGE_HASH_QUEUE", "2"), ("EDGE_HASH_THREADS", "1"));
        await using var _ = database;
        await using var __ = edge;
        var logins = Enumerable.Range(0, 40).Select(_ => edge.LogIn("nobody@example.com", Password)).ToList();
        await edge.Json("/api/products/1");
        var answers = await Task.WhenAll(logins);
        Assert.Contains(answers, static answer => answer.StatusCode == HttpStatusCode.Unauthorized);
        var refused = answers.Where(static answer => answer.StatusCode != HttpStatusCode.Unauthorized).ToList();
        Assert.NotEmpty(refused);
        foreach (var answer in refused)
            Assert.Equal("Too many people are signing in at the moment.", (await answer.Problem(503)).Text("detail"));
    }

    [Fact]
    public async Task A_session_used_in_the_second_half_of_its_life_is_extended_once_and_one_in_its_first_half_is_not()
    {
        var (database, edge) = await Own(("EDGE_SESSION_HOURS", "4"));
        await using var _ = database;
        await using var __ = edge;
        await using var other = await Way.Start(new() { ["DATABASE_URL"] = database.Url, ["EDGE_SESSION_HOURS"] = "4" }, Cancelled);
        var (early, earlySession) = await database.NewUser();
        var (late, lateSession) = await database.NewUser();
        await database.Execute("update sessions set expires_at = now() + interval '3 hours' where user_id = @id", ("id", early));
        await database.Execute("update sessions set expires_at = now() + interval '1 hour' where user_id = @id", ("id", late));
        await database.Execute("""
            create table extensions (at timestamptz default now());
            create function count_extension() returns trigger language plpgsql as 'begin insert into extensions default values; return null; end';
            create trigger counts_extensions after update on sessions for each row execute function count_extension();
            """);
        await edge.Json("/auth/session", earlySession);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? edge : other).Json("/auth/session", lateSession)));
        await Poll.Until(
            async _ => (await edge.Json("/auth/session", lateSession)).GetProperty("expiresAt").GetDateTime() == await Ends(late)
                && await database.Value<bool>("select expires_at > now() + interval '230 minutes' from sessions where user_id = @id", ("id", late)),
            "the session is extended, and its reader told", Cancelled);
        Assert.Equal(1, await database.Value<long>("select count(*) from extensions"));
        Assert.True(await database.Value<bool>("select expires_at < now() + interval '181 minutes' from sessions where user_id = @id", ("id", early)));

        Task<DateTime> Ends(long id) => database.Value<DateTime>("select expires_at from sessions where user_id = @id", ("id", id));
    }

    [Fact]
    public async Task A_session_is_read_from_memory_or_Redis_and_its_end_reaches_every_instance_at_once()
    {
        await using var database = await Database.Copy(Cancelled);
        // Before they listen: word of the session would make what is known of it invalid.
        var (_, session) = await database.NewUser();
        Dictionary<string, string> shared = new()
        {
            ["DATABASE_URL"] = database.Url, ["EDGE_WARM_SECONDS"] = "0", ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken,
            ["REDIS_URL"] = (await SharedServers.Redis(Cancelled)).Url, ["EDGE_CACHE_PREFIX"] = $"t{Guid.NewGuid():N}", ["EDGE_CACHE_REDIS_TIMEOUT_MS"] = "10000",
        };
        await using var edge = await Way.Start(shared, Cancelled);
        await using var other = await Way.Start(shared, Cancelled);
        await Task.WhenAll(edge.IsConnected(), other.IsConnected());
        await edge.Json("/auth/session", session);
        // Nobody is told, and the row is gone: who still knows the session has not asked the database.
        await database.Execute("""
            alter table sessions disable trigger all;
            create table kept as select * from sessions;
            delete from sessions;
            """);
        await edge.Json("/auth/session", session);
        await edge.Json("/auth/session", session);
        await Poll.Until(
            async _ =>
            {
                using var answer = await other.Get("/auth/session", session);
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "the other instance has it from Redis", Cancelled);
        await database.Execute("insert into sessions select * from kept");

        using var logout = await edge.Send(HttpMethod.Post, "/auth/logout", session);
        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        using var here = await edge.Get("/auth/session", session);
        await here.Problem(401);
        await Poll.Until(
            async _ =>
            {
                using var there = await other.Get("/auth/session", session);
                return there.StatusCode == HttpStatusCode.Unauthorized;
            },
            "the other instance knows that it has ended", Cancelled);
    }
}

internal static class AccountCalls
{
    public static Task<HttpResponseMessage> Register(this EdgeUnderTest edge, string email, string username, string password) => edge.SendJson(
        HttpMethod.Post, "/auth/register", new JsonObject { ["email"] = email, ["username"] = username, ["password"] = password }.ToJsonString());

    public static Task<HttpResponseMessage> LogIn(this EdgeUnderTest edge, string email, string password) =>
        edge.SendJson(HttpMethod.Post, "/auth/login", new JsonObject { ["email"] = email, ["password"] = password }.ToJsonString());

    /// <summary>The header of a new session.</summary>
    public static async Task<(string Name, string Value)> SignedIn(this EdgeUnderTest edge, string email, string password)
    {
        using var answer = await edge.LogIn(email, password);
        return ("Authorization", "Bearer " + (await edge.Json(answer, "/auth/login")).Text("token"));
    }
}
