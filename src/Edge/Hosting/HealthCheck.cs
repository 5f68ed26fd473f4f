using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Hosting;

/// <summary>
/// <c>edge healthcheck</c>: asks the instance on this machine whether it is ready, for images without a shell or curl. A socket and one
/// line of HTTP do; HttpClient would double the time.
/// </summary>
internal static class HealthCheck
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public static async Task<int> Run(int port)
    {
        using var timeout = new CancellationTokenSource(Deadline);
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, timeout.Token);
            await socket.SendAsync("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), timeout.Token);
            var status = await ReadStatus(socket, timeout.Token);
            Console.Out.WriteLine(status is null ? "not HTTP" : string.Create(CultureInfo.InvariantCulture, $"HTTP {status}"));
            return status == 200 ? EdgeCommand.Success : EdgeCommand.Failure;
        }
        catch (OperationCanceledException)
        {
            return Report(port, string.Create(CultureInfo.InvariantCulture, $"no answer within {Deadline.TotalSeconds} s"));
        }
        catch (SocketException failure)
        {
            return Report(port, failure.Message);
        }
    }

    static int Report(int port, string why)
    {
        Console.Error.WriteLine($"edge: nothing ready on port {port}: {why}");
        return EdgeCommand.Failure;
    }

    /// <summary>From <c>HTTP/1.1 200 …</c>.</summary>
    static async Task<int?> ReadStatus(Socket socket, CancellationToken timeout)
    {
        const int statusLineBytes = 12;
        var buffer = new byte[statusLineBytes];
        var count = 0;
        while (count < statusLineBytes)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(count), timeout);
            if (read == 0)
                return null;
            count += read;
        }
        var line = Encoding.ASCII.GetString(buffer);
        return line.StartsWith("HTTP/1.", StringComparison.Ordinal) && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null;
    }
}
