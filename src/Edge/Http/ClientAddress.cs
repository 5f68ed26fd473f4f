using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Edge.Http;

/// <summary>
/// An address of either family in 16 bytes: IPv4 in its mapped form (::ffff:a.b.c.d), which is how a socket for both families shows it. So
/// there is one spelling, whichever way it came, and a value instead of an object.
/// </summary>
internal readonly struct ClientAddress(UInt128 bits)
{
    public UInt128 Bits => bits;

    const int Bytes = 16;
    const int Groups = 8;

    static readonly UInt128 MappedMask = UInt128.MaxValue << 32;
    static readonly UInt128 Mapped = (UInt128)0xFFFF << 32;

    public bool IsV4 => (Bits & MappedMask) == Mapped;

    /// <summary>
    /// What is counted together: an IPv4 address, or the /64 of an IPv6 one, all of which one host can use. IPv4 is told apart first: masked
    /// like the others, all of it would be one client.
    /// </summary>
    public UInt128 Host => IsV4 ? Bits : Bits >> 64 << 64;

    public static ClientAddress Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        address.TryWriteBytes(bytes, out var written);
        return new(written == Bytes ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : Mapped | BinaryPrimitives.ReadUInt32BigEndian(bytes));
    }

    /// <summary>
    /// As proxies write it: 203.0.113.7, 203.0.113.7:4711, 2001:db8::1, [2001:db8::1], [2001:db8::1]:4711, fe80::1%eth0. Nothing is made of it on
    /// the heap, as IPAddress.Parse would.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ClientAddress address)
    {
        address = default;
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']');
            return end > 0 && (end == text.Length - 1 || IsPort(text[(end + 1)..])) && TryParseV6(text[1..end], out address);
        }
        var colon = text.IndexOf(':');
        if (colon < 0 || text[(colon + 1)..].IndexOf(':') < 0)
            return (colon < 0 || IsPort(text[colon..])) && TryParseV4(colon < 0 ? text : text[..colon], out address);
        return TryParseV6(text, out address);
    }

    static bool IsPort(ReadOnlySpan<char> text) =>
        text.Length is >= 2 and <= 6 && text[0] == ':' && ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>Four decimal numbers without leading zeros, which some read as octal.</summary>
    static bool TryParseV4(ReadOnlySpan<char> text, out ClientAddress address)
    {
        address = default;
        var (bits, parts) = (0u, 0);
        while (parts < 4)
        {
            var end = parts == 3 ? text.Length : text.IndexOf('.');
            if (end is < 1 or > 3 || (end > 1 && text[0] == '0') || !byte.TryParse(text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var part))
                return false;
            bits = (bits << 8) | part;
            text = ++parts == 4 ? default : text[(end + 1)..];
        }
        address = new(Mapped | bits);
        return true;
    }

    /// <summary>RFC 4291 section 2.2. A zone is cut off: it means nothing on another host.</summary>
    static bool TryParseV6(ReadOnlySpan<char> text, out ClientAddress address)
    {
        address = default;
        if (text.IndexOf('%') is > 0 and var zone)
            text = text[..zone];
        var (bits, groups, gapAt) = (UInt128.Zero, 0, -1);
        if (text.StartsWith("::", StringComparison.Ordinal))
        {
            gapAt = 0;
            text = text[2..];
        }
        while (text.Length > 0)
        {
            var end = text.IndexOf(':');
            var part = end < 0 ? text : text[..end];
            if (end < 0 && part.Contains('.'))
            {
                if (groups > Groups - 2 || !TryParseV4(part, out var v4))
                    return false;
                (bits, groups) = ((bits << 32) | (uint)v4.Bits, groups + 2);
                break;
            }
            if (groups == Groups || part.Length is < 1 or > 4 || !ushort.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var group))
                return false;
            (bits, groups) = ((bits << 16) | group, groups + 1);
            if (end < 0)
                break;
            text = text[(end + 1)..];
            if (text.StartsWith(':'))
            {
                if (gapAt >= 0)
                    return false;
                gapAt = groups;
                text = text[1..];
            }
            else if (text.Length == 0)
            {
                return false;
            }
        }
        if (gapAt < 0 ? groups != Groups : groups == Groups)
            return false;
        var tail = 16 * (groups - gapAt);
        // What stands behind the gap stays at the end, what stands before it goes to the beginning.
        if (gapAt >= 0)
            bits = (gapAt == 0 ? 0 : bits >> tail << (128 - (16 * gapAt))) | (tail == 0 ? 0 : bits & (UInt128.MaxValue >> (128 - tail)));
        address = new(bits);
        return true;
    }
}

/// <summary>A range of addresses with a common beginning, as 10.0.0.0/8 or 2001:db8::/32.</summary>
/// <param name="first">Its bits behind the prefix are 0.</param>
/// <param name="prefixBits">Of 128; those of IPv4 counted behind the 96 of its mapped form.</param>
internal readonly struct AddressNetwork(UInt128 first, int prefixBits)
{
    public UInt128 First => first;

    public int PrefixBits => prefixBits;

    const int MappedBits = 96;

    UInt128 Mask => PrefixBits == 0 ? 0 : UInt128.MaxValue << (128 - PrefixBits);

    /// <summary>Every address of a family is in it.</summary>
    public bool IsEverything => PrefixBits == 0 || (PrefixBits <= MappedBits && Contains(new((UInt128)0xFFFF << 32)));

    /// <summary>0.0.0.0/0 has no IPv6 in it, and ::/0 no IPv4.</summary>
    public bool Contains(ClientAddress address) => (address.Bits & Mask) == First && (PrefixBits >= MappedBits || !address.IsV4);

    /// <summary>An address alone is a network of one. Bits behind the prefix have to be 0: 10.0.0.1/8 is a mistake of somebody.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out AddressNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/');
        var host = slash < 0 ? text : text[..slash];
        // ::ffff:10.0.0.0/104 or /8? Whoever writes IPv4 in the form of the other family is asked to write it as it is.
        if (host.ContainsAny("[]%") || !ClientAddress.TryParse(host, out var first) || (first.IsV4 && host.Contains(':')))
            return false;
        var bits = 128;
        if (slash >= 0)
        {
            if (!byte.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var written))
                return false;
            bits = first.IsV4 ? MappedBits + written : written;
        }
        if (bits > 128)
            return false;
        network = new(first.Bits, bits);
        return (first.Bits & ~network.Mask) == 0;
    }

    /// <summary>Whether one of them has it.</summary>
    public static bool AnyContains(AddressNetwork[] networks, ClientAddress address)
    {
        foreach (ref readonly var network in networks.AsSpan())
            if (network.Contains(address))
                return true;
        return false;
    }
}
