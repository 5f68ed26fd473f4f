using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Testing;

namespace Edge.IntegrationTests.Cli;

public sealed class LogTests
{
    const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    // Nothing listens on port 1: every query fails at once.
    static readonly Dictionary<string, string> NoServer = new()
    {
        ["DATABASE_URL"] = "postgres://ann:hunter2@127.0.0.1:1/shop",
        // What the cache and the change feed say is tested with them.
        ["EDGE_CACHE_MB"] = "0",
    };

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The problem that a request gets, and all lines of the log after a clean end.</summary>
    static async Task<(JsonElement Problem, List<JsonElement> Log)> Fail(Dictionary<string, string> settings, HttpStatusCode status)
    {
        await using var server = await EdgeServer.StartReady(settings, Cancelled);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/products/1");
        request.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        using var answer = await server.Http.SendAsync(request, Cancelled);
        Assert.Equal(status, answer.StatusCode);
        await server.Drain(PosixSignal.SIGTERM, Cancelled);
        Assert.Equal(0, (await server.End(Cancelled)).ExitCode);
        return (JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement, [.. server.Log]);
    }

    [Fact]
    public async Task Every_line_is_one_json_object_with_time_level_category_and_message()
    {
        var (_, log) = await Fail(NoServer, HttpStatusCode.ServiceUnavailable);
        Assert.All(log, static line =>
        {
            Assert.Equal(["time", "level", "category"], line.EnumerateObject().Take(3).Select(static member => member.Name));
            Assert.EndsWith("Z", line.GetProperty("time").GetString());
            Assert.NotEmpty(line.GetProperty("message").GetString()!);
        });
        // The first probe may fail before the host has said that it serves.
        Assert.Equal(
            ["DependencyDown", "DependencyFailed", "Draining", "Serving"],
            log.Select(static line => line.GetProperty("event").GetString()).Order());
        Assert.DoesNotContain(log, static line => line.ToString().Contains("hunter2"));
    }

    [Fact]
    public async Task A_request_that_a_dependency_failed_is_found_by_its_trace()
    {
        var (problem, log) = await Fail(NoServer, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(Trace, problem.GetProperty("traceId").GetString());
        var line = Assert.Single(log, static line => line.TryGetProperty("traceId", out var id) && id.GetString() == Trace);
        Assert.Equal(
            ("warn", "GET", "/api/products/{id}"),
            (line.GetProperty("level").GetString(), line.GetProperty("method").GetString(), line.GetProperty("route").GetString()));
        Assert.DoesNotContain("127.0.0.1", problem.ToString());
    }

    [Fact]
    public async Task A_database_that_does_not_offer_the_tls_of_the_settings_is_an_outage_like_any_other()
    {
        var database = await SmallDatabase.Empty(Cancelled);
        Dictionary<string, string> settings = new()
        {
            ["DATABASE_URL"] = database.Url.Replace("sslmode=disable", "sslmode=require", StringComparison.Ordinal), ["EDGE_CACHE_MB"] = "0",
        };
        var (problem, log) = await Fail(settings, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("The database cannot be reached at the moment.", problem.GetProperty("detail").GetString());
        Assert.Equal(
            ["DependencyDown", "DependencyFailed", "Draining", "Serving"],
            log.Select(static line => line.GetProperty("event").GetString()).Order());
        Assert.DoesNotContain(log, line => line.TryGetProperty("exception", out _) || line.ToString().Contains(database.Password));
    }

    [Fact]
    public async Task A_database_that_was_not_migrated_is_503_to_the_client_and_an_error_with_its_exception_to_us()
    {
        var database = await SmallDatabase.Empty(Cancelled);
        var (problem, log) = await Fail(new() { ["DATABASE_URL"] = database.Url }, HttpStatusCode.ServiceUnavailable);
        var line = Assert.Single(log, static line => line.GetProperty("level").GetString() == "error");
        Assert.Equal(problem.GetProperty("traceId").GetString(), line.GetProperty("traceId").GetString());
        Assert.Contains("relation \"products\" does not exist", line.GetProperty("exception").GetString());
        Assert.DoesNotContain("relation", problem.ToString());
    }

    [Fact]
    public async Task A_request_that_went_well_or_was_refused_leaves_no_line()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await using var server = await EdgeServer.StartReady(new() { ["DATABASE_URL"] = database.Url }, Cancelled);
        foreach (var path in (string[])["/api/products", "/api/products/1", "/api/products/x", "/nowhere", "/health"])
            await server.Status(path, Cancelled);
        await server.Drain(PosixSignal.SIGTERM, Cancelled);
        await server.End(Cancelled);
        Assert.Equal(["CacheWarmed", "Draining", "Serving"], server.Log.Select(static line => line.GetProperty("event").GetString()).Order());
    }

    [Theory]
    [InlineData("debug", "DependencyDown Draining Serving")]
    [InlineData("info", "DependencyDown Draining Serving")]
    [InlineData("WARN", "DependencyDown")]
    [InlineData("error", "")]
    [InlineData("none", "")]
    public async Task The_level_says_what_is_written(string level, string events)
    {
        await using var edge = await EdgeProcess.Start(
            EdgeRun.Binary, new Dictionary<string, string>(NoServer) { ["EDGE_LOG_LEVEL"] = level }, Cancelled);
        edge.Send(Signal.Terminate);
        Assert.Equal(0, await edge.WaitForExit(Cancelled));
        var ours = edge.Lines.Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(static line => line.GetProperty("category").GetString()!.StartsWith("Edge.", StringComparison.Ordinal))
            .Select(static line => line.GetProperty("event").GetString());
        Assert.Equal(events, string.Join(' ', ours.Order()));
    }

    [Fact]
    public async Task Text_into_a_pipe_is_plain_lines()
    {
        await using var run = EdgeRun.Start([], new(NoServer) { ["PORT"] = "0", ["EDGE_LOG_FORMAT"] = "text" });
        var line = await run.Line("postgres does not answer", Cancelled);
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{3} warn  HealthProber: postgres does not answer: ", line);
        Assert.DoesNotContain(run.Output, static text => text.Contains('\e'));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("1", false)]
    public async Task On_a_terminal_it_is_text_and_NO_COLOR_takes_the_colours_away(string noColor, bool hasColours)
    {
        await using var run = EdgeRun.Start([], new(NoServer) { ["PORT"] = "0", ["NO_COLOR"] = noColor }, onTerminal: true);
        var line = await run.Line("postgres does not answer", Cancelled);
        Assert.Equal(hasColours, line.Contains("\e[33mwarn"));
        Assert.Equal(hasColours, run.Output.Any(static text => Regex.IsMatch(text, @"\e\[\d+m")));
    }
}
