using System.Numerics;

namespace Edge.Core.Caching.L1;

/// <summary>
/// How often keys were asked for lately, cached or not: a count-min sketch of 4-bit counters. Four counters per
/// key, all in one 64-byte block, so that a look-up touches one cache line. Estimates are never too low between
/// two agings, and too high only where all four counters are shared. Not thread-safe.
/// <para>
/// Ageing halves every counter once the additions reach <see cref="AdditionsPerEntry"/> × the entries at hand: what was
/// popular an hour ago must not keep out what is popular now. It runs over the whole table at once, because halving
/// piecemeal would make keys incomparable that lie on different sides of the cut; a table of 1 MiB takes some 50 µs.
/// </para>
/// </summary>
internal sealed class FrequencySketch
{
    internal const int MaxCount = 15;
    internal const int AdditionsPerEntry = 10;
    /// <summary>Beyond this the counters would fill up before the age comes: very many very small entries.</summary>
    internal const int MaxAdditionsPerWord = 8;
    internal const int MaxWords = 1 << 30;
    const int WordsPerBlock = 8;
    const ulong HalfMask = 0x7777777777777777;

    readonly ulong[] words;
    readonly uint blockMask;
    long additions;

    /// <param name="words">Size in words of 8 bytes; raised to a power of two, at least one block.</param>
    public FrequencySketch(int words)
    {
        // Pinned objects have a heap of their own. On that of large objects this and the generations came to the 3 MB after which the collector
        // sets to work: in the middle of each start.
        this.words = GC.AllocateArray<ulong>(Math.Max(WordsPerBlock, (int)BitOperations.RoundUpToPowerOf2((uint)words)), pinned: true);
        blockMask = (uint)(this.words.Length / WordsPerBlock - 1);
    }

    public long SizeBytes => words.Length * sizeof(ulong);

    public int Estimate(uint hash)
    {
        var (block, picks) = Locate(hash);
        var least = MaxCount;
        for (var row = 0; row < 4; row++)
        {
            var (word, shift) = Counter(block, picks, row);
            least = Math.Min(least, (int)(words[word] >> shift) & MaxCount);
        }
        return least;
    }

    /// <summary>Raises only those counters that are below the new estimate ("conservative update"): fewer overestimates.</summary>
    public void Add(uint hash, int count, int entries)
    {
        if (count == 0) return;
        var (block, picks) = Locate(hash);
        var raised = (ulong)Math.Min(MaxCount, Estimate(hash) + count);
        for (var row = 0; row < 4; row++)
        {
            var (word, shift) = Counter(block, picks, row);
            if (((words[word] >> shift) & MaxCount) < raised)
                words[word] = (words[word] & ~((ulong)MaxCount << shift)) | (raised << shift);
        }
        additions += count;
        var perEntries = (long)AdditionsPerEntry * Math.Max(entries, WordsPerBlock);
        if (additions >= Math.Min(perEntries, (long)MaxAdditionsPerWord * words.Length)) Age();
    }

    void Age()
    {
        for (var i = 0; i < words.Length; i++) words[i] = (words[i] >> 1) & HalfMask;
        additions /= 2;
    }

    // The table's own hash picks buckets by its low bits; the sketch must not see the same collisions.
    (int Block, uint Picks) Locate(uint hash)
    {
        var mixed = hash * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93;
        return ((int)((uint)mixed & blockMask) * WordsPerBlock, (uint)(mixed >> 32));
    }

    // Row r owns words 2r and 2r+1 of the block: 32 counters, picked by one byte.
    static (int Word, int Shift) Counter(int block, uint picks, int row)
    {
        var pick = (int)(picks >> (row * 8));
        return (block + row * 2 + (pick & 1), ((pick >> 1) & 15) * 4);
    }
}
