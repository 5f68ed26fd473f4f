using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Prometheus.Listening;

/// <summary>
/// As much of HTTP/1.1 as a scrape takes, for IPv6 addresses, which HttpListener refuses on Linux. One request after another on a connection; a request
/// with a body is answered and its connection closed, since nothing here reads one. <c>::</c> is every address of the machine, IPv4 too.
/// </summary>
internal sealed class SocketScrapeListener : ScrapeListener
{
    const int MaxHeadBytes = 8 * 1024;

    /// <summary>Idle ones too. One more is closed as soon as it is there.</summary>
    const int MaxConnections = 1_024;

    const int Backlog = 64;
    const int PauseAfterFailureMs = 100;

    /// <summary>For the next request of a connection to be there, whole.</summary>
    static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    readonly CancellationTokenSource _closing = new();
    readonly PrometheusHttpListenerOptions _options;
    readonly ScrapeAnswers _answers;
    readonly ProblemLog _problems;
    readonly RequestsInHand _connections = new(MaxConnections);
    readonly Socket _socket;

    SocketScrapeListener(Socket socket, PrometheusHttpListenerOptions options, ScrapeAnswers answers, ProblemLog problems) : base(options)
    {
        _socket = socket;
        _options = options;
        _answers = answers;
        _problems = problems;
    }

    /// <exception cref="SocketException">It cannot listen there.</exception>
    public static SocketScrapeListener Open(IPAddress address, PrometheusHttpListenerOptions options, ScrapeAnswers answers, ProblemLog problems)
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.DualMode = address.Equals(IPAddress.IPv6Any);
            socket.Bind(new IPEndPoint(address, options.Port));
            socket.Listen(Backlog);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var opened = new SocketScrapeListener(socket, options, answers, problems);
        // Ends when the listener is stopped, and lets nothing escape.
        _ = opened.TakeConnections();
        return opened;
    }

    protected override void Close()
    {
        _socket.Dispose();
        _closing.Cancel();
        // A client that asks again must find its connection closed, not lose what it asked.
        _connections.WaitUntilNone(timeoutMs: 0);
    }

    async Task TakeConnections()
    {
        while (!IsStopped)
        {
            try
            {
                var connection = await _socket.AcceptAsync();
                if (_connections.TryBegin()) _ = Serve(connection);
                else connection.Dispose();
            }
            catch (Exception) when (IsStopped)
            {
                return;
            }
            catch (SocketException exception)
            {
                _problems.Tell(PrometheusProblemKind.ScrapeFailed, nameof(TakeConnections), $"A request could not be taken: {exception.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(PauseAfterFailureMs), _options.Clock);
            }
        }
    }

    async Task Serve(Socket connection)
    {
        try
        {
            using (connection)
            {
                connection.NoDelay = true;
                await ServeRequests(connection);
            }
        }
        catch (Exception exception)
        {
            // Those are clients that went away, and ourselves closing.
            if (exception is not (SocketException or OperationCanceledException or ObjectDisposedException))
                _problems.Tell(PrometheusProblemKind.ScrapeFailed, exception.GetType().Name, $"A request could not be answered: {exception}");
        }
        finally
        {
            _connections.End();
        }
    }

    async Task ServeRequests(Socket connection)
    {
        var buffer = new byte[MaxHeadBytes];
        var length = 0;
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        using var timer = _options.Clock.CreateTimer(static idle => ((CancellationTokenSource)idle!).Cancel(), idle, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (true)
        {
            timer.Change(IdleTimeout, Timeout.InfiniteTimeSpan);
            int end;
            while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
            {
                if (length == buffer.Length) return;
                var read = await connection.ReceiveAsync(buffer.AsMemory(length), idle.Token);
                if (read == 0) return;
                length += read;
            }

            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var head = RequestHead.Read(Encoding.Latin1.GetString(buffer, 0, end));
            if (head is null) return;
            await Answer(connection, head);
            if (!head.KeepsAlive) return;
            // What was sent ahead of our answer moves to the front.
            length -= end + 4;
            buffer.AsSpan(end + 4, length).CopyTo(buffer);
        }
    }

    async Task Answer(Socket connection, RequestHead head)
    {
        var isTaken = InHand.TryBegin();
        try
        {
            await _answers.Answer(head.Request, new Reply(connection, head.KeepsAlive), isRefused: !isTaken);
        }
        finally
        {
            if (isTaken) InHand.End();
        }
    }

    sealed class Reply(Socket connection, bool keepsAlive) : IScrapeReply
    {
        public async Task Send(ReplyHead head, ReadOnlyMemory<byte> body, CancellationToken late)
        {
            var text = new StringBuilder(256);
            text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {head.Status} {(HttpStatusCode)head.Status}\r\n");
            text.Append(CultureInfo.InvariantCulture, $"Content-Type: {head.ContentType}\r\nContent-Length: {head.Length}\r\n");
            foreach (var (name, value) in head.Others) text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            if (!keepsAlive) text.Append("Connection: close\r\n");
            await SendAll(Encoding.Latin1.GetBytes(text.Append("\r\n").ToString()), late);
            await SendAll(body, late);
        }

        async Task SendAll(ReadOnlyMemory<byte> bytes, CancellationToken late)
        {
            while (bytes.Length > 0) bytes = bytes[await connection.SendAsync(bytes, late)..];
        }
    }
}
