using System.Net;
using System.Net.Sockets;

namespace Edge.Prometheus.Listening;

/// <summary>What HttpListener is told to listen on. It compares prefixes with the Host of a request, so that one address may need several.</summary>
internal static class ListenerPrefixes
{
    /// <exception cref="SocketException">The name does not resolve.</exception>
    public static string[] Of(string host, int port)
    {
        if (host is "*" or "+") return [Prefix(host)];
        if (!IPAddress.TryParse(host, out var address))
        {
            // HttpListener listens on the first address that a name has; whoever asks by that address is as welcome.
            var first = Dns.GetHostAddresses(host)[0];
            // Of IPv6 it takes the name and not the address.
            return first.AddressFamily == AddressFamily.InterNetworkV6 ? [Prefix(host)] : [Prefix(host), Prefix(first.ToString())];
        }

        // It refuses the address that means all.
        return [Prefix(address.Equals(IPAddress.Any) ? "*" : address.ToString())];

        string Prefix(string name) => $"http://{name}:{port}/";
    }
}
