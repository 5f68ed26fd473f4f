using System.Net;
using Edge.Http;
using Edge.Tests.Basics;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Edge.Tests.Http;

public sealed class ProxyTrustTests
{
    const string Peer = "10.0.0.1";
    const string Client = "203.0.113.7";

    static readonly ProxyTrust Networks = new([Network("10.0.0.0/8"), Network("fd00::/8")], hops: 0, header: null);

    [Fact]
    public void Nobody_is_believed_who_was_not_named()
    {
        Assert.Equal(Of(Peer), Address(ProxyTrust.Nobody, Peer, "X-Forwarded-For", Client));
        Assert.Equal(Of("198.51.100.1"), Address(Networks, "198.51.100.1", "X-Forwarded-For", Client));
        Assert.Equal(Of("198.51.100.1"), Address(new([Network("10.0.0.0/8")], 0, "Fly-Client-IP"), "198.51.100.1", "Fly-Client-IP", Client));
    }

    [Theory]
    [InlineData(Client, Client)]
    [InlineData("198.51.100.1, 203.0.113.7", Client)] // what the client wrote itself is to the left
    [InlineData("203.0.113.7, 10.0.0.2, 10.9.9.9", Client)]
    [InlineData("203.0.113.7,\t10.0.0.2 ,10.9.9.9", Client)]
    [InlineData("203.0.113.7:4711, 10.0.0.2:80", Client)]
    [InlineData("[2001:db8::1]:4711, [fd00::2]", "2001:db8::1")]
    [InlineData("fe80::1%eth0", "fe80::1")]
    [InlineData("::ffff:203.0.113.7, ::ffff:10.0.0.2", Client)]
    [InlineData("10.0.0.3, 10.0.0.2", "10.0.0.3")] // proxies only: the outermost
    [InlineData("unknown", Peer)]
    [InlineData("203.0.113.7, garbage", Peer)]
    [InlineData("203.0.113.7, garbage, 10.0.0.2", "10.0.0.2")]
    [InlineData("203.0.113.7,", Peer)]
    [InlineData(",,,,", Peer)]
    [InlineData("", Peer)]
    public void The_first_from_the_right_that_is_no_proxy_is_the_client(string header, string expected) => Assert.Equal(Of(expected), Address(Networks, Peer, "X-Forwarded-For", header));

    [Fact]
    public void A_mapped_connection_is_one_of_its_family() => Assert.Equal(Of(Client), Address(Networks, "::ffff:10.0.0.1", "X-Forwarded-For", Client));

    [Theory]
    [InlineData(1, "10.0.0.9")]
    [InlineData(2, "198.51.100.1")]
    [InlineData(3, Client)]
    [InlineData(5, Client)]
    public void A_number_of_hops_is_counted_whatever_the_addresses(int hops, string expected) =>
        Assert.Equal(Of(expected), Address(new([Network("0.0.0.0/0")], hops, null), Peer, "X-Forwarded-For", "203.0.113.7, 198.51.100.1, 10.0.0.9"));

    [Fact]
    public void Lines_of_one_header_are_one_list()
    {
        Assert.Equal(Of(Client), Address(Networks, Peer, "X-Forwarded-For", "198.51.100.1, 203.0.113.7", "10.0.0.3", "", "10.0.0.2"));
        Assert.Equal(Of("203.0.113.7"), Address(new([Network("10.0.0.0/8")], 3, null), Peer, "X-Forwarded-For", "1.1.1.1, 203.0.113.7", "10.0.0.3, 10.0.0.2"));
    }

    [Fact]
    public void A_header_of_thousands_of_hops_is_left_after_a_few()
    {
        var many = string.Join(',', Enumerable.Repeat("10.0.0.2", 5000));
        Assert.Equal(Of("10.0.0.2"), Address(Networks, Peer, "X-Forwarded-For", "203.0.113.7," + many));
        Assert.Equal(Of(Peer), Address(Networks, Peer, "X-Forwarded-For", new string('9', 8000)));
    }

    [Theory]
    [InlineData(Client, Client)]
    [InlineData(" 203.0.113.7 ", Client)]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("203.0.113.7, 198.51.100.1", Peer)]
    [InlineData("garbage", Peer)]
    public void A_header_of_one_address_is_taken_whole_or_not_at_all(string header, string expected) =>
        Assert.Equal(Of(expected), Address(new([Network("10.0.0.0/8")], 0, "Fly-Client-IP"), Peer, "Fly-Client-IP", header));

    [Fact]
    public void A_header_of_one_address_is_not_taken_twice_and_not_replaced_by_another()
    {
        var trust = new ProxyTrust([Network("10.0.0.0/8")], 0, "Fly-Client-IP");
        Assert.Equal(Of(Peer), Address(trust, Peer, "Fly-Client-IP", Client, Client));
        Assert.Equal(Of(Peer), Address(trust, Peer, "X-Forwarded-For", Client));
    }

    /// <summary>However a client fills the header, what its proxy appends decides.</summary>
    [Fact]
    public void Nothing_that_a_client_sends_changes_who_it_is()
    {
        var parts = Gen.Elements("203.0.113.9", "10.0.0.5", "[::1]:1", "", " ", "unknown", "999.1.1.1", "%", ":::", "\t", "2001:db8::5", ",", ";", "\"");
        Prop.ForAll(Arb.From(Gen.ArrayOf(parts)), sent =>
        {
            var line = string.Join(',', sent);
            return Address(Networks, Peer, "X-Forwarded-For", $"{line}, {Client}") == Of(Client)
                && Address(Networks, Peer, "X-Forwarded-For", line, $"{Client}, 10.0.0.4") == Of(Client)
                && Address(new([Network("10.0.0.0/8")], 2, null), Peer, "X-Forwarded-For", $"{line}, {Client}, 198.51.100.3") == Of(Client);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_usual_ways_allocate_nothing()
    {
        var context = Context(Peer, "X-Forwarded-For", "198.51.100.1, 2001:db8::7, 10.0.0.2");
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
                Networks.AddressOf(context);
        }));
    }

    static UInt128 Of(string text) => ClientAddress.Of(IPAddress.Parse(text)).Bits;

    static AddressNetwork Network(string text) => AddressNetwork.TryParse(text, out var network) ? network : throw new FormatException(text);

    static UInt128 Address(ProxyTrust trust, string peer, string header, params string[] lines) => trust.AddressOf(Context(peer, header, lines)).Bits;

    static DefaultHttpContext Context(string peer, string header, params string[] lines)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = IPAddress.Parse(peer) });
        context.Request.Headers[header] = new StringValues(lines);
        return context;
    }
}
