using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Edge.Testing;

namespace Edge.IntegrationTests.Cli;

public sealed class HealthCheckTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static Task<Ended> Check(int port) => EdgeRun.Of(["healthcheck"], new() { ["PORT"] = port.ToString(CultureInfo.InvariantCulture) });

    [Fact]
    public async Task It_follows_an_instance_from_ready_over_draining_to_gone()
    {
        await using var server = await EdgeServer.StartReady(new() { ["EDGE_SHUTDOWN_DELAY_SECONDS"] = "300" }, Cancelled);
        Assert.Equal(new(0, "HTTP 200\n", ""), await Check(server.Port));

        await server.Drain(PosixSignal.SIGTERM, Cancelled);
        Assert.Equal(new(1, "HTTP 503\n", ""), await Check(server.Port));

        server.Send(PosixSignal.SIGTERM);
        await server.End(Cancelled);
        var gone = await Check(server.Port);
        Assert.Equal((1, ""), (gone.ExitCode, gone.Output));
        Assert.StartsWith($"edge: nothing ready on port {server.Port}: ", gone.Errors);
    }

    [Fact]
    public async Task A_server_of_another_kind_is_not_ready()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var check = Check(((IPEndPoint)listener.LocalEndpoint).Port);
        using (var client = await listener.AcceptTcpClientAsync(Cancelled))
            await client.GetStream().WriteAsync("220 mail.example ESMTP\r\n"u8.ToArray(), Cancelled);
        listener.Stop();
        Assert.Equal(1, (await check).ExitCode);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_on()
    {
        await using var proxy = CuttingProxy.Start(1);
        proxy.Stall();
        var ended = await Check(proxy.Port);
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("no answer within 3 s", ended.Errors);
    }
}
