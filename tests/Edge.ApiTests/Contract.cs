using System.Text.Json;
using Edge.Testing;

namespace Edge.ApiTests;

/// <summary>What facts say of an answer, in the words of API.md.</summary>
internal static class Contract
{
    /// <summary>Words that only our code, our database or this machine would say.</summary>
    static readonly string[] Secrets = ["Npgsql", "Exception", "select ", "   at ", "127.0.0.1", "localhost", "System.", ".cs:", "ECONN", "api_tests", "api_copy"];

    static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static (string Name, string Value) Admin { get; } = ("Authorization", "Bearer " + EdgeUnderTest.AdminToken);

    public static Task<HttpResponseMessage> Get(this EdgeUnderTest edge, string target, params (string Name, string Value)[] headers) =>
        edge.Send(HttpMethod.Get, target, headers);

    /// <summary>Sends the target as it is written.</summary>
    public static Task<HttpResponseMessage> Send(this EdgeUnderTest edge, HttpMethod method, string target, params (string Name, string Value)[] headers) =>
        edge.SendJson(method, target, body: null, headers);

    /// <summary>Sends a JSON body, as it is written. Null: none. Whatever comes back has the headers that every answer must have.</summary>
    public static async Task<HttpResponseMessage> SendJson(this EdgeUnderTest edge, HttpMethod method, string target, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, edge.Address(target));
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var answer = await edge.Http.SendAsync(request, Cancelled);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", answer.Header("Referrer-Policy"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer.Header("Content-Security-Policy"));
        Assert.Null(answer.Header("Server"));
        Assert.NotNull(answer.Header("Date"));
        return answer;
    }

    /// <summary>The target as it is written: the library would tidy what a fact is about.</summary>
    public static Uri Address(this EdgeUnderTest edge, string target) => new(edge.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + target, AsWritten);

    /// <summary>The JSON of an answer that must be 200 and hold exactly what /openapi.json says.</summary>
    public static async Task<JsonElement> Json(this EdgeUnderTest edge, string target, params (string Name, string Value)[] headers)
    {
        using var answer = await edge.Get(target, headers);
        return await edge.Json(answer, target);
    }

    /// <summary>The JSON of an answer that must have this status and hold exactly what /openapi.json says.</summary>
    public static async Task<JsonElement> Json(this EdgeUnderTest edge, HttpResponseMessage answer, string target, int status = 200)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True((int)answer.StatusCode == status, $"{target}: {(int)answer.StatusCode} {text}");
        Assert.Equal("application/json", answer.Header("Content-Type"));
        var body = JsonDocument.Parse(text).RootElement;
        var method = answer.RequestMessage!.Method == HttpMethod.Head ? "GET" : answer.RequestMessage.Method.Method;
        Assert.Empty((await edge.Description).Faults(target, status, body, method));
        return body;
    }

    /// <summary>Checks that the answer is a whole problem that gives nothing away, and returns it.</summary>
    public static async Task<JsonElement> Problem(this HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        var target = answer.RequestMessage!.RequestUri!.PathAndQuery;
        Assert.True((int)answer.StatusCode == status, $"{target}: {(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Null(answer.Header("ETag"));
        Assert.Null(answer.Header("Link"));
        Assert.Equal(status is 429 or 503, answer.Header("Retry-After") is not null);
        Assert.Equal(status == 401 ? "Bearer" : null, answer.Header("WWW-Authenticate"));

        var problem = JsonDocument.Parse(text).RootElement;
        string[] members = ["type", "title", "status", "detail", "instance", "traceId", .. status == 429 ? (string[])["violated-policies"] : []];
        Assert.Equal(members, problem.EnumerateObject().Select(static member => member.Name).Where(static name => name != "errors"));
        Assert.StartsWith("urn:edge:problem:", problem.Text("type"));
        Assert.NotEqual("", problem.Text("title"));
        Assert.NotEqual("", problem.Text("detail"));
        Assert.StartsWith("/", problem.Text("instance"));
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Matches("^[0-9a-f]{32}$", problem.Text("traceId"));
        foreach (var said in Sentences(problem))
            Assert.DoesNotContain(Secrets, word => said.Contains(word, StringComparison.OrdinalIgnoreCase));
        return problem;
    }

    /// <summary>Checks that the request was refused because of this field alone, and returns what it was told.</summary>
    public static async Task<string> Refuses(this EdgeUnderTest edge, string target, string field, params (string Name, string Value)[] headers)
    {
        using var answer = await edge.Get(target, headers);
        var problem = await answer.Problem(400);
        Assert.True(problem.TryGetProperty("errors", out var errors), $"{target}: no errors in {problem}");
        Assert.True(errors.EnumerateObject().Select(static error => error.Name).SequenceEqual([field]), $"{target}: {errors} should name {field}");
        return errors.GetProperty(field)[0].GetString()!;
    }

    /// <summary>Runs a check over many cases, and says of all that fail how they do.</summary>
    public static async Task All<T>(IEnumerable<T> cases, Func<T, Task> check)
    {
        var failures = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var count = 0;
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancelled }, async (one, _) =>
        {
            Interlocked.Increment(ref count);
            try
            {
                await check(one);
            }
            catch (Exception failure) when (failure is Xunit.Sdk.IAssertionException or HttpRequestException)
            {
                failures.Enqueue($"{one}: {failure.Message}");
            }
        });
        Assert.True(count > 0, "there was nothing to check");
        Assert.True(failures.IsEmpty, $"{failures.Count} of {count} failed:\n{string.Join('\n', failures.Take(20))}");
    }

    /// <summary>Returns when the instance shares through Redis and has dealt with what it did not hear before its start.</summary>
    public static Task IsConnected(this EdgeUnderTest edge) => Poll.Until(
        async _ =>
        {
            var stats = await edge.Json("/performance/cache/stats", Admin);
            return stats.GetProperty("l2").GetProperty("isOpen").GetBoolean() && stats.GetProperty("changes").GetProperty("gaps").GetInt32() > 0;
        },
        "it is connected", Cancelled);

    /// <summary>The items of all pages, following <c>nextCursor</c>, each page checked against its <c>Link</c>.</summary>
    public static async Task<List<JsonElement>> AllItems(this EdgeUnderTest edge, string first, int most = 2000)
    {
        var items = new List<JsonElement>();
        for (var target = first; target is not null && items.Count <= most;)
        {
            var (page, next) = await edge.Page(target);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            target = next;
        }
        return items;
    }

    /// <summary>A page, and the address of the one after it, which its body and its <c>Link</c> must agree on.</summary>
    public static async Task<(JsonElement Page, string? Next)> Page(this EdgeUnderTest edge, string target)
    {
        using var answer = await edge.Get(target);
        var page = await edge.Json(answer, target);
        var (cursor, link) = (page.GetProperty("nextCursor").GetString(), answer.Header("Link"));
        if (cursor is null)
        {
            Assert.Null(link);
            return (page, null);
        }
        Assert.NotNull(link);
        Assert.Matches("^<[^<>]+>; rel=\"next\"$", link);
        var next = link[1..link.IndexOf('>', StringComparison.Ordinal)];
        Assert.EndsWith("cursor=" + cursor, next);
        return (page, next);
    }

    /// <summary>An address of the route that is answered with 200.</summary>
    public static async Task<string> Existing(this EdgeUnderTest edge, ApiRoute route)
    {
        if (route.Parameters.FirstOrDefault(static parameter => parameter.IsInPath) is not { } name)
            return route.Address();
        // Stories and listings come and go: whatever its list begins with.
        var list = route.Path[..route.Path.IndexOf("/{", StringComparison.Ordinal)];
        return route.Address(name, (await edge.Json(list + "?limit=1")).Items()[0].GetProperty(name.Name).ToString());
    }

    public static List<JsonElement> Items(this JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;

    public static long Whole(this JsonElement element, string member) => element.GetProperty(member).GetInt64();

    public static long Id(this JsonElement element) => element.GetProperty("id").GetInt64();

    public static IEnumerable<string> Members(this JsonElement element) => element.EnumerateObject().Select(static member => member.Name);

    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    /// <summary>What the problem says in our words; <c>instance</c> and the names of fields are the client's own.</summary>
    static IEnumerable<string> Sentences(JsonElement problem)
    {
        yield return problem.Text("title");
        yield return problem.Text("detail");
        if (problem.TryGetProperty("errors", out var errors))
            foreach (var text in errors.EnumerateObject().SelectMany(static error => error.Value.EnumerateArray()))
                yield return text.GetString()!;
    }
}
