using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Edge.Telemetry;

/// <summary>
/// Hands batches to a collector: a POST each, over a connection of its own, HTTP/1.1, with TLS where the address says https.
/// <para>
/// In place of the framework's client, which with HTTP/2, HTTP/3, proxies and authentication takes 1.4 MB of the binary, while a batch leaves
/// every few seconds, from a thread that may wait. Of the answer status and Retry-After are read, nobody asks for more. Proxies are not asked
/// (HTTPS_PROXY): collectors stand beside what they collect from.
/// </para>
/// </summary>
/// <param name="log">Learns why a batch was not taken: what exports it swallows that.</param>
internal sealed class OtlpHandler(CollectorLog log) : HttpMessageHandler
{
    const int MaxHeadBytes = 16 * 1024;

    static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var to = request.RequestUri!;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // A socket's synchronous calls know no token: closing it ends whatever waits. Only the lookup of a name cannot be ended.
        using var ends = cancellationToken.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
        try
        {
            socket.Connect(to.IdnHost, to.Port);
            using var connection = new NetworkStream(socket);
            using var secured = to.Scheme == Uri.UriSchemeHttps ? new SslStream(connection) : null;
            secured?.AuthenticateAsClient(to.IdnHost);
            var response = Exchange(secured ?? (Stream)connection, request, cancellationToken);
            if (!response.IsSuccessStatusCode)
                log.Reason = string.Create(CultureInfo.InvariantCulture, $"it answers {(int)response.StatusCode}");
            return response;
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            log.Reason = cancellationToken.IsCancellationRequested ? "no answer in time" : failure.Message;
            cancellationToken.ThrowIfCancellationRequested();
            throw new HttpRequestException(failure.Message, failure);
        }
    }

    /// <summary>Only gRPC asks this way.</summary>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new NotSupportedException();

    static HttpResponseMessage Exchange(Stream connection, HttpRequestMessage request, CancellationToken cancelled)
    {
        var body = new MemoryStream();
        request.Content!.CopyTo(body, context: null, cancelled);
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"POST {request.RequestUri!.PathAndQuery} HTTP/1.1\r\nHost: {request.RequestUri.Authority}\r\n");
        foreach (var (name, values) in request.Headers.NonValidated.Concat(request.Content.Headers.NonValidated))
            head.Append(CultureInfo.InvariantCulture, $"{name}: {values}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n");

        connection.Write(Encoding.Latin1.GetBytes(head.ToString()));
        connection.Write(body.GetBuffer().AsSpan(0, (int)body.Length));
        connection.Flush();
        return ResponseOf(ReadHead(connection));
    }

    static string ReadHead(Stream connection)
    {
        var buffer = new byte[MaxHeadBytes];
        for (var count = 0; count < buffer.Length;)
        {
            if (connection.Read(buffer, count, buffer.Length - count) is not (var read and > 0))
                throw new IOException("The collector closed the connection without an answer.");
            count += read;
            if (buffer.AsSpan(0, count).IndexOf(HeadEnd) is var end and >= 0)
                return Encoding.Latin1.GetString(buffer, 0, end);
        }
        throw new IOException("The collector's answer does not begin like one of HTTP.");
    }

    static HttpResponseMessage ResponseOf(string head)
    {
        var lines = head.Split("\r\n");
        if (lines[0] is not { Length: >= 12 } line || !line.StartsWith("HTTP/1.", StringComparison.Ordinal)
            || !int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status < 200)
            throw new IOException("The collector does not speak HTTP/1.1. (Ports of gRPC, as 4317, do not.)");
        var response = new HttpResponseMessage((HttpStatusCode)status);
        foreach (var header in lines)
            if (header.StartsWith("Retry-After:", StringComparison.OrdinalIgnoreCase))
                response.Headers.TryAddWithoutValidation("Retry-After", header[12..].Trim());
        return response;
    }
}
