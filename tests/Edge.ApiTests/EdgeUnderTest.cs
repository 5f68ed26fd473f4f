using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Edge.ApiTests;

/// <summary>A running instance that facts talk to over its socket, whichever way it runs.</summary>
/// <param name="log">Its log lines so far; null where they cannot be told from this process's own.</param>
internal sealed class EdgeUnderTest(int port, IReadOnlyCollection<string>? log, Func<ValueTask> stop) : IAsyncDisposable
{
    /// <summary>Opens the operators' routes of an instance that is started with it.</summary>
    public const string AdminToken = "the operators' token of the tests";

    readonly Lock _lock = new();
    Task<ApiDescription>? _description;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
    };

    public IReadOnlyCollection<string>? Log => log;

    /// <summary>What it says of itself in /openapi.json, asked once.</summary>
    public Task<ApiDescription> Description
    {
        get
        {
            lock (_lock)
                return _description ??= ApiDescription.Read(Http);
        }
    }

    /// <param name="receiveBytes">What the system may receive ahead of us; 0: as it likes, which is megabytes.</param>
    public async Task<RawConnection> Connect(CancellationToken cancelled, int receiveBytes = 0)
    {
        var client = new TcpClient { NoDelay = true };
        if (receiveBytes > 0)
            client.ReceiveBufferSize = receiveBytes;
        await client.ConnectAsync("127.0.0.1", port, cancelled);
        return new(client);
    }

    /// <summary>Sends bytes that no HTTP library would, and returns everything that comes back until the connection ends.</summary>
    public async Task<string> Raw(string request, CancellationToken cancelled)
    {
        using var connection = await Connect(cancelled);
        await connection.Send(request, cancelled);
        return await connection.ReadToEnd(cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await stop();
    }
}

/// <summary>A connection without an HTTP library. Text is Latin-1 in both directions: one character, one byte.</summary>
internal sealed class RawConnection(TcpClient client) : IDisposable
{
    // Asked for now: a client whose peer has hung up has none any more, though there is something left to read.
    readonly NetworkStream _stream = client.GetStream();

    public async Task Send(string request, CancellationToken cancelled)
    {
        try
        {
            await _stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancelled);
        }
        catch (IOException)
        {
            // The server has had enough of it and hung up; what it said before is still to be read.
        }
    }

    /// <summary>Whether the server ended the connection by a reset.</summary>
    public bool WasReset { get; private set; }

    /// <summary>The beginning of the answer, as much of it as comes at once.</summary>
    public async Task<string> ReadBeginning(CancellationToken cancelled)
    {
        var bytes = new byte[1024];
        return Encoding.Latin1.GetString(bytes, 0, await _stream.ReadAsync(bytes, cancelled));
    }

    /// <summary>Everything until the server ends the connection, cleanly or not.</summary>
    public async Task<string> ReadToEnd(CancellationToken cancelled)
    {
        using var answer = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(answer, cancelled);
        }
        catch (IOException)
        {
            // A reset after the answer: the server did not read all that was sent. Or one amid it.
            WasReset = true;
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending()
    {
        try
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server was first.
        }
    }

    public void Dispose() => client.Dispose();
}
