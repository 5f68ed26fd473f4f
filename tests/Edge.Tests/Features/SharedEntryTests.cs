using Edge.Core.Caching.L2;
using Edge.Features.Accounts;
using Edge.Features.Analytics;
using Edge.Features.ApiKeys;
using Edge.Features.Products;
using Edge.Http;
using Edge.Tests.Caching.Cases;

namespace Edge.Tests.Features;

/// <summary>
/// What features share with other instances, and so with other builds, as bytes that are frozen under Caching/Snapshots: see FrameTests. What is taken for
/// something else here signs somebody in as somebody else.
/// </summary>
public sealed class SharedEntryTests
{
    static readonly DateTime Day = new(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public void The_bytes_of_a_session_are_what_they_were_in_each_role()
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            var caller = new Caller(string.Concat(Enumerable.Repeat("0123456789abcdef", 4)), 0x0102030405060708, "inès_moreau", role, Day);
            Assert.Equal(caller, Frozen($"session-1-{role}".ToLowerInvariant(), new SessionCodec(), new CachedSession(caller)).Caller);
        }
    }

    [Fact]
    public void The_bytes_of_a_key_are_what_they_were()
    {
        var key = new ApiKey(0x0102030405060708, "batch");
        Assert.Equal(key, Frozen("api-key-1", new ApiKeyCodec(), new CachedApiKey(key)).Key);
    }

    [Fact]
    public void The_bytes_of_a_ranking_are_what_they_were()
    {
        BestSeller[] products = [new(7, 312), new(long.MaxValue, 1)];
        Assert.Equal(products, Frozen("bestsellers-1", ProductCache.BestSellers.Codec!, new BestSellers(products)).Products);
    }

    [Fact]
    public void The_bytes_of_analytics_are_what_they_were()
    {
        var written = new UserAnalytics(
            new(3, "ines", "Inès", Day), new(3, 214.40m, 71.47m, Day.AddTicks(1_203_910)), new(1, 2, 3, null), [new(7, 2), new(9, 1)], Day.AddDays(1));
        var read = Frozen("analytics-1", AnalyticsCache.OfUser.Codec!, written)!;
        Assert.Equal(written.Recommendations, read.Recommendations);
        Assert.Equal(written with { Recommendations = read.Recommendations }, read);
    }

    /// <summary>Written as it was frozen, and read from there.</summary>
    static T Frozen<T>(string name, ICacheCodec<T> codec, T value)
    {
        var frozen = FrameTests.Snapshot(name);
        Assert.True(EntryFrame.TryWrite(value, codec, loadMs: 5, keepMs: 60_000, out var written));
        Assert.Equal(Convert.ToHexString(frozen), Convert.ToHexString(written.Span));
        Assert.True(EntryFrame.TryRead(frozen, codec, out var read));
        return read.Value;
    }
}
