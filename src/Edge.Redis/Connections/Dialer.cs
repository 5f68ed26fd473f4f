using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Redis.Connections;

/// <summary>Opens the stream: socket, and TLS where asked for. Tests put a scripted server in its place.</summary>
delegate ValueTask<Stream> Dialer(CancellationToken cancel);

static class SocketDialer
{
    public static Dialer For(RedisOptions options) => cancel => Dial(options, cancel);

    static async ValueTask<Stream> Dial(RedisOptions options, CancellationToken cancel)
    {
        var socket = options.UnixSocketPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (options.UnixSocketPath is { } path) await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            else await socket.ConnectAsync(options.Host, options.Port, cancel);
            var stream = new NetworkStream(socket, ownsSocket: true);
            return options.UseTls ? await Encrypt(stream, options, cancel) : stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    static async ValueTask<Stream> Encrypt(Stream plain, RedisOptions options, CancellationToken cancel)
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = options.Host };
        if (options.TlsCaFile is not null)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPemFile(options.TlsCaFile);
            tls.CertificateChainPolicy = policy;
        }

        var stream = new SslStream(plain);
        await stream.AuthenticateAsClientAsync(tls, cancel);
        return stream;
    }
}
