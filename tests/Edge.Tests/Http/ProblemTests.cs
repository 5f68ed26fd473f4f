using System.Text.Json;
using Edge.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Tests.Http;

public sealed class ProblemTests
{
    static async Task<(HttpResponse Response, byte[] Body)> Write(Problem problem, string method = "GET")
    {
        var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        context.Request.Method = method;
        context.Request.Path = "/api/café";
        await ProblemWriter.Write(context, problem);
        await context.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        return (context.Response, body.ToArray());
    }

    [Fact]
    public async Task A_problem_has_all_its_members_and_is_never_stored()
    {
        var (response, body) = await Write(Problem.NotFound("kettle"));
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal(
            ["type", "title", "status", "detail", "instance", "traceId"], json.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("There is no such kettle.", json.GetProperty("detail").GetString());
        Assert.Equal("/api/caf%C3%A9", json.GetProperty("instance").GetString());
        Assert.Equal("application/problem+json", response.ContentType);
        Assert.Equal("no-store", response.Headers.CacheControl);
        Assert.Equal(body.Length, response.ContentLength);
        Assert.Equal(404, response.StatusCode);
    }

    [Fact]
    public async Task Errors_of_one_field_stand_together_in_the_order_found()
    {
        var (_, body) = await Write(Problem.Invalid(new("limit", "first"), new("q", "only"), new("limit", "second")));
        Assert.Equal(
            """{"limit":["first","second"],"q":["only"]}""", JsonDocument.Parse(body).RootElement.GetProperty("errors").GetRawText());
    }

    [Fact]
    public async Task A_text_of_the_client_cannot_break_the_json()
    {
        var (_, body) = await Write(Problem.Invalid(new FieldError("\"},{\"\\\n", "\u0000\ud800")));
        Assert.Equal("\"},{\"\\\n", Assert.Single(JsonDocument.Parse(body).RootElement.GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task Head_has_the_headers_and_no_body()
    {
        var (response, body) = await Write(Problem.NoRoute, "HEAD");
        Assert.Empty(body);
        Assert.True(response.ContentLength > 0);
    }

    [Fact]
    public async Task Who_should_try_again_is_told_when()
    {
        Assert.Equal("7", (await Write(Problem.Unavailable("Later.", 7))).Response.Headers.RetryAfter);
        Assert.Equal(0, (await Write(Problem.NoRoute)).Response.Headers.RetryAfter.Count);
    }

    [Fact]
    public async Task A_401_says_how_to_sign_in() =>
        Assert.Equal("Bearer", (await Write(Problem.Unauthorized("Sign in."))).Response.Headers.WWWAuthenticate);

    [Fact]
    public void Every_status_has_a_problem_of_that_status() =>
        Assert.All(Enumerable.Range(400, 200), static status => Assert.Equal(status, Problem.OfStatus(status).Status));
}
