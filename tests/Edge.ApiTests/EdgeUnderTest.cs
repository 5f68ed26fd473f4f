using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Edge.ApiTests;

/// <summary>An instance that facts talk to over its socket, whichever way it runs.</summary>
public abstract class EdgeUnderTest : IAsyncLifetime
{
    /// <summary>Opens the operators' routes of the instance.</summary>
    public const string AdminToken = "the operators' token of the tests";

    public HttpClient Http { get; private set; } = null!;

    public int Port { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Port = await Start(TestContext.Current.CancellationToken);
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}")) };
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await Stop();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends bytes that no HTTP library would, and returns everything that comes back until the connection ends.</summary>
    public async Task<string> Raw(string request, CancellationToken cancelled)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port, cancelled);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancelled);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, cancelled);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    protected abstract Task<int> Start(CancellationToken cancelled);

    protected abstract Task Stop();
}
