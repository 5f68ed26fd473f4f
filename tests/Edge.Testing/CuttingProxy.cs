using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Edge.Testing;

/// <summary>
/// A TCP proxy on loopback that breaks the link the way networks do. It starts by passing everything on.
/// What a mode means for connections that are open, and for new ones:
/// <list type="table">
/// <item><term><see cref="Pass"/></term><description>bytes go through; what a stall held back comes now.</description></item>
/// <item><term><see cref="Delay"/></term><description>each chunk waits in each direction before it goes on.</description></item>
/// <item><term><see cref="Stall"/></term><description>nothing moves, nothing closes: a cable pulled. New ones are accepted and hang.</description></item>
/// <item><term><see cref="Cut"/></term><description>open ones are reset once; new ones are served as before.</description></item>
/// <item><term><see cref="Refuse"/></term><description>open ones are reset, new ones are refused, until any other mode.</description></item>
/// </list>
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    const int ChunkBytes = 16 * 1024;

    readonly IPEndPoint target;
    readonly CancellationTokenSource stopped = new();
    readonly ConcurrentDictionary<Link, Task> links = new();
    readonly Lock gate = new();
    // Bound for as long as the proxy is there, and never listening: who connects while the port is refused is refused, and the kernel gives it to nobody else.
    // Without it some connection of another test had it before it was opened again.
    readonly Socket held = Bound(0);
    Socket? listener;
    Task accepting = Task.CompletedTask;
    TaskCompletionSource flowing = Completed();
    TimeSpan delay;

    CuttingProxy(int targetPort)
    {
        target = new IPEndPoint(IPAddress.Loopback, targetPort);
        Port = ((IPEndPoint)held.LocalEndPoint!).Port;
        Listen();
    }

    /// <summary>The port on 127.0.0.1 to connect to instead of the target's.</summary>
    public int Port { get; }

    /// <summary>Links that are open now.</summary>
    public int Connections => links.Count;

    public static CuttingProxy Start(int targetPort) => new(targetPort);

    public void Pass() => Delay(TimeSpan.Zero);

    public void Delay(TimeSpan perChunk)
    {
        lock (gate)
        {
            delay = perChunk;
            if (listener is null)
                Listen();
            flowing.TrySetResult();
        }
    }

    public void Stall()
    {
        lock (gate)
        {
            if (listener is null)
                Listen();
            if (flowing.Task.IsCompleted)
                flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Returns when all links are down.</summary>
    public async Task Cut()
    {
        foreach (var (link, ended) in links)
        {
            link.Reset();
            await ended;
        }
    }

    /// <summary>Returns when all links are down and the port is closed.</summary>
    public async Task Refuse()
    {
        Task accepted;
        lock (gate)
        {
            // Not by its end alone: a process that some test starts just now holds a copy of the socket until its program runs, and a copy would listen on.
            // This ends it for all copies.
            listener?.Shutdown(SocketShutdown.Both);
            listener?.Dispose();
            listener = null;
            accepted = accepting;
        }

        await accepted;
        await Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        await Refuse();
        held.Dispose();
        stopped.Dispose();
    }

    static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    static Socket Bound(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    void Listen()
    {
        listener = Bound(Port);
        listener.Listen();
        accepting = Accept(listener);
    }

    async Task Accept(Socket from)
    {
        try
        {
            while (true)
            {
                var link = new Link(await from.AcceptAsync(stopped.Token));
                // Entered before it runs, so that a cut cannot miss it.
                var ended = new TaskCompletionSource();
                links[link] = ended.Task;
                _ = Run(link, ended);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The port was closed: refused or disposed.
        }
    }

    async Task Run(Link link, TaskCompletionSource ended)
    {
        try
        {
            await Flow(link);
            await link.Server.ConnectAsync(target, link.Token);
            await Task.WhenAll(Pump(link.Client, link.Server, link), Pump(link.Server, link.Client, link));
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either end is gone, or the link was cut. Both ends learn it the same way.
        }

        link.Reset();
        links.TryRemove(link, out _);
        ended.SetResult();
    }

    async Task Pump(Socket from, Socket to, Link link)
    {
        var buffer = new byte[ChunkBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, link.Token) is var count and > 0)
            {
                await Flow(link);
                await Wait(link);
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), link.Token);
            }

            await Flow(link);
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            link.Reset();
            throw;
        }
    }

    async ValueTask Wait(Link link)
    {
        if (delay == TimeSpan.Zero)
            return;
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(delay);
        await timer.WaitForNextTickAsync(link.Token);
        // A timer goes by whole milliseconds of another clock, and may be early by one.
        timer.Period = TimeSpan.FromMilliseconds(1);
        while (Stopwatch.GetElapsedTime(began) < delay)
            await timer.WaitForNextTickAsync(link.Token);
    }

    Task Flow(Link link) => flowing.Task.WaitAsync(link.Token);

    sealed class Link(Socket client)
    {
        readonly CancellationTokenSource cut = new();

        public Socket Client => client;

        public Socket Server { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public CancellationToken Token => cut.Token;

        /// <summary>Closes both ends with RST. Without linger a close would be a polite FIN.</summary>
        public void Reset()
        {
            cut.Cancel();
            Close(Client);
            Close(Server);
        }

        static void Close(Socket socket)
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // Closed already.
            }

            socket.Dispose();
        }
    }
}
