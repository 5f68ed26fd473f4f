using Edge.Core.Basics;
using Edge.Core.Caching.L1;

namespace Edge.Tests.Caching.L1;

public sealed class ScanResistanceTests
{
    const int BudgetBytes = 1 << 20;
    const int PayloadBytes = 1024;

    /// <summary>They take half of what the budget has for entries.</summary>
    static readonly int HotKeys = (int)(new L1Cache(BudgetBytes, 9).CapacityBytes / 2 / (PayloadBytes + L1Entry.OverheadBytes("hot-100")));

    readonly L1Cache cache = new(BudgetBytes, 9);

    /// <summary>The hot set is half the cache, and asked for once per ten keys of the scan. LRU would lose most of it.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(PayloadBytes)]
    [InlineData(8 * PayloadBytes)]
    public void The_hot_set_survives_a_scan_of_ten_times_the_budget(int scannedPayloadBytes)
    {
        var random = new RandomSource(2);
        var (asked, found) = (0, 0);
        WarmUp();
        Scan(scannedPayloadBytes, scanned =>
        {
            if (scanned % 10 != 0) return;
            var key = $"hot-{random.Next(HotKeys)}";
            asked++;
            if (cache.Peek(key) is not null) found++;
            Ask(key);
        });

        Assert.InRange(found / (double)asked, 0.95, 1);
        Assert.InRange(HotLeft(), HotKeys * 95 / 100, HotKeys);
    }

    [Fact]
    public void Entries_of_like_size_do_not_push_out_a_hot_set_that_nobody_asks_for_meanwhile()
    {
        WarmUp();
        Scan(PayloadBytes, _ => { });

        Assert.InRange(HotLeft(), HotKeys * 95 / 100, HotKeys);
    }

    [Fact]
    public void A_hot_set_that_moves_on_is_replaced()
    {
        WarmUp();
        for (var round = 0; round < 40; round++)
            for (var i = 0; i < 2 * HotKeys; i++)
                Ask($"new-{i}");

        var found = Enumerable.Range(0, 2 * HotKeys).Count(i => cache.Peek($"new-{i}") is not null);
        Assert.InRange(found, HotKeys, 2 * HotKeys);
        Assert.True(HotLeft() < HotKeys / 2, $"{HotLeft()} of the former hot set are still there");
    }

    /// <summary>Equal popularity: small entries are kept rather than large ones, since a miss of either costs one load.</summary>
    [Fact]
    public void Of_entries_equally_popular_the_small_ones_stay()
    {
        var random = new RandomSource(3);
        for (var i = 0; i < 60_000; i++)
        {
            var number = random.Next(1000);
            Ask($"key-{number}", number % 2 == 0 ? 500 : 8000);
        }

        var small = Enumerable.Range(0, 1000).Count(i => i % 2 == 0 && cache.Peek($"key-{i}") is not null);
        Assert.InRange(small, 450, 500);
    }

    void Scan(int payloadBytes, Action<int> between)
    {
        var bytes = 0L;
        for (var i = 0; bytes < 10L * BudgetBytes; i++)
        {
            var entry = new TestEntry($"scan-{i}", payloadBytes);
            cache.Set(entry);
            bytes += entry.SizeBytes;
            between(i);
        }
    }

    void WarmUp()
    {
        for (var round = 0; round < 4; round++)
            for (var i = 0; i < HotKeys; i++)
                Ask($"hot-{i}");
    }

    int HotLeft() => Enumerable.Range(0, HotKeys).Count(i => cache.Peek($"hot-{i}") is not null);

    void Ask(string key, int payloadBytes = PayloadBytes)
    {
        if (!cache.TryGet(key, out _)) cache.Set(new TestEntry(key, payloadBytes));
    }
}
