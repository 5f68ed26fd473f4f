using System.Diagnostics.CodeAnalysis;

namespace Edge.Core.Caching.L1;

/// <summary>
/// The in-process level: entries under keys, within a budget of bytes. It knows neither time nor what an entry means; expiry,
/// tags and loading are the engine's.
/// <para>
/// <b>Structure.</b> A hash table (<see cref="EntryTable"/>) finds entries. Two rings order them: the window, 5 % of the
/// capacity and 3 MiB at most, where every new entry starts, and the main ring. A sketch (<see cref="FrequencySketch"/>)
/// remembers in 4 bits how often keys were asked for, those of entries long gone included; an entry counts up to three hits.
/// </para>
/// <para>
/// <b>A hit</b> hashes the key, walks a chain that is rarely longer than one, compares, and raises the entry's own count unless that is
/// at three already. No lock, no allocation, no queue to reorder; a hot entry is only read, so processors share its cache line.
/// </para>
/// <para>
/// <b>An insert</b> counts the key in the sketch and enters the window. What the window pushes out at its other end is a candidate
/// for the main ring: it gets in if there is room, or if it is worth more than what it pushes out. <b>An eviction</b> looks
/// at the next five entries at the hand, moves their hits to the sketch, and picks the one worth least, where worth is
/// frequency / √size: per byte would fill the cache with crumbs (some 7 points fewer of the bytes served from it), per
/// entry would let one listing cost a hundred products. The candidate must be worth more, and asked for twice. Entries
/// larger than the window are candidates at once; those above 1/16 of the budget are refused.
/// </para>
/// <para>
/// <b>Work per write</b>: five entries compared per entry pushed out, and each entry is pushed out once for one insert. Since what is
/// pushed out must be worth less, a candidate pushes out at most 225 entries that were asked for since the last
/// ageing. Sizes of table and sketch are fixed by the budget: neither ever grows.
/// </para>
/// <para>
/// <b>Invariants</b> (L1Cache.Invariants.cs): accounted bytes are at most <see cref="CapacityBytes"/> whenever the lock is free; an
/// entry is in the table and in exactly one ring, or in neither.
/// </para>
/// <para>
/// <b>Concurrency.</b> Writers take one lock; readers none. A read that starts after <see cref="Set"/> or Remove has returned never
/// yields an earlier entry of that key, for only linked entries can be reached from a bucket. A read never misses a key
/// that is there throughout, and a replacement leaves no gap. Counts may lose a hit to a race; nothing else may.
/// </para>
/// <para>
/// <b>Memory.</b> The budget covers entries with their keys and overhead, the table (1.6 %), the sketch (1.6 %), and what the collector
/// takes beside them: a sixteenth, and 6 MiB whatever the budget. Flooded with unique keys of ten budgets, the resident set of a native process
/// grew by 1.00 × 64 MiB at its peak, 0.96 × 256 MiB, 0.98 × 1 GiB; of 16 MiB, where the 6 MiB are not all taken off, by 1.24 at the peak
/// and 1.18 at the end (bench/results/l1-memory.md). This needs a
/// small first generation (DOTNET_GCgen0size=400000, or the compiler's --runtimeopt:GCgen0size=400000): by default it grows
/// with the processor's last-level cache, here to 50 MiB, and the same flood of 64 MiB to 1.8 ×. In the whole service
/// entries also grow old among what was used to make them, and leave holes: half of the budget more, or a fifth with
/// --runtimeopt:GCConserveMemory=7, which compacts such a heap (bench/results/flood.md, where the collector's share has room for it). Ordinary churn that replaces
/// popular entries leaves garbage in the oldest generation until the next full collection; asking for collections early was
/// measured (from 2.0 to 1.6 × for half as many full ones again) and left out, for pauses are dearer than pages.
/// </para>
/// <para>
/// <b>Chosen by replay</b> (bench/replay, bench/results/l1-policy.md). Hits in % of requests at 64 MiB on zipf 0.9, the same with a
/// crawler, the same with scans: L1Cache 66.0, 44.3, 51.2; W-TinyLFU as Caffeine has it 63.6, 43.1, 47.2; S3-FIFO 59.4, 40.5,
/// 43.8; LRU 51.9, 32.3, 36.2; Belady 69.0, 48.0, 52.0. W-TinyLFU also reorders its queues at every hit, which needs a lock or
/// buffers. It is not best everywhere: where keys come in short bursts LRU has 69.4, S3-FIFO 67.3, this 66.0; and W-TinyLFU
/// and S3-FIFO serve more of the bytes (zipf 58.2 and 59.3 against 56.4). Tried in its design: a window of a tenth or a fifth
/// (better for bursts by 2, worse for all else by 0.5 to 1), counts to 15 instead of 3, samples of 8, second chances as a
/// clock gives them (no difference), worth = frequency / size (0.4 points more of requests, 7 fewer of bytes).
/// </para>
/// <para>
/// <b>The table</b> (bench/results/micro.md) finds one key of 25 characters in 16 ns in native code and jitted, twice as often on two
/// threads; among 10,000 keys memory decides (45 ns). A ConcurrentDictionary asked by span takes 20 (jitted 14, among many
/// 51) with its default hash, which is not seeded (Marvin alone is 23), and a node of 48 bytes per entry.
/// </para>
/// </summary>
internal sealed partial class L1Cache
{
    /// <summary>An entry may take this part of the budget at most; a larger one would cost too many others.</summary>
    internal const int MaxEntryPart = 16;
    internal const int BytesPerSketchWord = 512;
    /// <summary>This part of the budget is left to the collector: its card and mark tables, and holes that it has not closed.</summary>
    const int CollectorPart = 16;
    /// <summary>And so much, whatever the budget, for its younger generations; of a small budget three sixteenths.</summary>
    const long CollectorBytes = 6 * 1024 * 1024;
    internal const long MinBudgetBytes = 4096;

