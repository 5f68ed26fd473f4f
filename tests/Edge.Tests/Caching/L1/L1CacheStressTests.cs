using Edge.Core.Basics;
using Edge.Core.Caching.L1;

namespace Edge.Tests.Caching.L1;

public sealed class L1CacheStressTests
{
    const int Threads = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Readers_and_writers_at_once_leave_a_sound_cache(int seed)
    {
        const int operations = 40_000, keys = 500;
        var cache = new L1Cache(64 * 1024, (ulong)seed);

        InParallel((thread, random) =>
        {
            for (var i = 0; i < operations; i++)
            {
                var key = $"key-{random.Next(keys)}";
                switch (random.Next(10))
                {
                    case < 3: cache.Set(new TestEntry(key, random.Next(300))); break;
                    case 3: cache.Remove(key); break;
                    case 4 when cache.Peek(key) is { } entry: cache.Remove(entry); break;
                    default:
                        if (cache.TryGet(key, out var found)) Assert.Equal(key, found.Key);
                        break;
                }
            }
        }, seed);

        cache.Verify();
        Assert.InRange(cache.Count, 1, keys);
    }

    /// <summary>Few buckets and much removal around: a reader whose chain is cut under his feet must still find what is there.</summary>
    [Fact]
    public void A_key_that_stays_is_found_whatever_happens_to_its_neighbours()
    {
        const int rounds = 300_000, neighbours = 20;
        var cache = new L1Cache(8 * 1024, 5);
        string[] staying = [.. Enumerable.Range(0, 30).Select(i => $"stays-{i}")];
        foreach (var key in staying) cache.Set(new TestEntry(key, 0));

        string[] going = [.. Enumerable.Range(0, neighbours).Select(i => $"goes-{i}")];

        InParallel((thread, random) =>
        {
            for (var i = 0; i < rounds; i++)
            {
                if (thread % 2 == 0)
                {
                    // Below the budget: nothing is ever pushed out.
                    var key = going[random.Next(neighbours)];
                    if (!cache.Remove(key)) cache.Set(new TestEntry(key, 0));
                }
                else
                {
                    Assert.True(cache.TryGet(staying[random.Next(staying.Length)], out _));
                }
            }
        }, seed: 11);

        Assert.Equal(0, cache.Evictions + cache.Rejections);
        cache.Verify();
    }

    /// <summary>Each thread owns its keys, so it knows what must be there as long as nothing is pushed out.</summary>
    [Fact]
    public void Nothing_that_was_kept_is_lost()
    {
        const int keysPerThread = 200, operations = 20_000;
        var cache = new L1Cache(1 << 20, 3);
        var expected = new L1Entry?[Threads, keysPerThread];

        InParallel((thread, random) =>
        {
            for (var i = 0; i < operations; i++)
            {
                var number = random.Next(keysPerThread);
                var key = $"{thread}/{number}";
                if (random.Chance(0.3))
                {
                    Assert.Equal(expected[thread, number] is not null, cache.Remove(key));
                    expected[thread, number] = null;
                }
                else
                {
                    var entry = new TestEntry(key, random.Next(200));
                    Assert.True(cache.Set(entry));
                    expected[thread, number] = entry;
                }
                Assert.Same(expected[thread, number], cache.Peek(key));
            }
        }, seed: 17);

        Assert.Equal(0, cache.Evictions + cache.Rejections);
        for (var thread = 0; thread < Threads; thread++)
            for (var number = 0; number < keysPerThread; number++)
                Assert.Same(expected[thread, number], cache.Peek($"{thread}/{number}"));
        cache.Verify();
    }

    static void InParallel(Action<int, RandomSource> body, int seed)
    {
        using var start = new Barrier(Threads);
        var failures = new Exception?[Threads];
        var threads = new Thread[Threads];
        for (var i = 0; i < Threads; i++)
        {
            var number = i;
            threads[i] = new Thread(() =>
            {
                start.SignalAndWait();
                try
                {
                    body(number, new RandomSource((ulong)(seed * Threads + number)));
                }
                catch (Exception failure)
                {
                    failures[number] = failure;
                }
            });
            threads[i].Start();
        }
        foreach (var thread in threads) thread.Join();
        foreach (var failure in failures) Assert.Null(failure);
    }
}
