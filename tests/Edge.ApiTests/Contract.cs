using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Edge.ApiTests;

/// <summary>What facts say of an answer, in the words of API.md.</summary>
static class Contract
{
    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static Task<HttpResponseMessage> Get(this EdgeUnderTest edge, string target, params (string Name, string Value)[] headers) =>
        edge.Send(HttpMethod.Get, target, headers);

    public static Task<HttpResponseMessage> Send(this EdgeUnderTest edge, HttpMethod method, string target, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, target);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return edge.Http.SendAsync(request, Cancelled);
    }

    /// <summary>The JSON of an answer that must be 200.</summary>
    public static async Task<JsonElement> Json(this EdgeUnderTest edge, string target, params (string Name, string Value)[] headers)
    {
        using var answer = await edge.Get(target, headers);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{target}: {(int)answer.StatusCode} {text}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Checks that the answer is a whole problem, and returns it.</summary>
    public static async Task<JsonElement> Problem(this HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True((int)answer.StatusCode == status, $"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        foreach (var member in (string[])["type", "title", "detail", "instance"])
            Assert.NotEqual("", problem.GetProperty(member).GetString());
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString());
        return problem;
    }

    /// <summary>Checks that the request was refused because of this field, and returns what it was told.</summary>
    public static async Task<string> Refuses(this EdgeUnderTest edge, string target, string field, int status = 400)
    {
        using var answer = await edge.Get(target);
        var problem = await answer.Problem(status);
        Assert.True(problem.TryGetProperty("errors", out var errors) && errors.TryGetProperty(field, out _), $"{target}: no error for {field} in {problem}");
        return errors.GetProperty(field)[0].GetString()!;
    }

    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    public static AuthenticationHeaderValue Admin { get; } = new("Bearer", EdgeUnderTest.AdminToken);
}
