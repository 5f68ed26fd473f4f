using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class AccessInProcess(TestBed bed) : AccessFacts(bed.InProcess);

public sealed class AccessNative(TestBed bed) : AccessFacts(bed.Native);

/// <summary>
/// Every operation × every kind of caller, against what /openapi.json says of who may call it: refused with exactly 401 or 403, or not refused.
/// </summary>
public abstract class AccessFacts : Facts
{
    /// <summary>
    /// Operations whose sample belongs to the person that it is made for: what another of the same role gets, and what an admin does. 0: is not
    /// refused. Not to know that there is such a thing is 404, not to be its owner 403.
    /// </summary>
    static readonly Dictionary<string, (int Another, int Admin)> Owned = new()
    {
        ["DELETE /api/blogs/{slug}"] = (403, 0),
        ["DELETE /api/opportunities/{id}"] = (403, 0),
        ["DELETE /api/stories/{id}"] = (403, 0),
        ["GET /api/orders/{id}"] = (404, 404),
        ["GET /api/users/{id}/analytics"] = (403, 0),
        ["GET /api/users/{id}/recommendations"] = (403, 0),
        ["PATCH /api/users/{id}"] = (403, 0),
        ["POST /api/orders/{id}/cancel"] = (404, 404),
        ["PUT /api/blogs/{slug}"] = (403, 0),
        ["PUT /api/opportunities/{id}"] = (403, 0),
    };

    static readonly string[] Callers =
        ["nobody", "a broken token", "an ended session", "a user", "another user", "an author", "another author", "an admin", "the operator"];

    private protected AccessFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Every_operation_refuses_whom_it_should_and_nobody_else()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var people = new Dictionary<string, long>();
        foreach (var caller in Callers)
            people[caller] = (await database.NewUser(caller.Split(' ')[^1] is ("author" or "admin") and var role ? role : "user")).Id;

        var mistakes = new List<string>();
        foreach (var route in (await edge.Description).Operations)
        {
            var owner = route.Role switch { "user" => "a user", "author" => "an author", _ => "an admin" };
            foreach (var caller in Callers)
            {
                var call = await OperationSamples.Of(route, database, people[owner]);
                var headers = caller == "nobody" ? call.Headers : [.. call.Headers, await Header(caller, database, people[caller])];
                using var answer = await edge.SendJson(new(route.Method), call.Target, call.Body, headers);
                var (status, refusal) = ((int)answer.StatusCode, Refusal(route, caller, owner));
                if (refusal > 0)
                    await answer.Problem(status);
                if (refusal > 0 ? status != refusal : status is 401 or 403 or >= 500)
                    mistakes.Add($"{route} by {caller}: {status}, not {(refusal > 0 ? refusal : "let in")}");
            }
        }
        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    /// <summary>Deleted past the triggers, so that the instance still knows the session: what is left is what the database says.</summary>
    [Fact]
    public async Task A_write_of_someone_who_was_deleted_unheard_is_refused_and_no_error()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var answers = new Dictionary<string, int>();
        foreach (var route in (await edge.Description).Operations)
        {
            if (route.Method == "GET" || route.Access != ApiAccess.Session || route.Role == "admin")
                continue;
            var (person, session) = await database.NewUser("author");
            var call = await OperationSamples.Of(route, database, person);
            (await edge.SendJson(HttpMethod.Get, "/auth/session", null, session)).Dispose();
            await database.Execute(
                """
                begin;
                alter table users disable trigger edge_changed_users;
                set local session_replication_role = replica;
                delete from users where id = @id;
                alter table users enable always trigger edge_changed_users;
                commit
                """, ("id", person));
            using var answer = await edge.SendJson(new(route.Method), call.Target, call.Body, [.. call.Headers, session]);
            answers[route.ToString()] = (int)answer.StatusCode;
        }
        string[] made = ["POST /api/blogs", "POST /api/opportunities", "POST /api/orders", "POST /api/stories"];
        Assert.All(made, write => Assert.Equal((write, 401), (write, answers[write])));
        Assert.All(answers, static answer => Assert.InRange(answer.Value, 200, 499));
    }

    /// <summary>The status of the refusal; 0: it is let in.</summary>
    static int Refusal(ApiRoute route, string caller, string owner) => (route.Access, caller) switch
    {
        (ApiAccess.Anyone, _) => 0,
        (ApiAccess.OptionalSession, "nobody") => 0,
        (ApiAccess.Operator, "the operator") => 0,
        (ApiAccess.Operator, _) => 401,
        (_, "nobody" or "a broken token" or "an ended session" or "the operator") => 401,
        _ when Rank(caller) < Rank(owner) => 403,
        _ when caller != owner && Owned.TryGetValue(route.ToString(), out var owned) => caller == "an admin" ? owned.Admin : owned.Another,
        _ => 0,
    };

    static int Rank(string caller) => caller.Split(' ')[^1] switch { "admin" => 2, "author" => 1, _ => 0 };

    static async Task<(string Name, string Value)> Header(string caller, SeededDatabase database, long person)
    {
        switch (caller)
        {
            case "a broken token":
                return ("Authorization", "Bearer " + new string('A', 43));
            case "the operator":
                return Admin;
        }
        // A new one for each call: some operations end it.
        var session = await database.SignIn(person);
        if (caller == "an ended session")
            await database.Execute("update sessions set created_at = now() - interval '2 days', expires_at = now() - interval '1 day' where user_id = @id", ("id", person));
        return session;
    }
}
