using System.Net;
using System.Runtime.InteropServices;
using Edge.Hosting;
using Edge.IntegrationTests.Cli;
using Edge.Testing;

namespace Edge.IntegrationTests.Lifecycle;

public sealed class StartTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>An instance whose database is behind a proxy, which may be broken from the start.</summary>
    static async Task<(EdgeServer Server, CuttingProxy Proxy)> StartBehind(
        Action<CuttingProxy> brokenBy, params (string Key, string Value)[] settings)
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var proxy = CuttingProxy.Start(new Uri(database.Url).Port);
        brokenBy(proxy);
        var all = new Dictionary<string, string> { ["DATABASE_URL"] = database.UrlAt(proxy.Port), ["EDGE_PROBE_INTERVAL_SECONDS"] = "1" };
        foreach (var (key, value) in settings)
            all[key] = value;
        return (await EdgeServer.Start(all, Cancelled), proxy);
    }

    [Fact]
    public async Task With_a_silent_database_it_listens_at_once_and_is_ready_degraded_after_the_probes_deadline()
    {
        var (server, proxy) = await StartBehind(static proxy => proxy.Stall());
        await using var ends = server;
        await using var cut = proxy;

        Assert.Equal((HttpStatusCode.OK, "healthy"), await server.Health("/health/live", Cancelled));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "starting"), await server.Health("/health/ready", Cancelled));
        Assert.Equal(HttpStatusCode.OK, await server.Status("/openapi.json", Cancelled));

        await Poll.Until(
            async token => (await server.Health("/health/ready", token)).Status == HttpStatusCode.OK, "it is ready", Cancelled);
        Assert.Equal((HttpStatusCode.OK, "degraded"), await server.Health("/health/ready", Cancelled));
        var (serving, down) = (await server.Event("Serving", Cancelled), await server.Event("DependencyDown", Cancelled));
        var took = down.GetProperty("time").GetDateTime() - serving.GetProperty("time").GetDateTime();
        Assert.InRange(took.TotalSeconds, 1, 4);
        Assert.Contains("no answer within 2 s", down.GetProperty("message").GetString());

        proxy.Pass();
        await Poll.Until(
            async token => await server.Health("/health", token) == (HttpStatusCode.OK, "healthy"), "it is healthy again", Cancelled);
        Assert.Equal(HttpStatusCode.OK, await server.Status("/api/products/1", Cancelled));
    }

    [Fact]
    public async Task With_a_database_that_refuses_it_starts_answers_503_and_recovers_by_itself()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await using var proxy = CuttingProxy.Start(new Uri(database.Url).Port);
        await proxy.Refuse();
        await using var server = await EdgeServer.StartReady(
            new() { ["DATABASE_URL"] = database.UrlAt(proxy.Port), ["EDGE_PROBE_INTERVAL_SECONDS"] = "1" }, Cancelled);

        Assert.Equal((HttpStatusCode.OK, "degraded"), await server.Health("/health", Cancelled));
        using var answer = await server.Http.GetAsync(new Uri("/api/products/1", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta);

        proxy.Pass();
        await Poll.Until(
            async token => await server.Health("/health", token) == (HttpStatusCode.OK, "healthy"), "it is healthy again", Cancelled);
        Assert.Equal(HttpStatusCode.OK, await server.Status("/api/products/2", Cancelled));
        // The answer that failed is remembered for a second, less than its Retry-After: it may outlive the outage by that.
        await Poll.Until(
            async token => await server.Status("/api/products/1", token) == HttpStatusCode.OK, "the answer that failed comes back", Cancelled);
    }

    [Fact]
    public async Task A_signal_before_it_is_ready_ends_it_cleanly()
    {
        var (server, proxy) = await StartBehind(static proxy => proxy.Stall());
        await using var ends = server;
        await using var cut = proxy;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "starting"), await server.Health("/health/ready", Cancelled));

        await server.Drain(PosixSignal.SIGTERM, Cancelled);
        var ended = await server.End(Cancelled);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.DoesNotContain(server.Log, static line => line.GetProperty("level").GetString() == "error");
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_the_start_is_a_clean_end()
    {
        var settings = new EdgeSettings { Port = 0, LogLevel = Microsoft.Extensions.Logging.LogLevel.None };
        await using var app = EdgeHost.Build(settings, TimeProvider.System);
        app.Lifetime.StopApplication();
        Assert.Equal(EdgeCommand.Success, await EdgeHost.Run(app, settings, TimeProvider.System, startedAt: 0));
    }
}
