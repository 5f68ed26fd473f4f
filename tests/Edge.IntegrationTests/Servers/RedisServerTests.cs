using System.Net.Sockets;
using System.Text;
using Edge.Testing;

namespace Edge.IntegrationTests.Servers;

public sealed class RedisServerTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_server_refuses_and_a_restarted_one_is_empty_on_the_same_port()
    {
        await using var server = await RedisServer.Start(Cancel);
        Assert.Equal("+OK", await Command(server, "SET word kept"));
        var url = server.Url;

        await server.Kill(Cancel);
        // Refused; or reset, by a test beside this one that got the port meanwhile.
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => Command(server, "PING"));
        Assert.True(failure is SocketException or IOException, failure.ToString());

        await server.Restart(Cancel);
        Assert.Equal(url, server.Url);
        Assert.Equal("$-1", await Command(server, "GET word"));
    }

    [Fact]
    public async Task A_paused_server_answers_only_after_it_is_resumed()
    {
        await using var server = await RedisServer.Start(Cancel);

        server.Pause();
        var late = Command(server, "PING");
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        impatience.CancelAfter(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late.WaitAsync(impatience.Token));

        server.Resume();
        Assert.Equal("+PONG", await late);
    }

    [Fact]
    public async Task The_shared_server_is_one_server()
    {
        var first = await SharedServers.Redis(Cancel);
        var second = await SharedServers.Redis(Cancel);

        Assert.Equal(first.Url, second.Url);
        Assert.Equal("+PONG", await Command(first, "PING"));
    }

    static async Task<string?> Command(RedisServer server, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Port, Cancel);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), Cancel);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync(Cancel);
    }
}
