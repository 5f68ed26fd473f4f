using System.Net;
using System.Net.Sockets;

namespace Edge.Testing;

/// <summary>
/// A port that nobody listens on now. Below those from which the kernel takes the ports of outgoing connections (from 32768 on): one of these, free just now,
/// may be some test's connection a moment later.
/// </summary>
public static class FreePort
{
    const int First = 10_000;
    const int End = 32_768;
    const int Attempts = 100;

    /// <param name="address">Null: of IPv4 on this machine.</param>
    public static int Of(IPAddress? address = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = Random.Shared.Next(First, End);
            try
            {
                using var listener = new TcpListener(address ?? IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException) when (attempt < Attempts)
            {
                // Somebody listens there.
            }
        }
    }
}
