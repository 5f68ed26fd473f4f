using Edge.Core.RateLimiting;
using Edge.Hosting;
using Edge.Http;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;

namespace Edge.Tests.Hosting;

public sealed class LimitSettingsTests
{
    static (EdgeSettings Settings, IReadOnlyList<SettingMistake> Mistakes) Read(params (string Key, string Value)[] values)
    {
        var source = new SettingsSource(new ConfigurationBuilder().AddInMemoryCollection(values.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build());
        return (SettingsReader.Read(source), source.Mistakes);
    }

    [Fact]
    public void Without_settings_everything_is_limited_and_nobody_is_believed()
    {
        var (settings, mistakes) = Read();
        Assert.Empty(mistakes);
        Assert.Equivalent(LimitSettings.Default, settings.Limits);
        Assert.Same(ProxyTrust.Nobody, settings.Proxies);
        Assert.Empty(settings.CorsOrigins);
        Assert.All((RateLimit?[])[settings.Limits.Public, settings.Limits.User, settings.Limits.Writes, settings.Limits.Exports, settings.Limits.Login, settings.Limits.LoginEmail], static limit => Assert.True(limit!.Value.IsValid));
        // Exact, whatever the others do: without leases.
        Assert.All((RateLimit?[])[settings.Limits.Exports, settings.Limits.Login, settings.Limits.LoginEmail], static limit => Assert.True(limit!.Value.Burst < KeyedLimiter.SmallBurst));
    }

    [Theory]
    [InlineData("1200/60s burst 300", 1200, 60, 300)]
    [InlineData("1200/m burst 300", 1200, 60, 300)]
    [InlineData(" 5/15m ", 5, 900, 5)]
    [InlineData("10/s", 10, 1, 10)]
    [InlineData("100/2h   burst   7", 100, 7200, 7)]
    [InlineData("1000000/d", 1_000_000, 86_400, 1_000_000)]
    public void A_limit_is_written_in_one_line(string text, int count, int periodSeconds, int burst) =>
        Assert.Equal(new RateLimit(count, periodSeconds, burst), Read(("EDGE_LIMIT_PUBLIC", text)).Settings.Limits.Public);

    [Fact]
    public void Every_limit_can_be_written_and_read() => Prop.ForAll(
        Arb.From(Gen.Choose(1, RateLimit.MaxCount)), Arb.From(Gen.Choose(1, RateLimit.MaxPeriodSeconds)), Arb.From(Gen.Choose(1, RateLimit.MaxBurst)),
        static (count, period, burst) =>
        {
            var limit = new RateLimit(count, period, burst);
            var isRead = LimitsReader.TryParse($"{count}/{period}s burst {burst}", out var read, out _);
            return isRead == limit.IsValid && (!isRead || read == limit);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Off_is_no_limit() => Assert.Null(Read(("EDGE_LIMIT_WRITES", "OFF")).Settings.Limits.Writes);

    [Theory]
    [InlineData("1200")]
    [InlineData("1200/60")]
    [InlineData("1200/60x")]
    [InlineData("0/60s")]
    [InlineData("-1/60s")]
    [InlineData("1e3/60s")]
    [InlineData("1200/60s burst")]
    [InlineData("1200/60s burst 0")]
    [InlineData("1200/60s burst 300 more")]
    [InlineData("1200/60s 300")]
    [InlineData("1/2d")]
    [InlineData("1/d burst 31")]
    [InlineData("99999999999/s")]
    [InlineData("1/99999999999d")]
    [InlineData("/s")]
    [InlineData("1/")]
    public void What_is_no_limit_is_told_with_an_example(string text)
    {
        var mistake = Assert.Single(Read(("EDGE_LIMIT_LOGIN", text)).Mistakes);
        Assert.Equal("EDGE_LIMIT_LOGIN", mistake.Key);
        Assert.Contains("1200/60s burst 300", mistake.Fix);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var (_, mistakes) = Read(
            ("EDGE_LIMIT_PUBLIC", "many"), ("EDGE_LIMIT_PLANS", "gold=9/s; sil ver=1/s; bronze=few; 7/s"), ("EDGE_LIMIT_SHADOW", "writes, reads"), ("EDGE_LIMIT_EXEMPT", "10.0.0.1/8, ::1"),
            ("EDGE_PROXIES", "nginx"), ("EDGE_CORS_ORIGINS", "https://app.example.com/, HTTPS://a.b"), ("EDGE_LIMIT_CLIENTS", "5"));
        Assert.Equal(
            ["EDGE_CORS_ORIGINS", "EDGE_CORS_ORIGINS", "EDGE_LIMIT_CLIENTS", "EDGE_LIMIT_EXEMPT", "EDGE_LIMIT_PLANS", "EDGE_LIMIT_PLANS", "EDGE_LIMIT_PLANS", "EDGE_LIMIT_PUBLIC", "EDGE_LIMIT_SHADOW", "EDGE_PROXIES"],
            mistakes.Select(static mistake => mistake.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Plans_are_named_and_the_standard_one_stays()
    {
        static string Plans(string text) => string.Join("; ", Read(("EDGE_LIMIT_PLANS", text)).Settings.Limits.Plans.Select(static plan => $"{plan.Name} {plan.Limit?.Count}"));
        Assert.Equal("standard 6000; gold 9; partner ", Plans("gold = 9/s; partner=off"));
        Assert.Equal("standard 9", Plans("standard=9/s"));
    }

    [Fact]
    public void Shadows_are_a_list_or_all()
    {
        static LimitPolicy[] Shadows(string text) => [.. Enum.GetValues<LimitPolicy>().Where(Read(("EDGE_LIMIT_SHADOW", text)).Settings.Limits.IsShadow)];
        Assert.Equal([LimitPolicy.Writes, LimitPolicy.LoginEmail], Shadows("Writes, login-email"));
        Assert.Equal(Enum.GetValues<LimitPolicy>(), Shadows("all"));
    }

    [Theory]
    [InlineData("EDGE_PROXY_HOPS=1", "EDGE_PROXIES")]
    [InlineData("EDGE_CLIENT_ADDRESS_HEADER=Fly-Client-IP", "EDGE_PROXIES")]
    [InlineData("EDGE_PROXIES=0.0.0.0/0", "EDGE_PROXIES")]
    [InlineData("EDGE_PROXIES=10.0.0.0/8;EDGE_PROXY_HOPS=1;EDGE_CLIENT_ADDRESS_HEADER=Fly-Client-IP", "EDGE_PROXY_HOPS")]
    [InlineData("EDGE_PROXIES=10.0.0.0/8;EDGE_CLIENT_ADDRESS_HEADER=Fly Client", "EDGE_CLIENT_ADDRESS_HEADER")]
    public void Trust_that_makes_no_sense_is_refused(string settings, string key) =>
        Assert.Equal(key, Assert.Single(Read([.. settings.Split(';').Select(static pair => (pair.Split('=')[0], pair.Split('=')[1]))]).Mistakes).Key);

    [Theory]
    [InlineData("*")]
    [InlineData("https://app.example.com")]
    [InlineData("https://app.example.com:8443, http://localhost:3000")]
    public void Origins_are_as_browsers_send_them(string text) => Assert.Empty(Read(("EDGE_CORS_ORIGINS", text)).Mistakes);

    [Theory]
    [InlineData("app.example.com")]
    [InlineData("https://app.example.com/")]
    [InlineData("https://app.example.com/path")]
    [InlineData("https://App.example.com")]
    [InlineData("https://app.example.com:443")]
    [InlineData("https://user@app.example.com")]
    [InlineData("file:///x")]
    [InlineData("null")]
    [InlineData("*, https://app.example.com")]
    public void What_no_browser_sends_as_origin_is_refused(string text) => Assert.Single(Read(("EDGE_CORS_ORIGINS", text)).Mistakes);
}
