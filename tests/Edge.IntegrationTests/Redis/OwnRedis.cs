using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Redis;
using Edge.Testing;

namespace Edge.IntegrationTests.Redis;

/// <summary>
/// A redis-server with settings that can only be given at its start. Listens on a Unix socket, so that no port is guessed,
/// and on <see cref="TlsPort"/> if asked.
/// </summary>
sealed class OwnRedis : IAsyncDisposable
{
    readonly Process _process;
    readonly string _folder;

    OwnRedis(Process process, string folder, int tlsPort)
    {
        _process = process;
        _folder = folder;
        TlsPort = tlsPort;
    }

    public int TlsPort { get; }

    public RedisOptions Options => new() { UnixSocketPath = Path.Combine(_folder, "s") };

    /// <summary>Started with the arguments that <paramref name="configure"/> makes of the server's folder and a free port.</summary>
    public static async Task<OwnRedis> Start(Func<string, int, string[]> configure, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("edge-redis-").FullName;
        var port = FreePort();
        string[] arguments =
        [
            "--port", "0", "--unixsocket", Path.Combine(folder, "s"), "--dir", folder, "--save", "", "--loglevel", "warning",
            .. configure(folder, port),
        ];
        // Its own pipes: a server that inherits ours keeps them open for whoever reads the output of the tests.
        var start = new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var server = new OwnRedis(Process.Start(start)!, folder, port);
        // The runner does not dispose a test whose start failed.
        AppDomain.CurrentDomain.ProcessExit += server.Kill;
        await Poll.Until(server.Listens, "redis-server listens", cancel);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Kill(this, EventArgs.Empty);
        await _process.WaitForExitAsync();
        AppDomain.CurrentDomain.ProcessExit -= Kill;
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    void Kill(object? sender, EventArgs none) => _process.Kill();

    // The file is there before the server accepts.
    async ValueTask<bool> Listens(CancellationToken cancel)
    {
        if (_process.HasExited) throw new InvalidOperationException(await _process.StandardOutput.ReadToEndAsync(cancel));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Options.UnixSocketPath!), cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
