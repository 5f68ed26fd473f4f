using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Testing;

namespace Edge.IntegrationTests.Servers;

public sealed class CuttingProxyTests : IAsyncLifetime
{
    static readonly TimeSpan ADelay = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(100);

    readonly TcpListener echo = new(IPAddress.Loopback, 0);
    CuttingProxy proxy = null!;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        echo.Start();
        _ = Echo();
        proxy = CuttingProxy.Start(((IPEndPoint)echo.LocalEndpoint).Port);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        echo.Dispose();
    }

    [Fact]
    public async Task Bytes_pass_in_both_directions()
    {
        using var client = await Connect();

        Assert.Equal(7, await RoundTrip(client, 7));
        Assert.Equal(1, proxy.Connections);
    }

    [Fact]
    public async Task A_client_that_closes_ends_its_link()
    {
        using (var client = await Connect())
            await RoundTrip(client, 7);

        await Poll.Until(() => proxy.Connections == 0, "the link is gone", Cancel);
    }

    [Fact]
    public async Task A_delay_holds_up_each_chunk_in_each_direction()
    {
        using var client = await Connect();
        await RoundTrip(client, 1);

        proxy.Delay(ADelay);
        var began = Stopwatch.GetTimestamp();
        Assert.Equal(2, await RoundTrip(client, 2));

        Assert.True(Stopwatch.GetElapsedTime(began) >= 2 * ADelay);
    }

    [Fact]
    public async Task A_stall_holds_bytes_back_until_the_link_passes_again()
    {
        using var client = await Connect();
        await RoundTrip(client, 1);

        proxy.Stall();
        var late = RoundTrip(client, 2);
        await AssertHangs(late);

        proxy.Pass();
        Assert.Equal(2, await late);
    }

    [Fact]
    public async Task A_stalled_link_accepts_and_then_hangs()
    {
        proxy.Stall();
        using var client = await Connect();
        var late = RoundTrip(client, 3);
        await AssertHangs(late);

        proxy.Pass();
        Assert.Equal(3, await late);
    }

    [Fact]
    public async Task A_cut_resets_what_is_open_and_serves_what_comes()
    {
        using var before = await Connect();
        await RoundTrip(before, 1);

        await proxy.Cut();

        var reset = await Assert.ThrowsAsync<SocketException>(() => RoundTrip(before, 2));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        using var after = await Connect();
        Assert.Equal(3, await RoundTrip(after, 3));
    }

    [Fact]
    public async Task A_stalled_link_can_be_cut()
    {
        using var client = await Connect();
        await RoundTrip(client, 1);
        proxy.Stall();
        var lost = RoundTrip(client, 2);
        await AssertHangs(lost);

        await proxy.Cut();

        await Assert.ThrowsAsync<SocketException>(() => lost);
    }

    [Fact]
    public async Task A_refusal_lasts_until_the_link_passes_again()
    {
        using var before = await Connect();
        await RoundTrip(before, 1);

        await proxy.Refuse();

        await Assert.ThrowsAsync<SocketException>(() => RoundTrip(before, 2));
        var refusal = await Assert.ThrowsAsync<SocketException>(Connect);
        Assert.Equal(SocketError.ConnectionRefused, refusal.SocketErrorCode);

        proxy.Pass();
        using var after = await Connect();
        Assert.Equal(3, await RoundTrip(after, 3));
    }

    [Fact]
    public async Task A_target_that_is_down_resets_the_client()
    {
        echo.Stop();

        // The reset may come before the client has seen its own connect succeed.
        var reset = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await Connect();
            await RoundTrip(client, 1);
        });
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }

    static async Task AssertHangs(Task task)
    {
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        impatience.CancelAfter(Impatience);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.WaitAsync(impatience.Token));
    }

    async Task<Socket> Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port, Cancel);
        return socket;
    }

    static async Task<byte> RoundTrip(Socket socket, byte value)
    {
        await socket.SendAsync(new[] { value }, Cancel);
        var answer = new byte[1];
        var count = await socket.ReceiveAsync(answer, Cancel);
        return count == 1 ? answer[0] : throw new EndOfStreamException("The link ended politely.");
    }

    async Task Echo()
    {
        try
        {
            while (true)
                _ = Echo(await echo.AcceptSocketAsync(Cancel));
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over, or wants the target down.
        }
    }

    static async Task Echo(Socket socket)
    {
        using var owned = socket;
        var buffer = new byte[1];
        try
        {
            while (await socket.ReceiveAsync(buffer, Cancel) > 0)
                await socket.SendAsync(buffer, Cancel);
        }
        catch (SocketException)
        {
            // Reset, which is what the proxy is for.
        }
    }
}
