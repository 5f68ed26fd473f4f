using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Edge.Testing;

/// <summary>
/// A port that nobody listens on now, and that no other test of this program was given: who asked first may need a second to bind it. Below those that
/// <c>./dev servers</c> takes for its servers (from 20000 on) and those from which the kernel takes the ports of outgoing connections (from 32768 on):
/// one of these, free just now, may be a server's or some test's connection a moment later.
/// </summary>
public static class FreePort
{
    const int First = 10_000;
    const int End = 20_000;
    const int Attempts = 100;

    static readonly ConcurrentDictionary<int, bool> s_given = new();

    /// <param name="address">Null: of IPv4 on this machine.</param>
    public static int Of(IPAddress? address = null)
    {
        for (var attempt = 1; ;)
        {
            var port = Random.Shared.Next(First, End);
            if (!s_given.TryAdd(port, true))
                continue;
            try
            {
                using var listener = new TcpListener(address ?? IPAddress.Loopback, port);
                listener.Start();
                // A process that another test starts just now holds a copy of the socket until its program runs, and a copy would listen on; this ends it for all.
                listener.Server.Shutdown(SocketShutdown.Both);
                return port;
            }
            catch (SocketException) when (attempt++ < Attempts)
            {
                // Somebody listens there.
            }
        }
    }
}
