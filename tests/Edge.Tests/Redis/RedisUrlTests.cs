using Edge.Redis;

namespace Edge.Tests.Redis;

public sealed class RedisUrlTests
{
    [Theory]
    [InlineData("redis://cache", "cache", 6379, 0, null, null, false)]
    [InlineData("redis://cache:7000/3", "cache", 7000, 3, null, null, false)]
    [InlineData("REDIS://127.0.0.1/", "127.0.0.1", 6379, 0, null, null, false)]
    [InlineData("rediss://app:pw@cache.example:6380/1", "cache.example", 6380, 1, "app", "pw", true)]
    [InlineData("redis://:pw@cache", "cache", 6379, 0, null, "pw", false)]
    [InlineData("redis://a%40b:p%3A%2F%25%40@cache", "cache", 6379, 0, "a@b", "p:/%@", false)]
    [InlineData("redis://app:p:w@cache", "cache", 6379, 0, "app", "p:w", false)]
    [InlineData("redis://app:p@w@cache", "cache", 6379, 0, "app", "p@w", false)]
    [InlineData("redis://[::1]:7000", "::1", 7000, 0, null, null, false)]
    [InlineData("redis://[fe80::1]", "fe80::1", 6379, 0, null, null, false)]
    public void Every_part_is_read(string url, string host, int port, int database, string? user, string? password, bool useTls)
    {
        Assert.True(RedisUrl.TryParse(url, out var options, out var problem), problem);
        Assert.Equal("", problem);
        Assert.Equal(
            (host, port, database, user, password, useTls, null),
            (options.Host, options.Port, options.Database, options.User, options.Password, options.UseTls, options.UnixSocketPath));
        Assert.Empty(options.Problems());
    }

    [Theory]
    [InlineData("unix:///run/redis.sock", "/run/redis.sock", 0, null)]
    [InlineData("unix:///run/a%20b.sock?db=4", "/run/a b.sock", 4, null)]
    [InlineData("unix://app:pw@/run/redis.sock", "/run/redis.sock", 0, "pw")]
    public void A_socket_has_a_path(string url, string path, int database, string? password)
    {
        Assert.True(RedisUrl.TryParse(url, out var options, out var problem), problem);
        Assert.Equal((path, database, password), (options.UnixSocketPath, options.Database, options.Password));
    }

    [Theory]
    [InlineData("", "scheme")]
    [InlineData("cache:6379", "scheme")]
    [InlineData("http://hunter2@cache", "scheme")]
    [InlineData("redis://", "host")]
    [InlineData("redis://u:hunter2@", "host")]
    [InlineData("redis://u:hunter2@ca^che", "host")]
    [InlineData("redis://u:hunter2@cache:port", "port")]
    [InlineData("redis://u:hunter2@cache:0", "port")]
    [InlineData("redis://u:hunter2@cache:65536", "port")]
    [InlineData("redis://u:hunter2@cache:+80", "port")]
    [InlineData("redis://u:hunter2", "port")]
    [InlineData("redis://u:hunter2@cache/x", "database")]
    [InlineData("redis://u:hunter2@cache/-1", "database")]
    [InlineData("redis://u:hunter2@cache/99999999999", "database")]
    [InlineData("redis://u:hunter2@cache/0?a=b", "query")]
    [InlineData("redis://hunter2@cache", "user without a password")]
    [InlineData("redis://u:@cache", "password")]
    [InlineData("redis://u:hunter2%zz@cache", "password")]
    [InlineData("redis://u%1:hunter2@cache", "user")]
    [InlineData("redis://u:hunter2/more@cache", "%2F")]
    [InlineData("redis://u:hunter2#more@cache", "%23")]
    [InlineData("redis://u:hunter2 more@cache", "space")]
    [InlineData("redis://[::1", "]")]
    [InlineData("redis://[::1]7000", "port")]
    [InlineData("unix://run/redis.sock", "three slashes")]
    [InlineData("unix:///run/redis.sock?hunter2", "query")]
    [InlineData("unix:///run/%zz", "path")]
    public void A_mistake_is_named_with_its_part_and_without_the_password(string url, string part)
    {
        Assert.False(RedisUrl.TryParse(url, out var options, out var problem));
        Assert.Null(options);
        Assert.Contains(part, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_URL_without_bounds_is_refused()
    {
        Assert.False(RedisUrl.TryParse("redis://" + new string('a', 5000), out _, out var problem));
        Assert.Contains("longer", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_never_print_the_password()
    {
        Assert.True(RedisUrl.TryParse("rediss://app:hunter2@cache:6380/1", out var options, out _));
        Assert.Equal("rediss://cache:6380/1", options.Endpoint);
        Assert.DoesNotContain("hunter2", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_in_the_options_is_reported_at_once_by_its_key()
    {
        var problems = new RedisOptions
        {
            Host = " ",
            Port = 0,
            User = "app",
            Database = -1,
            ClientName = "a b",
            CommandTimeoutMs = 0,
            BackoffBaseMs = 500,
            BackoffMaxMs = 100,
            MaxInFlight = 0,
        }.Problems();
        foreach (var key in new[] { "Host", "Port", "User", "Database", "ClientName", "CommandTimeoutMs", "BackoffMaxMs", "MaxInFlight" })
            Assert.Single(problems, problem => problem.StartsWith(key, StringComparison.Ordinal));
        Assert.Equal(8, problems.Count);
        Assert.Throws<ArgumentException>(() => new RedisClient(new RedisOptions { Port = 0 }));
    }
}
