using Edge.Core.Caching.L1;
using Edge.Tests.Basics;

namespace Edge.Tests.Caching.L1;

public sealed class L1CacheTests
{
    const int BudgetBytes = 64 * 1024;
    const ulong Seed = 42;

    readonly L1Cache cache = new(BudgetBytes, Seed);

    [Fact]
    public void What_was_set_is_found_by_a_span_of_other_memory()
    {
        var entry = new TestEntry("products/1");

        Assert.True(cache.Set(entry));

        Assert.True(cache.TryGet("/products/1?".AsSpan(1, 10), out var found));
        Assert.Same(entry, found);
        Assert.Same(entry, cache.Peek("products/1"));
    }

    [Fact]
    public void What_was_never_set_is_not_found()
    {
        cache.Set(new TestEntry("products/1"));

        Assert.False(cache.TryGet("products/2", out var found));
        Assert.Null(found);
        Assert.Null(cache.Peek(""));
    }

    [Fact]
    public void A_replaced_entry_is_gone_and_its_bytes_with_it()
    {
        cache.Set(new TestEntry("a", 3000));
        var second = new TestEntry("a", 500);

        Assert.True(cache.Set(second));

        Assert.Same(second, cache.Peek("a"));
        Assert.Equal(1, cache.Count);
        Assert.Equal(second.SizeBytes, cache.Bytes);
    }

    [Fact]
    public void Setting_the_same_instance_twice_changes_nothing()
    {
        var entry = new TestEntry("a");
        cache.Set(entry);

        Assert.True(cache.Set(entry));

        Assert.Equal((1, entry.SizeBytes), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void A_removed_entry_is_gone_and_can_come_back()
    {
        var entry = new TestEntry("a");
        cache.Set(entry);

        Assert.True(cache.Remove("a"));
        Assert.False(cache.Remove("a"));
        Assert.Null(cache.Peek("a"));
        Assert.Equal((0, 0L), (cache.Count, cache.Bytes));

        Assert.True(cache.Set(entry));
        Assert.Same(entry, cache.Peek("a"));
    }

    [Fact]
    public void Removing_an_instance_spares_its_successor()
    {
        var first = new TestEntry("a");
        var second = new TestEntry("a");
        cache.Set(first);
        cache.Set(second);

        Assert.False(cache.Remove(first));
        Assert.Same(second, cache.Peek("a"));
        Assert.True(cache.Remove(second));
        Assert.Null(cache.Peek("a"));
    }

    [Fact]
    public void An_entry_too_large_is_refused_and_takes_its_outdated_predecessor_along()
    {
        cache.Set(new TestEntry("a"));

        Assert.False(cache.Set(new TestEntry("a", BudgetBytes / L1Cache.MaxEntryPart)));

        Assert.Null(cache.Peek("a"));
        Assert.Equal((0, 0L, 1L), (cache.Count, cache.Bytes, cache.Rejections));
    }

    [Fact]
    public void An_entry_larger_than_the_window_is_taken_where_there_is_room()
    {
        var large = new TestEntry("large", BudgetBytes / L1Cache.MaxEntryPart - 200);
        cache.Set(new TestEntry("small"));

        Assert.True(cache.Set(large));

        Assert.Same(large, cache.Peek("large"));
        Assert.NotNull(cache.Peek("small"));
    }

    [Fact]
    public void An_entry_of_another_cache_is_a_programmers_error()
    {
        var entry = new TestEntry("a");
        new L1Cache(BudgetBytes, Seed).Set(entry);

        Assert.Throws<InvalidOperationException>(() => cache.Set(entry));
    }

    [Fact]
    public void Clear_leaves_nothing()
    {
        for (var i = 0; i < 1000; i++) cache.Set(new TestEntry($"key {i}"));

        cache.Clear();

        Assert.Equal((0, 0L), (cache.Count, cache.Bytes));
        Assert.Null(cache.Peek("key 999"));
        cache.Verify();
    }

    [Fact]
    public void Every_entry_that_left_was_counted()
    {
        const int sets = 5000;
        for (var i = 0; i < sets; i++) cache.Set(new TestEntry($"key {i % 700}", 50 + i % 90));

        // A replacement takes the place of one entry; what is neither here nor replaced has been pushed out.
        Assert.True(cache.Evictions + cache.Rejections > 0);
        Assert.True(cache.Count + cache.Evictions + cache.Rejections <= sets);
        Assert.True(cache.Bytes <= cache.CapacityBytes);
    }

    [Fact]
    public void The_hottest_keys_come_first()
    {
        for (var i = 0; i < 20; i++) cache.Set(new TestEntry($"cold {i}"));
        cache.Set(new TestEntry("hot"));
        cache.Set(new TestEntry("warm"));
        for (var i = 0; i < 3; i++) cache.TryGet("hot", out _);
        cache.TryGet("warm", out _);

        Assert.Equal(["hot", "warm"], cache.HottestKeys(2));
        Assert.Equal(22, cache.HottestKeys(100).Length);
    }

    [Fact]
    public void A_hit_allocates_nothing()
    {
        cache.Set(new TestEntry("a"));
        var found = 0;

        Assert.Equal(0, Allocated.By(CountHits));
        Assert.InRange(found, 1000, int.MaxValue);
        Assert.Equal(0, found % 1000);

        void CountHits()
        {
            for (var i = 0; i < 1000; i++)
                if (cache.TryGet("a", out _)) found++;
        }
    }

    [Fact]
    public void A_budget_too_small_for_anything_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new L1Cache(L1Cache.MinBudgetBytes - 1, Seed));

    [Fact]
    public void An_entrys_size_covers_key_payload_and_overhead()
    {
        var entry = new TestEntry("0123456789", 1000);

        // 64 for the object, 22 + 2 per character for the string, rounded up to 8.
        Assert.Equal(1000 + 64 + 48, entry.SizeBytes);
    }

    [Fact]
    public void The_overhead_per_entry_is_what_the_heap_says()
    {
        const int number = 10_000;
        var keys = new string[number];
        var entries = new TestEntry[number];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < number; i++) entries[i] = new TestEntry(keys[i] = new string('k', i % 50 + 1), 0);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(entries.Sum(entry => (long)entry.SizeBytes), allocated, allocated * 1.02);
    }
}
