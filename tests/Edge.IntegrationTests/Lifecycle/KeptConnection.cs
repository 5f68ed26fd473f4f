using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Edge.IntegrationTests.Lifecycle;

/// <summary>
/// One connection that is used again and again, as a balancer does. HttpClient would hide what is tested here: it sends a request once
/// more when a kept connection turns out to be closed.
/// </summary>
sealed class KeptConnection : IDisposable
{
    readonly TcpClient _client = new();
    readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>The server said that this was the last answer on this connection.</summary>
    public bool IsLast { get; private set; }

    public static async Task<KeptConnection> Open(int port, CancellationToken cancelled)
    {
        var connection = new KeptConnection();
        await connection._client.ConnectAsync("127.0.0.1", port, cancelled);
        return connection;
    }

    /// <summary>Sends a GET and returns the status of its answer.</summary>
    /// <exception cref="IOException">The connection broke, or ended within the answer.</exception>
    public async Task<int> Get(string path, CancellationToken cancelled)
    {
        var stream = _client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: edge\r\n\r\n"), cancelled);
        var (count, headersEnd) = (0, -1);
        while (headersEnd < 0)
        {
            count += await Read(stream, count, cancelled);
            headersEnd = _buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8);
        }
        var headers = Encoding.ASCII.GetString(_buffer, 0, headersEnd).Split("\r\n");
        var end = headersEnd + 4 + int.Parse(Value(headers, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
        while (count < end)
            count += await Read(stream, count, cancelled);
        Assert.Equal(end, count);
        IsLast = Value(headers, "Connection") == "close";
        return int.Parse(headers[0].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public void Dispose() => _client.Dispose();

    async Task<int> Read(NetworkStream stream, int count, CancellationToken cancelled) =>
        await stream.ReadAsync(_buffer.AsMemory(count), cancelled) is > 0 and var read
            ? read
            : throw new IOException("The connection ended without a whole answer.");

    static string? Value(string[] headers, string name) =>
        Array.Find(headers, header => header.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];
}
