using Edge.Data;

namespace Edge.Tests.Data;

public sealed class DatabaseUrlTests
{
    static DatabaseOptions Parse(string url)
    {
        Assert.True(DatabaseUrl.TryParse(url, out var options, out var problem), problem);
        return options;
    }

    [Fact]
    public void A_full_url_is_read()
    {
        var options = Parse("postgres://ann:secret@db.internal:6543/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem&application_name=edge-eu");
        Assert.Equal(
            ("db.internal", 6543, "shop", "ann", "secret", "verify-full", "/etc/ca.pem", "edge-eu"),
            (options.Host, options.Port, options.Name, options.User, options.Password, options.SslMode, options.SslRootCertificate, options.ApplicationName));
    }

    [Fact]
    public void The_shortest_url_has_defaults()
    {
        var options = Parse("postgresql://ann@h/d");
        Assert.Equal((5432, null, "prefer"), (options.Port, options.Password, options.SslMode));
    }

    [Theory]
    [InlineData("postgres://ann@%2Fvar%2Frun%2Fpostgresql/d", "/var/run/postgresql", 5432)]
    [InlineData("postgres://ann@/d?host=/tmp/my%20socket&port=7000", "/tmp/my socket", 7000)]
    [InlineData("postgres://ann@[::1]:5433/d", "::1", 5433)]
    [InlineData("postgres://ann@[fe80::1]/d", "fe80::1", 5432)]
    public void Sockets_and_ipv6_addresses_are_hosts(string url, string host, int port)
    {
        var options = Parse(url);
        Assert.Equal((host, port), (options.Host, options.Port));
    }

    [Theory]
    [InlineData("sslmode=require&sslrootcert=/etc/ca.pem", "verify-ca")]
    [InlineData("sslrootcert=/etc/ca.pem&sslmode=require", "verify-ca")]
    [InlineData("sslrootcert=/etc/ca.pem&sslmode=verify-full", "verify-full")]
    [InlineData("sslmode=require", "require")]
    public void Whoever_names_an_authority_has_it_checked(string query, string mode) => Assert.Equal(mode, Parse("postgres://ann@h/d?" + query).SslMode);

    [Theory]
    [InlineData("postgres://ann:p%40ss%3A%2F%3F@h/d", "p@ss:/?")]
    [InlineData("postgres://ann:p@ss@h/d", "p@ss")]
    [InlineData("postgres://ann:@h/d", "")]
    public void A_password_may_hold_anything(string url, string password) => Assert.Equal(password, Parse(url).Password);

    [Theory]
    [InlineData("http://h/d", "postgres://")]
    [InlineData("postgres://h/d", "user")]
    [InlineData("postgres://ann@h", "database")]
    [InlineData("postgres://ann@/d", "host")]
    [InlineData("postgres://ann@h:0/d", "port")]
    [InlineData("postgres://ann@h:65536/d", "port")]
    [InlineData("postgres://ann@h:x/d", "port")]
    [InlineData("postgres://ann@h/d?sslmode=yes", "sslmode")]
    [InlineData("postgres://ann@h/d?pool=5", "pool")]
    [InlineData("postgres://ann@h/d?sslrootcert=/etc/ca.pem", "sslrootcert")]
    [InlineData("postgres://ann@h/d?sslrootcert=/etc/ca.pem&sslmode=prefer", "sslrootcert")]
    [InlineData("postgres://ann@h/d?sslmode=allow&sslrootcert=/etc/ca.pem", "sslrootcert")]
    [InlineData("postgres://ann@h/d?sslmode=disable&sslrootcert=/etc/ca.pem", "sslrootcert")]
    public void A_mistake_is_named(string url, string word)
    {
        Assert.False(DatabaseUrl.TryParse(url, out _, out var problem));
        Assert.Contains(word, problem);
    }
}
