using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Edge.Features.Accounts;
using Edge.IntegrationTests.Cli;
using Edge.Testing;

namespace Edge.IntegrationTests.Lifecycle;

public sealed class DrainTests
{
    const int InFlight = 15;
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static async Task<(EdgeServer Server, SmallDatabase Database)> Start(string delaySeconds, string timeoutSeconds)
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var settings = new Dictionary<string, string>(EdgeProcess.WideLimits)
        {
            ["DATABASE_URL"] = database.Url,
            ["DB_COMMAND_TIMEOUT"] = "300",
            ["EDGE_SHUTDOWN_DELAY_SECONDS"] = delaySeconds,
            ["EDGE_SHUTDOWN_TIMEOUT_SECONDS"] = timeoutSeconds,
        };
        return (await EdgeServer.StartReady(settings, Cancelled), database);
    }

    static async ValueTask<bool> Accepts(int port, CancellationToken cancelled)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancelled);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task Requests_in_flight_are_answered_after_the_port_is_closed(PosixSignal signal)
    {
        var (server, database) = await Start(delaySeconds: "0", timeoutSeconds: "300");
        await using var ends = server;
        await using var requests = await RequestsInFlight.Start(server, database, InFlight, Cancelled);

        await server.Drain(signal, Cancelled);
        await Poll.Until(async token => !await Accepts(server.Port, token), "the port is closed", Cancelled);
        Assert.DoesNotContain(requests.Answers, static answer => answer.IsCompleted);

        await requests.Finish(Cancelled);
        Assert.All(await Task.WhenAll(requests.Answers), static answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal((0, ""), await ExitCodeAndErrors(server));
    }

    [Fact]
    public async Task An_order_and_an_export_in_flight_are_finished_too()
    {
        var (server, database) = await Start(delaySeconds: "0", timeoutSeconds: "300");
        await using var ends = server;
        var (token, hash) = SessionStore.NewToken();
        var admin = await database.Scalar<long>(
            $"""
            with admin as (update users set role = 'admin' where id = 1 returning id)
            insert into sessions (token_hash, user_id, expires_at) select decode('{Convert.ToHexString(hash)}', 'hex'), id, now() + interval '30 days' from admin returning user_id
            """, Cancelled);
        var before = await database.Scalar<long>($"select count(*) from orders where user_id = {admin}", Cancelled);
        await using var requests = await RequestsInFlight.Start(
            server, database, "orders",
            [
                Request(token, HttpMethod.Post, "/api/orders", """{ "items": [{ "productId": 1, "quantity": 1 }], "shippingAddress": "Somewhere 1" }"""),
                Request(token, HttpMethod.Get, "/api/export/orders/stream", body: null),
            ], Cancelled);

        await server.Drain(PosixSignal.SIGTERM, Cancelled);
        await Poll.Until(async cancelled => !await Accepts(server.Port, cancelled), "the port is closed", Cancelled);
        await requests.Finish(Cancelled);

        var (order, export) = (await requests.Answers[0], await requests.Answers[1]);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (order.StatusCode, export.StatusCode));
        Assert.Contains("\"complete\":true", (await export.Content.ReadAsStringAsync(Cancelled)).TrimEnd().Split('\n')[^1]);
        Assert.Equal((0, ""), await ExitCodeAndErrors(server));
        Assert.Equal(before + 1, await database.Scalar<long>($"select count(*) from orders where user_id = {admin}", Cancelled));

        static HttpRequestMessage Request(string token, HttpMethod method, string path, string? body)
        {
            var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            request.Headers.Authorization = new("Bearer", token);
            request.Headers.Add("Idempotency-Key", "the-only-one");
            if (body is not null)
                request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            return request;
        }
    }

    [Fact]
    public async Task During_the_delay_everything_is_answered_but_readiness_says_go_elsewhere()
    {
        var (server, database) = await Start(delaySeconds: "300", timeoutSeconds: "300");
        await using var ends = server;
        await using var requests = await RequestsInFlight.Start(server, database, InFlight, Cancelled);

        await server.Drain(PosixSignal.SIGTERM, Cancelled);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining"), await server.Health("/health/ready", Cancelled));
        foreach (var path in (string[])["/health", "/health/live", "/api/users", "/nowhere"])
        {
            using var answer = await server.Http.GetAsync(new Uri(path, UriKind.Relative), Cancelled);
            Assert.Equal(path == "/nowhere" ? HttpStatusCode.NotFound : HttpStatusCode.OK, answer.StatusCode);
            Assert.True(answer.Headers.ConnectionClose, $"{path} keeps its connection");
        }
        await requests.Finish(Cancelled);
        Assert.All(await Task.WhenAll(requests.Answers), static answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    [Fact]
    public async Task A_request_that_outlives_the_timeout_is_cut_and_the_exit_is_clean()
    {
        var (server, database) = await Start(delaySeconds: "0", timeoutSeconds: "1");
        await using var ends = server;
        await using var requests = await RequestsInFlight.Start(server, database, InFlight, Cancelled);

        server.Send(PosixSignal.SIGTERM);
        Assert.Equal((0, ""), await ExitCodeAndErrors(server));
        foreach (var answer in requests.Answers)
            await IsCut(answer);
        Assert.DoesNotContain(server.Log, static line => line.GetProperty("level").GetString() == "error");
    }

    [Fact]
    public async Task Even_a_database_that_went_silent_does_not_keep_it_from_ending()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await using var proxy = CuttingProxy.Start(new Uri(database.Url).Port);
        var settings = new Dictionary<string, string>
        {
            ["DATABASE_URL"] = database.UrlAt(proxy.Port),
            ["DB_COMMAND_TIMEOUT"] = "300",
            ["EDGE_SHUTDOWN_TIMEOUT_SECONDS"] = "1",
        };
        await using var server = await EdgeServer.StartReady(settings, Cancelled);
        await using var requests = await RequestsInFlight.Start(server, database, InFlight, Cancelled);

        proxy.Stall();
        server.Send(PosixSignal.SIGTERM);
        Assert.Equal((0, ""), await ExitCodeAndErrors(server));
        foreach (var answer in requests.Answers)
            await IsCut(answer);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGINT, 130)]
    [InlineData(PosixSignal.SIGINT, PosixSignal.SIGINT, 130)]
    public async Task A_second_signal_ends_it_at_once(PosixSignal first, PosixSignal second, int exitCode)
    {
        var (server, database) = await Start(delaySeconds: "300", timeoutSeconds: "300");
        await using var ends = server;
        await using var requests = await RequestsInFlight.Start(server, database, InFlight, Cancelled);

        await server.Drain(first, Cancelled);
        server.Send(second);
        Assert.Equal((exitCode, ""), await ExitCodeAndErrors(server));
        foreach (var answer in requests.Answers)
            await IsCut(answer);
    }

    [Fact]
    public async Task Kept_connections_under_load_lose_no_request()
    {
        const int clients = 8;
        const int beforeSignal = 40;
        const int lateConnections = 10;
        var (server, _) = await Start(delaySeconds: "5", timeoutSeconds: "300");
        await using var ends = server;
        var warm = new CountdownEvent(clients);
        var allWarm = new TaskCompletionSource();

        async Task<int> Load(int client)
        {
            var requests = 0;
            // A balancer that has not heard yet opens new connections for a while; told to close each, it goes.
            for (var late = 0; late <= lateConnections; late++)
            {
                using var connection = await KeptConnection.Open(server.Port, Cancelled);
                while (!connection.IsLast)
                {
                    Assert.Equal(200, await connection.Get($"/api/products/{(client * 7 + requests) % 200 + 1}", Cancelled));
                    if (++requests == beforeSignal && warm.Signal())
                        allWarm.SetResult();
                }
            }
            return requests;
        }

        var load = Enumerable.Range(0, clients).Select(Load).ToArray();
        await await Task.WhenAny(allWarm.Task, Task.WhenAll(load));
        server.Send(PosixSignal.SIGTERM);
        var counts = await Task.WhenAll(load);
        Assert.All(counts, static count => Assert.True(count > beforeSignal + lateConnections));
        Assert.Equal((0, ""), await ExitCodeAndErrors(server));
    }

    [Fact]
    public async Task An_idle_kept_connection_does_not_hold_up_the_end()
    {
        var (server, _) = await Start(delaySeconds: "0", timeoutSeconds: "300");
        await using var ends = server;
        using var idle = await KeptConnection.Open(server.Port, Cancelled);
        Assert.Equal(200, await idle.Get("/health", Cancelled));
        server.Send(PosixSignal.SIGTERM);
        Assert.Equal((0, ""), await ExitCodeAndErrors(server));
    }

    /// <summary>
    /// The library repeats a request whose connection had served another before. Where the server ends while it connects anew, it lets the socket's own
    /// failure through.
    /// </summary>
    static async Task IsCut(Task<HttpResponseMessage> answer)
    {
        var failure = await Record.ExceptionAsync(() => answer);
        Assert.True(failure is HttpRequestException or SocketException, failure?.ToString() ?? "answered");
    }

    static async Task<(int ExitCode, string Errors)> ExitCodeAndErrors(EdgeServer server)
    {
        var ended = await server.End(Cancelled).WaitAsync(Soon, Cancelled);
        return (ended.ExitCode, ended.Errors);
    }
}