    readonly Lock gate = new();
    readonly EntryTable table;
    readonly EvictionPolicy policy;
    long bytes;
    int count;
    long tooLarge;

    /// <param name="budgetBytes">Memory to stay in, table and sketch included. At least <see cref="MinBudgetBytes"/>.</param>
    /// <param name="seed">Random per process: it keeps clients from choosing keys that collide.</param>
    public L1Cache(long budgetBytes, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(budgetBytes, MinBudgetBytes);
        table = new EntryTable(budgetBytes, seed);
        var sketch = new FrequencySketch((int)Math.Min(FrequencySketch.MaxWords, budgetBytes / BytesPerSketchWord));
        policy = new EvictionPolicy(
            budgetBytes - CollectorShare(budgetBytes) - table.SizeBytes - sketch.SizeBytes, sketch, table.Unlink_NeedsLock);
        MaxEntryBytes = (int)Math.Min(int.MaxValue, budgetBytes / MaxEntryPart);
    }

    /// <summary>What entries may take together: the budget without table, sketch and the collector's part.</summary>
    public long CapacityBytes => policy.CapacityBytes;

    public int MaxEntryBytes { get; }

    static long CollectorShare(long budgetBytes) =>
        (budgetBytes / CollectorPart) + Math.Min(CollectorBytes, 3 * budgetBytes / CollectorPart);

    public int Count => Volatile.Read(ref count);

    /// <summary>Accounted bytes of all entries.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Entries that were pushed out by others worth more.</summary>
    public long Evictions => policy.Evictions;

    /// <summary>Entries that were not admitted: too large, or worth less than what they would have pushed out.</summary>
    public long Rejections => Volatile.Read(ref tooLarge) + policy.Rejections;

