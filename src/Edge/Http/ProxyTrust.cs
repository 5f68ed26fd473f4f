using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Edge.Http;

/// <summary>
/// Whose word is taken for where a request comes from. Nobody's, unless an operator says so: then the address is that of the connection.
///
/// <para><b>What may be believed.</b> Each proxy appends to <c>X-Forwarded-For</c> who connected to it; what stands to the left of that came with
/// the request, and anybody can have written it. So the header is read from the right, and only where the connection itself comes from
/// a proxy of ours (<paramref name="proxies"/>):</para>
/// <para>(1) Without a number of hops, each entry that is a proxy of ours was written by the one before it: go on to the left. The first that is
/// not is the client.</para>
/// <para>(2) With a number of hops that many proxies are in front, whatever their addresses, and the entry of the outermost is taken. That is for
/// platforms whose addresses are not known, and only as good as the promise that nobody gets around them.</para>
/// <para>(3) An entry that is no address ends the walk, and so does the header's end: the request counts for the nearest address that is known,
/// which may make several clients one, and never lets one be many.</para>
/// <para>(4) A header of one address (<c>Fly-Client-IP</c>), where a platform sets it itself, is taken in place of all that; missing, sent twice or
/// broken it is not, and the request counts for the proxy.</para>
/// Several lines of a header are one list. Nothing here allocates.
/// </summary>
/// <param name="proxies">Empty: nobody is trusted.</param>
/// <param name="hops">0: as many as are in <paramref name="proxies"/>, up to <see cref="MaxHops"/>.</param>
/// <param name="header">Name of a header with the address alone; null: X-Forwarded-For is read.</param>
internal sealed class ProxyTrust(AddressNetwork[] proxies, int hops, string? header)
{
    /// <summary>Most entries that are looked at. There are not so many proxies in a row.</summary>
    public const int MaxHops = 16;

    public static ProxyTrust Nobody { get; } = new([], 0, null);

    public ClientAddress AddressOf(HttpContext context)
    {
        // A server without a network (tests) has no address.
        var peer = context.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress is { } remote ? ClientAddress.Of(remote) : default;
        return proxies.Length == 0 || !AddressNetwork.AnyContains(proxies, peer) ? peer : Told(peer, context.Request.Headers);
    }

    ClientAddress Told(ClientAddress peer, IHeaderDictionary headers)
    {
        if (header is null)
            return Walk(peer, headers["X-Forwarded-For"]);
        // (4)
        return headers[header] is [{ } text] && ClientAddress.TryParse(text.AsSpan().Trim(' '), out var told) ? told : peer;
    }

    ClientAddress Walk(ClientAddress peer, StringValues lines)
    {
        var (nearest, seen) = (peer, 0);
        for (var line = lines.Count - 1; line >= 0; line--)
        {
            var left = lines[line].AsSpan();
            // A line that is empty says nothing, one that ends in a comma has an empty entry.
            for (var isMore = left.Length > 0; isMore;)
            {
                var comma = left.LastIndexOf(',');
                // (3)
                if (!ClientAddress.TryParse(left[(comma + 1)..].Trim(" \t"), out var entry))
                    return nearest;
                nearest = entry;
                seen++;
                // (1), (2)
                if (hops > 0 ? seen == hops : seen == MaxHops || !AddressNetwork.AnyContains(proxies, entry))
                    return nearest;
                isMore = comma >= 0;
                left = isMore ? left[..comma] : default;
            }
        }
        return nearest;
    }
}
