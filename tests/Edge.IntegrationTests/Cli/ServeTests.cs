using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Edge.Data;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Cli;

public sealed class ServeTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_database_it_starts_says_so_and_serves_health()
    {
        await using var server = await EdgeServer.StartReady([], Cancelled);
        Assert.Contains("DATABASE_URL is not set", server.Log.First().GetProperty("message").GetString());
        Assert.Equal((HttpStatusCode.OK, "degraded"), await server.Health("/health", Cancelled));
        Assert.Equal((HttpStatusCode.OK, "degraded"), await server.Health("/health/ready", Cancelled));
        Assert.Equal(HttpStatusCode.OK, await server.Status("/openapi.json", Cancelled));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await server.Status("/api/products/1", Cancelled));
        Assert.Equal(HttpStatusCode.BadRequest, await server.Status("/api/products/x", Cancelled));
    }

    [Fact]
    public async Task Without_modules_it_needs_no_database_to_be_healthy()
    {
        await using var server = await EdgeServer.StartReady(new() { ["EDGE_MODULES"] = "none" }, Cancelled);
        Assert.Equal((HttpStatusCode.OK, "healthy"), await server.Health("/health", Cancelled));
        Assert.Equal(HttpStatusCode.NotFound, await server.Status("/api/products", Cancelled));
    }

    [Fact]
    public async Task Limits_in_appsettings_change_without_a_restart_and_stay_where_a_change_is_wrong()
    {
        await using var server = await EdgeServer.Start([], Cancelled, """{ "EDGE_LIMIT_PUBLIC": "5/h" }""");
        Assert.Equal("\"public\";q=5;w=3600", await Policy());
        server.ChangeSettings("""{ "EDGE_LIMIT_PUBLIC": "50/h" }""");
        await server.Event("LimitsChanged", Cancelled);
        Assert.Equal("\"public\";q=50;w=3600", await Policy());
        server.ChangeSettings("""{ "EDGE_LIMIT_PUBLIC": "many" }""");
        Assert.Contains("EDGE_LIMIT_PUBLIC is 'many'", (await server.Event("SettingsWrong", Cancelled)).GetProperty("message").GetString());
        Assert.Equal("\"public\";q=50;w=3600", await Policy());

        async Task<string> Policy()
        {
            using var answer = await server.Http.GetAsync(new Uri("/api/products/1", UriKind.Relative), Cancelled);
            return answer.Headers.GetValues("RateLimit-Policy").Single();
        }
    }

    [Fact]
    public async Task Only_the_modules_asked_for_are_served()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await using var server = await EdgeServer.StartReady(
            new() { ["DATABASE_URL"] = database.Url, ["EDGE_MODULES"] = "users" }, Cancelled);
        Assert.Equal(HttpStatusCode.OK, await server.Status("/api/users", Cancelled));
        Assert.Equal(HttpStatusCode.NotFound, await server.Status("/api/products", Cancelled));
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task It_migrates_first_where_told_to_and_still_ends_cleanly(PosixSignal signal)
    {
        var database = await SmallDatabase.Empty(Cancelled);
        await using var server = await EdgeServer.StartReady(new() { ["DATABASE_URL"] = database.Url, ["EDGE_MIGRATE"] = "1" }, Cancelled);
        using var answer = await server.Http.GetAsync(new Uri("/api/products", UriKind.Relative), Cancelled);
        Assert.Equal("""{"items":[],"nextCursor":null}""", await answer.Content.ReadAsStringAsync(Cancelled));

        await server.Drain(signal, Cancelled);
        Assert.Equal(0, (await server.End(Cancelled)).ExitCode);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task It_ends_cleanly_while_it_still_waits_to_migrate(PosixSignal signal)
    {
        var database = await SmallDatabase.Empty(Cancelled);
        await using var turn = await database.Connect(Cancelled);
        await using (var command = new NpgsqlCommand("select pg_advisory_lock($1)", turn) { Parameters = { new() { Value = Migrator.AdvisoryLock } } })
            await command.ExecuteNonQueryAsync(Cancelled);
        await using var server = EdgeRun.Start([], new() { ["DATABASE_URL"] = database.Url, ["EDGE_MIGRATE"] = "1", ["PORT"] = "0" });
        await Poll.Until(
            async token => await database.Scalar<long>("select count(*) from pg_stat_activity where application_name = 'edge' and datname = current_database()", token) > 0,
            "it has asked for its turn", Cancelled);
        server.Send(signal);
        var ended = await server.End(Cancelled);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Output));
        Assert.EndsWith("edge: interrupted\n", ended.Errors);
    }

    [Fact]
    public async Task It_does_not_serve_what_it_could_not_migrate()
    {
        var ended = await EdgeRun.Of(
            [], new() { ["DATABASE_URL"] = "postgres://ann:hunter2@127.0.0.1:1/shop", ["EDGE_MIGRATE"] = "1", ["PORT"] = "0" });
        Assert.Equal((1, ""), (ended.ExitCode, ended.Output));
        Assert.Contains("no connection to the database", ended.Errors);
    }

    [Fact]
    public async Task A_taken_port_is_told_with_the_setting_to_change()
    {
        using var listener = new TcpListener(IPAddress.IPv6Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var ended = await EdgeRun.Of(["serve"], new() { ["PORT"] = port });
        Assert.Equal((1, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(port, ended.Errors);
        Assert.EndsWith("Set PORT to a free one.\n", ended.Errors);
        Assert.DoesNotContain("   at ", ended.Errors);
    }

    [Fact]
    public async Task Operators_routes_are_there_only_with_the_token()
    {
        const string token = "0123456789abcdef0123456789abcdef";
        await using var server = await EdgeServer.StartReady(new() { ["ADMIN_TOKEN"] = token }, Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, await server.Status("/health/detailed", Cancelled));
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var answer = await server.Http.GetAsync(new Uri("/health/detailed", UriKind.Relative), Cancelled);
        var detailed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement;
        Assert.Equal("not configured", detailed.GetProperty("dependencies")[0].GetProperty("status").GetString());
        Assert.Equal(
            Environment.GetEnvironmentVariable("EDGE_NATIVE_BINARY") is not null,
            detailed.GetProperty("build").GetProperty("isNative").GetBoolean());
    }
}
