using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Edge.Core.Basics;
using Edge.Core.Caching.L1;

namespace Edge.Micro;

/// <summary>
/// A hit by span, on one key and on 10,000 keys drawn by Zipf. Keys asked for are other memory than the keys stored, as in
/// a server, where they come from a request's buffer.
/// </summary>
internal static class LookupScenarios
{
    const int KeyCount = 10_000;
    const int DrawCount = 1 << 16;
    const ulong Seed = 20_40;

    static readonly char[][] Keys = [.. Enumerable.Range(0, KeyCount).Select(KeyOf)];
    static readonly int[] OneKey = new int[DrawCount];
    static readonly int[] Zipf = Draw();

    public static Scenario[] All()
    {
        var cache = new L1Cache(64 << 20, Seed);
        var dictionary = new ConcurrentDictionary<string, Entry>();
        foreach (var key in Keys)
        {
            var entry = new Entry(new string(key));
            cache.Set(entry);
            dictionary[entry.Key] = entry;
        }
        var lookup = dictionary.GetAlternateLookup<ReadOnlySpan<char>>();
        var hash = new KeyHash(Seed);
        return
        [
            new("L1Cache.TryGet, one key", operations => Hits(cache, OneKey, operations)),
            new("L1Cache.TryGet, zipf", operations => Hits(cache, Zipf, operations)),
            new("ConcurrentDictionary by span, one key", operations => Hits(lookup, OneKey, operations)),
            new("ConcurrentDictionary by span, zipf", operations => Hits(lookup, Zipf, operations)),
            new("the keys alone, zipf", Touch),
            new("KeyHash", operations => Hashes(hash, operations)),
            new("string.GetHashCode (Marvin)", Marvin),
        ];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Hits(L1Cache cache, int[] draws, int operations)
    {
        var found = 0L;
        for (var i = 0; i < operations; i++)
            if (cache.TryGet(Keys[draws[i & (DrawCount - 1)]], out var entry)) found += entry.SizeBytes;
        return found;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Hits(ConcurrentDictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> lookup, int[] draws, int operations)
    {
        var found = 0L;
        for (var i = 0; i < operations; i++)
            if (lookup.TryGetValue(Keys[draws[i & (DrawCount - 1)]], out var entry)) found += entry.SizeBytes;
        return found;
    }

    // What the harness itself costs: the memory of 10,000 keys does not fit the nearest caches.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Touch(int operations)
    {
        var sum = 0L;
        for (var i = 0; i < operations; i++) sum += Keys[Zipf[i & (DrawCount - 1)]][^1];
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Hashes(KeyHash hash, int operations)
    {
        var sum = 0L;
        for (var i = 0; i < operations; i++) sum += hash.Of(Keys[i & 7]);
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Marvin(int operations)
    {
        var sum = 0L;
        for (var i = 0; i < operations; i++) sum += string.GetHashCode(Keys[i & 7]);
        return sum;
    }

    // 25 and 37 characters.
    static char[] KeyOf(int number)
    {
        var prefix = number % 2 == 0 ? "products/" : "products/page?cursor=";
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}{(number + 1) * 7919L:D16}").ToCharArray();
    }

    static int[] Draw()
    {
        var random = new RandomSource(Seed);
        var ranks = WeightedSampler.Zipf(KeyCount, 0.9);
        var draws = new int[DrawCount];
        for (var i = 0; i < draws.Length; i++) draws[i] = ranks.Next(random);
        return draws;
    }

    sealed class Entry(string key) : L1Entry(key, 1024);
}
