using Edge.Core.Basics;

namespace Edge.Replay.Traces;

/// <summary>
/// Made-up traffic, the same for the same seed. Sizes are log-normal (median 2.5 KB, mean near 6 KB, cut to 64 B – 512 KiB) and
/// belong to the key, independent of its popularity.
/// </summary>
internal static class SyntheticTraces
{
    internal const int KeyCount = 200_000;
    const double ZipfExponent = 0.9;
    const double FlatExponent = 0.7;
    const double CrawlerShare = 0.3;
    const int DriftEvery = 10_000;
    const int DriftKeys = 200;
    const double ScanStarts = 1.0;
    const int ScanLength = 50_000;
    const int BurstEvery = 20;
    const int BurstWidth = 1000;
    const int LoopKeys = 8_000;
    const long UniqueFrom = 1_000_000_000;

    /// <summary>Name and what it imitates; <see cref="Make"/> knows the same names.</summary>
    public static readonly (string Name, string Text)[] All =
    [
        ("zipf", "200,000 keys, exponent 0.9: a shop's product pages"),
        ("flat", "200,000 keys, exponent 0.7: a long tail"),
        ("crawler", "zipf, and 30 % of requests ask for keys that never come again"),
        ("drift", "zipf whose ranks move: every 10,000 requests 200 random keys trade places"),
        ("scan", "zipf, interrupted by sequential runs over 50,000 keys of another list"),
        ("bursts", "half zipf, half keys that are asked for some ten times within 20,000 requests and never again: sessions"),
        ("loop", "8,000 keys round and round: LRU's worst case"),
    ];

    public static Trace Make(string name, int requests, ulong seed)
    {
        var random = new RandomSource(seed);
        var builder = new TraceBuilder<long>(name, requests);
        switch (name)
        {
            case "zipf": Popular(builder, random, seed, ZipfExponent, 0); break;
            case "flat": Popular(builder, random, seed, FlatExponent, 0); break;
            case "crawler": Popular(builder, random, seed, ZipfExponent, CrawlerShare); break;
            case "drift": Drift(builder, random, seed); break;
            case "scan": Scan(builder, random, seed); break;
            case "bursts": Bursts(builder, random, seed); break;
            case "loop": while (!builder.IsFull) Add(builder, builder.Count % LoopKeys, seed); break;
            default: throw new ArgumentException($"no synthetic trace is called '{name}'", nameof(name));
        }
        return builder.Build();
    }

    static void Popular(TraceBuilder<long> builder, RandomSource random, ulong seed, double exponent, double uniqueShare)
    {
        var ranks = WeightedSampler.Zipf(KeyCount, exponent);
        while (!builder.IsFull)
            Add(builder, uniqueShare > 0 && random.Chance(uniqueShare) ? UniqueFrom + builder.Count : ranks.Next(random), seed);
    }

    static void Drift(TraceBuilder<long> builder, RandomSource random, ulong seed)
    {
        var ranks = WeightedSampler.Zipf(KeyCount, ZipfExponent);
        var keyOfRank = new int[KeyCount];
        for (var i = 0; i < KeyCount; i++) keyOfRank[i] = i;
        while (!builder.IsFull)
        {
            if (builder.Count % DriftEvery == DriftEvery - 1)
            {
                // Half of the trades lift an unpopular key to the top thousand: what makes a trend.
                for (var i = 0; i < DriftKeys; i++)
                {
                    var (a, b) = (random.Next(i % 2 == 0 ? 1000 : KeyCount), random.Next(KeyCount));
                    (keyOfRank[a], keyOfRank[b]) = (keyOfRank[b], keyOfRank[a]);
                }
            }
            Add(builder, keyOfRank[ranks.Next(random)], seed);
        }
    }

    static void Scan(TraceBuilder<long> builder, RandomSource random, ulong seed)
    {
        var ranks = WeightedSampler.Zipf(KeyCount, ZipfExponent);
        var scanned = 0;
        while (!builder.IsFull)
        {
            if (scanned == 0 && random.Chance(ScanStarts / (2 * ScanLength))) scanned = ScanLength;
            // While a scan runs, it and ordinary traffic take turns.
            if (scanned > 0 && builder.Count % 2 == 0) Add(builder, UniqueFrom + --scanned, seed);
            else Add(builder, ranks.Next(random), seed);
        }
    }

    static void Bursts(TraceBuilder<long> builder, RandomSource random, ulong seed)
    {
        var ranks = WeightedSampler.Zipf(KeyCount, ZipfExponent);
        while (!builder.IsFull)
        {
            var zipf = random.Chance(0.5);
            // The keys alive are a window that slides one key further every 20 requests.
            var newest = builder.Count / BurstEvery;
            Add(builder, zipf ? ranks.Next(random) : UniqueFrom + newest + random.Next(BurstWidth), seed);
        }
    }

    static void Add(TraceBuilder<long> builder, long key, ulong seed) => builder.Add(key, SizeOf(key, seed));

    internal static int SizeOf(long key, ulong seed)
    {
        var bell = new RandomSource(0).Restart(seed, key).NextBell();
        return (int)Math.Clamp(2500 * Math.Exp(1.3 * bell), 64, 512 * 1024);
    }
}
