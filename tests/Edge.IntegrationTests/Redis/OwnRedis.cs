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
        var process = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })!;
        var server = new OwnRedis(process, folder, port);
        await Poll.Until(() => File.Exists(server.Options.UnixSocketPath) || process.HasExited, "redis-server listens", cancel);
        return process.HasExited ? throw new InvalidOperationException(await process.StandardOutput.ReadToEndAsync(cancel)) : server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
