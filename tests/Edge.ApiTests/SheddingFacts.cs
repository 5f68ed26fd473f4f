using System.Net;
using System.Text.Json;
using Edge.Testing;
using Npgsql;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class SheddingInProcess(TestBed bed) : SheddingFacts(bed.InProcess);

public sealed class SheddingNative(TestBed bed) : SheddingFacts(bed.Native);

/// <summary>More to do than can be done: an instance that may do one thing at a time, and a read that does not end, since its table is locked.</summary>
public abstract class SheddingFacts : Facts
{
    const string Load = "/performance/load";

    /// <summary>The default. A tenth of it is what the thread pool may be late by before it is taken for overloaded: less than this, and a busy machine is.</summary>
    const int PatientMs = 500;

    private protected SheddingFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task What_is_too_much_is_503_and_what_is_critical_or_in_memory_is_answered()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Start(database, queueMs: PatientMs);
        var (_, session) = await database.NewUser();
        var (_, admin) = await database.NewUser("admin");
        await edge.Json("/api/products/7");
        await WhileOneHangs(edge, database, async () =>
        {
            await All(
                new (string Target, (string, string)[] Headers)[]
                {
                    ("/api/products/8", []), ("/api/products?limit=3", []), ("/api/users/1", []), ("/api/orders", [session]), ("/api/dashboard", [session]),
                    ("/api/users/bulk-analytics?user_ids=1", [admin]),
                },
                async asked =>
                {
                    using var answer = await edge.Get(asked.Target, asked.Headers);
                    var problem = await answer.Problem(503);
                    Assert.Equal(("urn:edge:problem:overloaded", "no-store"), (problem.Text("type"), answer.Header("Cache-Control")));
                    Assert.InRange(int.Parse(answer.Header("Retry-After")!, null), 1, 4);
                });
            using (var order = await edge.SendJson(HttpMethod.Post, "/api/orders", """{ "items": [{ "productId": 1, "quantity": 1 }], "shippingAddress": "Here 1" }""", session, ("Idempotency-Key", "k")))
                await order.Problem(503);

            using var cached = await edge.Get("/api/products/7");
            Assert.Equal(HttpStatusCode.OK, cached.StatusCode);
            await edge.Json("/health");
            await edge.Json("/health/ready");
            await edge.Json("/openapi.json");
            await edge.Json("/auth/session", session);
            using var login = await edge.SendJson(HttpMethod.Post, "/auth/login", """{ "email": "nobody@example.com", "password": "not the password" }""");
            await login.Problem(401);
            using var logout = await edge.SendJson(HttpMethod.Post, "/auth/logout", null, session);
            Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);

            var load = await edge.Json(Load, Admin);
            Assert.Equal((1, 1), (load.GetProperty("cap").GetInt32(), load.GetProperty("inFlight").GetInt32()));
            Assert.InRange(Shed(load, "normal"), 6, 20);
            Assert.InRange(Shed(load, "sheddable"), 1, 1);
            Assert.Equal(0, Shed(load, "critical"));
        });
        // Nothing of it is remembered.
        await edge.Json("/api/products/8");
        await edge.Json("/api/users/1");
    }

    [Fact]
    public async Task Who_waits_is_answered_when_it_is_its_turn_and_who_leaves_is_forgotten()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Start(database, queueMs: 60_000);
        var (_, session) = await database.NewUser();
        var waiting = Task.FromResult<HttpResponseMessage>(null!);
        await WhileOneHangs(edge, database, async () =>
        {
            using var leaving = new CancellationTokenSource();
            using var request = new HttpRequestMessage(HttpMethod.Get, edge.Address("/api/orders"));
            request.Headers.Add(session.Name, session.Value);
            var left = edge.Http.SendAsync(request, leaving.Token);
            await Poll.Until(async _ => await Now(edge, "waiting") == 1, "one waits", Cancelled);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
            await Poll.Until(async _ => (await Now(edge, "waiting"), await Now(edge, "left")) == (0, 1), "its place is free", Cancelled);

            waiting = edge.Get("/api/orders", session);
            await Poll.Until(async _ => await Now(edge, "waiting") == 1, "another waits", Cancelled);
        });
        using var answer = await waiting;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1, (await edge.Json(Load, Admin)).GetProperty("normal").GetProperty("waited").GetInt32());
    }

    [Fact]
    public async Task Who_only_sends_slowly_or_waits_for_a_hash_holds_no_permit()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Start(database, queueMs: PatientMs);
        var (_, session) = await database.NewUser();
        using var slow = await edge.Connect(Cancelled);
        await slow.Send(
            $"POST /api/orders HTTP/1.1\r\nHost: edge\r\nIdempotency-Key: slow\r\n{session.Name}: {session.Value}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{", Cancelled);
        await edge.Json("/api/users/2");
        Assert.Equal(0, await Now(edge, "inFlight"));
    }

    [Fact]
    public async Task Where_it_is_off_nothing_is_shed_and_the_page_says_so()
    {
        await using var edge = await Way.Start(
            new() { ["DATABASE_URL"] = Database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["EDGE_SHED"] = "0" }, Cancelled);
        using var load = await edge.Get(Load, Admin);
        Assert.Contains("EDGE_SHED", (await load.Problem(404)).Text("detail"));
        await edge.Json("/api/users/1");
    }

    Task<EdgeUnderTest> Start(SeededDatabase database, int queueMs) => Way.Start(
        new()
        {
            ["DATABASE_URL"] = database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["EDGE_WARM_SECONDS"] = "0",
            // What hangs ends by its lock alone.
            ["DB_COMMAND_TIMEOUT"] = "300",
            ["EDGE_SHED_FLOOR"] = "1", ["EDGE_SHED_CEILING"] = "1", ["EDGE_SHED_QUEUE_MS"] = $"{queueMs}",
        },
        Cancelled);

    static async Task WhileOneHangs(EdgeUnderTest edge, SeededDatabase database, Func<Task> check)
    {
        Task<HttpResponseMessage> hanging;
        // Not a cached read, which the cache would end after a few seconds.
        var (_, session) = await database.NewUser();
        await using (var holder = await database.Sql.OpenConnectionAsync(Cancelled))
        await using (await holder.BeginTransactionAsync(Cancelled))
        {
            await using (var hold = new NpgsqlCommand("lock table orders", holder))
                await hold.ExecuteNonQueryAsync(Cancelled);
            hanging = edge.Get("/api/orders", session);
            await Poll.Until(async _ => await Now(edge, "inFlight") == 1, "the read hangs", Cancelled);
            await check();
        }
        using var answer = await hanging;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    static async Task<int> Now(EdgeUnderTest edge, string member) => (await edge.Json(Load, Admin)).GetProperty(member).GetInt32();

    static long Shed(JsonElement load, string kind)
    {
        var of = load.GetProperty(kind);
        return of.GetProperty("shedWaited").GetInt64() + of.GetProperty("shedFull").GetInt64() + of.GetProperty("shedThreads").GetInt64();
    }
}
