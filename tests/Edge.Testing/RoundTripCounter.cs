using System.Net;
using System.Net.Sockets;

namespace Edge.Testing;

/// <summary>
/// A TCP proxy in front of a Postgres that counts round trips: how often a client speaks after the server has spoken, which is what a request
/// waits for. A batch is one, however many statements it holds, and BEGIN travels with the statement after it. (Npgsql's own metrics count
/// commands: they leave out COMMIT.) Not counted is what it takes to open a connection.
/// </summary>
public sealed class RoundTripCounter : IAsyncDisposable
{
    const int ChunkBytes = 16 * 1024;

    /// <summary>ReadyForQuery, idle: the end of what opens a connection.</summary>
    static readonly byte[] Ready = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];

    readonly IPEndPoint target;
    readonly CancellationTokenSource stopped = new();
    readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    readonly List<Task> links = [];
    readonly Task accepting;
    long count;

    RoundTripCounter(int targetPort)
    {
        target = new IPEndPoint(IPAddress.Loopback, targetPort);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        accepting = Accept();
    }

    /// <summary>The port on 127.0.0.1 to connect to instead of the server's.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    /// <summary>Round trips so far, over all connections.</summary>
    public long Count => Interlocked.Read(ref count);

    public static RoundTripCounter Start(int targetPort) => new(targetPort);

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        await accepting;
        listener.Dispose();
        await Task.WhenAll(links);
        stopped.Dispose();
    }

    async Task Accept()
    {
        try
        {
            while (true)
                links.Add(Serve(await listener.AcceptAsync(stopped.Token)));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    async Task Serve(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        var turn = new Turn();
        try
        {
            await server.ConnectAsync(target, stopped.Token);
            await Task.WhenAny(Pump(client, server, chunk => Asked(turn)), Pump(server, client, chunk => turn.Answered(chunk.Span)));
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException)
        {
            // One end is gone: so is the other.
        }
        client.Dispose();
    }

    void Asked(Turn turn)
    {
        if (turn.Asked())
            Interlocked.Increment(ref count);
    }

    async Task Pump(Socket from, Socket to, Action<ReadOnlyMemory<byte>> seen)
    {
        var buffer = new byte[ChunkBytes];
        while (await from.ReceiveAsync(buffer, stopped.Token) is var length and > 0)
        {
            // Before it goes on: whoever gets it may answer at once.
            seen(buffer.AsMemory(0, length));
            for (var sent = 0; sent < length;)
                sent += await to.SendAsync(buffer.AsMemory(sent, length - sent), stopped.Token);
        }
    }

    /// <summary>Whose turn it is on one connection.</summary>
    sealed class Turn
    {
        readonly Lock gate = new();
        bool isOpen;
        bool hasAnswered;

        /// <summary>True where this begins a round trip.</summary>
        public bool Asked()
        {
            lock (gate)
                return (isOpen, hasAnswered, hasAnswered = false) is (true, true, _);
        }

        public void Answered(ReadOnlySpan<byte> chunk)
        {
            lock (gate)
            {
                isOpen |= chunk.EndsWith(Ready);
                hasAnswered = true;
            }
        }
    }
}