    /// <summary>Lock-free, allocates nothing, counts as an access. Whether the entry is still fresh is the engine's business.</summary>
    public bool TryGet(ReadOnlySpan<char> key, [NotNullWhen(true)] out L1Entry? entry)
    {
        entry = Peek(key);
        if (entry is null) return false;
        EvictionPolicy.CountHit(entry);
        return true;
    }

    /// <summary>Like <see cref="TryGet"/>, without counting.</summary>
    public L1Entry? Peek(ReadOnlySpan<char> key)
    {
        var entry = table.Find(key, out var cut);
        return cut ? FindUnderLock(key) : entry;
    }

    /// <summary>
    /// Puts in or replaces. False: not kept (see <see cref="Rejections"/>). Either way no reader who starts later sees an
    /// earlier entry of that key: refusing the new one removes the old.
    /// </summary>
    public bool Set(L1Entry entry)
    {
        lock (gate)
        {
            var old = table.Find_NeedsLock(entry.Key);
            if (old == entry) return true;
            if (entry.Place != L1Place.Outside) throw new InvalidOperationException($"The entry '{entry.Key}' is in another cache.");
            if (entry.SizeBytes > MaxEntryBytes)
            {
                if (old is not null) Remove_NeedsLock(old);
                tooLarge++;
            }
            else if (old is not null)
            {
                table.Replace_NeedsLock(old, entry);
                policy.Replace(old, entry);
            }
            else
            {
                table.Link_NeedsLock(entry);
                policy.Insert(entry);
            }
            Publish_NeedsLock();
            return entry.Place != L1Place.Outside;
        }
    }

    public bool Remove(ReadOnlySpan<char> key)
    {
        lock (gate)
        {
            if (table.Find_NeedsLock(key) is not { } entry) return false;
            Remove_NeedsLock(entry);
            Publish_NeedsLock();
            return true;
        }
    }

    /// <summary>Only if it is still that instance: what came after it stays.</summary>
    public bool Remove(L1Entry exactly)
    {
        lock (gate)
        {
            if (exactly.Place == L1Place.Outside || table.Find_NeedsLock(exactly.Key) != exactly) return false;
            Remove_NeedsLock(exactly);
            Publish_NeedsLock();
            return true;
        }
    }

    /// <summary>Empties the cache, one entry after another under the lock. What was popular stays known, for it will come again.</summary>
    public void Clear()
    {
        lock (gate)
        {
            while ((policy.Window.Hand ?? policy.Main.Hand) is { } entry) Remove_NeedsLock(entry);
            Publish_NeedsLock();
        }
    }

    /// <summary>
    /// Keys by popularity, the hottest first, at most <paramref name="max"/>: what a restart would like to load first. Walks
    /// the table without the lock, so it is as exact as the moment allows.
    /// </summary>
    public string[] HottestKeys(int max)
    {
        var coolestFirst = new PriorityQueue<string, int>();
        for (var bucket = 0; bucket < table.BucketCount; bucket++)
        {
            for (var entry = table.First(bucket); entry is not null; entry = EntryTable.After(entry))
            {
                if (coolestFirst.Count < max) coolestFirst.Enqueue(entry.Key, policy.Hotness(entry));
                else coolestFirst.EnqueueDequeue(entry.Key, policy.Hotness(entry));
            }
        }
        var keys = new string[coolestFirst.Count];
        for (var i = keys.Length - 1; i >= 0; i--) keys[i] = coolestFirst.Dequeue();
        return keys;
    }

    L1Entry? FindUnderLock(ReadOnlySpan<char> key)
    {
        lock (gate) return table.Find_NeedsLock(key);
    }

    void Remove_NeedsLock(L1Entry entry)
    {
        table.Unlink_NeedsLock(entry);
        policy.Remove(entry);
    }

    // Readers of the figures never see the state between two steps of a change.
    void Publish_NeedsLock()
    {
        Volatile.Write(ref bytes, policy.Bytes);
        Volatile.Write(ref count, policy.Count);
        CheckInvariants_NeedsLock();
    }
}
