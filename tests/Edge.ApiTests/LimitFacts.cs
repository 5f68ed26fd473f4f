using System.Globalization;
using System.Net;
using Edge.Features.ApiKeys;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class LimitsInProcess(TestBed bed) : LimitFacts(bed.InProcess);

public sealed class LimitsNative(TestBed bed) : LimitFacts(bed.Native);

/// <summary>Limits as clients meet them. A bucket takes a day to fill up here, so that no test has to wait, or to hurry.</summary>
public abstract class LimitFacts : Facts
{
    const string Product = "/api/products/1";

    private protected LimitFacts(EdgeWay way) : base(way)
    {
    }

    Task<EdgeUnderTest> Start(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["DATABASE_URL"] = Database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken };
        foreach (var (key, value) in settings)
            all[key] = value;
        return Way.Start(all, Cancelled);
    }

    /// <summary>The long way, the short way of a cached hit, a 304, a mistake and what is not there: each takes one, and tells what the next one finds.</summary>
    [Fact]
    public async Task A_limit_is_exact_and_every_answer_tells_what_is_left()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "8/d"));
        using var first = await edge.Get(Product);
        (string, (string, string)[])[] requests =
        [
            (Product, []), (Product, [("If-None-Match", first.Header("ETag")!)]), ("/api/products?limit=0", []), ("/api/products/999999999", []), ("/api/products/1?x=1", []),
            ("/api/orders", []), ("/api/orders", [("Authorization", "Bearer no session")]),
        ];
        int[] statuses = [200, 304, 400, 404, 400, 401, 401];
        Assert.Equal(7, Left(first));
        for (var i = 0; i < requests.Length; i++)
        {
            using var answer = await edge.Get(requests[i].Item1, requests[i].Item2);
            Assert.Equal(statuses[i], (int)answer.StatusCode);
            Assert.Equal(6 - i, Left(answer));
            IsConsistent(answer, "public", 8, 86_400);
        }
        foreach (var (target, headers) in requests)
        {
            using var answer = await edge.Get(target, headers);
            var problem = await answer.Problem(429);
            IsConsistent(answer, "public", 8, 86_400);
            Assert.Equal(["public"], problem.GetProperty("violated-policies").EnumerateArray().Select(static name => name.GetString()));
            Assert.Contains("\"public\"", problem.Text("detail"));
            Assert.InRange(int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 86_400 / 8);
            Assert.Equal("no-store", answer.Header("Cache-Control"));
            Assert.Null(answer.Header("ETag"));
        }
    }

    [Fact]
    public async Task Many_at_once_get_exactly_the_burst()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "20/d"));
        var statuses = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
        {
            using var answer = await edge.Get(Product);
            return (int)answer.StatusCode;
        }));
        Assert.Equal((20, 40), (statuses.Count(static status => status == 200), statuses.Count(static status => status == 429)));
    }

    [Fact]
    public async Task Health_and_operators_are_never_limited()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "1/d"));
        using var first = await edge.Get(Product);
        Assert.Equal(0, Left(first));
        foreach (var target in (string[])["/health", "/health/live", "/health/ready", "/health/detailed", "/performance/limits", "/performance/cache/stats"])
        {
            for (var i = 0; i < 3; i++)
            {
                using var answer = await edge.Get(target, Admin);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.DoesNotContain(answer.Headers, static header => header.Key.Contains("RateLimit", StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public async Task Of_two_limits_on_a_route_both_admit_and_what_one_refuses_the_other_does_not_lose()
    {
        await using var edge = await Start(("EDGE_LIMIT_USER", "20/d"), ("EDGE_LIMIT_WRITES", "2/d"));
        var (_, session) = await Database.NewUser();
        for (var i = 0; i < 5; i++)
        {
            using var answer = await edge.SendJson(HttpMethod.Put, "/api/locations/current", """{ "latitude": 1, "longitude": 2 }""", session);
            Assert.Equal(i < 2 ? 200 : 429, (int)answer.StatusCode);
            IsConsistent(answer, "writes", 2, 86_400, "\"user\";q=20;w=86400, \"writes\";q=2;w=86400");
            Assert.Equal(Math.Max(0, 1 - i), Left(answer));
        }
        using var read = await edge.Get("/api/orders", session);
        IsConsistent(read, "user", 20, 86_400);
        Assert.Equal(17, Left(read));
    }

    [Fact]
    public async Task What_costs_more_takes_more()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "10/d"));
        using var search = await edge.Get("/api/products/search?q=lamp");
        Assert.Equal(7, Left(search));
        using var nearby = await edge.Get("/api/discovery/nearby?lat=1&lon=1");
        Assert.Equal(5, Left(nearby));
    }

    [Fact]
    public async Task Users_pay_for_themselves_and_not_for_their_address()
    {
        await using var edge = await Start(("EDGE_LIMIT_USER", "2/d"), ("EDGE_LIMIT_PUBLIC", "1/d"));
        foreach (var (_, session) in new[] { await Database.NewUser(), await Database.NewUser() })
        {
            for (var i = 0; i < 3; i++)
            {
                using var answer = await edge.Get("/api/orders", session);
                Assert.Equal(i < 2 ? 200 : 429, (int)answer.StatusCode);
            }
        }
        using var anonymous = await edge.Get(Product);
        Assert.Equal(HttpStatusCode.OK, anonymous.StatusCode);
    }

    [Fact]
    public async Task A_shadow_refuses_nobody_and_counts_whom_it_would_have()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "2/d"), ("EDGE_LIMIT_SHADOW", "public"));
        for (var i = 0; i < 5; i++)
        {
            using var answer = await edge.Get(Product);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Null(answer.Header("RateLimit"));
        }
        var policy = (await edge.Json("/performance/limits", Admin)).GetProperty("policies")[0];
        Assert.Equal(
            ("public", "2/86400s burst 2", true, 2, 0, 3, 1),
            (policy.Text("name"), policy.Text("limit"), policy.GetProperty("isShadow").GetBoolean(), policy.GetProperty("allowed").GetInt32(), policy.GetProperty("refused").GetInt32(),
            policy.GetProperty("shadowRefused").GetInt32(), policy.GetProperty("trackedKeys").GetInt32()));
    }

    [Fact]
    public async Task Who_is_exempt_is_not_limited()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "1/d"), ("EDGE_LIMIT_EXEMPT", "192.0.2.0/24, 127.0.0.0/8"));
        for (var i = 0; i < 3; i++)
        {
            using var answer = await edge.Get(Product);
            Assert.Equal((HttpStatusCode.OK, null), (answer.StatusCode, answer.Header("RateLimit")));
        }
    }

    [Fact]
    public async Task Clients_behind_a_proxy_are_told_apart_and_cannot_say_that_they_are_others()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "2/d"), ("EDGE_PROXIES", "127.0.0.0/8"));
        async Task<int> From(string chain)
        {
            using var answer = await edge.Get(Product, ("X-Forwarded-For", chain));
            return (int)answer.StatusCode;
        }
        int[] first = [await From("203.0.113.1"), await From("198.51.100.1, 203.0.113.1"), await From("198.51.100.2, 203.0.113.1"), await From("garbage, 203.0.113.1")];
        Assert.Equal([200, 200, 429, 429], first);
        int[] others = [await From("203.0.113.2"), await From("2001:db8::1"), await From("[2001:db8::2]:99"), await From("2001:db8::3"), await From("2001:db8:0:1::1")];
        Assert.Equal([200, 200, 200, 429, 200], others);
    }

    [Fact]
    public async Task Whoever_is_not_behind_a_proxy_of_ours_is_where_the_connection_comes_from()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "2/d"));
        for (var i = 0; i < 3; i++)
        {
            using var answer = await edge.Get(Product, ("X-Forwarded-For", $"203.0.113.{i}"), ("Fly-Client-IP", $"203.0.113.{i}"));
            Assert.Equal(i < 2 ? 200 : 429, (int)answer.StatusCode);
        }
    }

    /// <summary>However an email is spelled, and the address keeps what a refusal by email did not use.</summary>
    [Fact]
    public async Task Logins_are_limited_by_email_and_by_address()
    {
        await using var edge = await Start(("EDGE_LIMIT_LOGIN", "6/d"), ("EDGE_LIMIT_LOGIN_EMAIL", "3/d"));
        var name = $"{Guid.NewGuid():N}";
        async Task<(int Status, string? Policy)> Login(string email)
        {
            using var answer = await edge.SendJson(HttpMethod.Post, "/auth/login", $$"""{ "email": "{{email}}", "password": "not the password" }""");
            Assert.Contains("\"login\";q=6;w=86400, \"login-email\";q=3;w=86400", answer.Header("RateLimit-Policy"));
            return ((int)answer.StatusCode, answer.Header("RateLimit")!.Split('"')[1]);
        }
        string[] spellings = [$"{name}@example.com", $"{name.ToUpperInvariant()}@Example.com", $" {name}@example.com ", $"{name}@example.com", $"{name}@EXAMPLE.com"];
        var statuses = new List<(int, string?)>();
        foreach (var email in spellings)
            statuses.Add(await Login(email));
        Assert.Equal([(401, "login-email"), (401, "login-email"), (401, "login-email"), (429, "login-email"), (429, "login-email")], statuses);
        for (var i = 0; i < 5; i++)
            Assert.Equal(i < 3 ? 401 : 429, (await Login($"other{i}{name}@example.com")).Status);
    }

    [Fact]
    public async Task Switched_off_nothing_is_said_of_limits()
    {
        await using var edge = await Start(("EDGE_LIMITS", "0"), ("EDGE_LIMIT_PUBLIC", "1/d"));
        for (var i = 0; i < 3; i++)
        {
            using var answer = await edge.Get(Product);
            Assert.Equal((HttpStatusCode.OK, null, null), (answer.StatusCode, answer.Header("RateLimit"), answer.Header("X-RateLimit-Limit")));
        }
    }

    [Fact]
    public async Task A_key_pays_by_its_plan_until_it_is_revoked()
    {
        await using var edge = await Start(("EDGE_LIMIT_PUBLIC", "9/d"), ("EDGE_LIMIT_PLANS", "standard=5/d; gold=3/d"));
        var key = ApiKeyText.New();
        var hash = new byte[32];
        Assert.True(ApiKeyText.TryHash(key, hash));
        await Database.Execute(
            "insert into api_keys (name, prefix, key_hash, plan) values ('test', @prefix, @hash, 'gold')", ("prefix", key[..ApiKeyText.PrefixChars]), ("hash", hash));
        for (var i = 0; i < 4; i++)
        {
            using var answer = await edge.Get(Product, ("X-API-Key", key));
            Assert.Equal(i < 3 ? 200 : 429, (int)answer.StatusCode);
            IsConsistent(answer, "key", 3, 86_400);
        }
        using var other = await edge.Get(Product);
        Assert.Equal(8, Left(other));

        await Database.Execute("update api_keys set revoked_at = now() where key_hash = @hash", ("hash", hash));
        await Poll.Until(
            async _ =>
            {
                using var answer = await edge.Get(Product, ("X-API-Key", key));
                return answer.StatusCode == HttpStatusCode.Unauthorized;
            }, "the instance has heard that the key is revoked", Cancelled);
    }

    static int Left(HttpResponseMessage answer) => int.Parse(answer.Header("X-RateLimit-Remaining")!, CultureInfo.InvariantCulture);

    /// <summary>The two families of headers say the same, and no more than the limit.</summary>
    static void IsConsistent(HttpResponseMessage answer, string policy, int burst, int fullSeconds, string? policies = null)
    {
        int Number(string header) => int.Parse(answer.Header(header)!, CultureInfo.InvariantCulture);
        Assert.Equal(burst, Number("X-RateLimit-Limit"));
        Assert.InRange(Number("X-RateLimit-Remaining"), 0, burst);
        Assert.InRange(Number("X-RateLimit-Reset"), 0, fullSeconds);
        Assert.Equal(policies ?? $"\"{policy}\";q={burst};w={fullSeconds}", answer.Header("RateLimit-Policy"));
        var isRefused = answer.StatusCode == HttpStatusCode.TooManyRequests;
        var state = answer.Header("RateLimit")!;
        Assert.StartsWith($"\"{policy}\";r={Number("X-RateLimit-Remaining")};t=", state);
        var seconds = int.Parse(state[(state.LastIndexOf('=') + 1)..], CultureInfo.InvariantCulture);
        Assert.Equal(isRefused ? Number("Retry-After") : Number("X-RateLimit-Remaining") > 0 ? Number("X-RateLimit-Reset") : seconds, seconds);
        Assert.InRange(seconds, 1, fullSeconds);
    }
}
