namespace Edge.Core.Caching.L1;

/// <summary>
/// Which entries stay: the structure and its reasons are told at <see cref="L1Cache"/>. Everything here runs under the
/// cache's lock. The policy never touches the table: whom it pushes out, it hands to <c>drop</c>.
/// </summary>
internal sealed class EvictionPolicy(long capacityBytes, FrequencySketch sketch, Action<L1Entry> drop)
{
    /// <summary>More would be written, not known: a hot entry saturates in three hits, and hits after that only read.</summary>
    internal const int MaxHits = 3;
    internal const double WindowShare = 0.05;
    /// <summary>A longer window would keep entries until the collector has promoted them, to be pushed out as old garbage.</summary>
    internal const long MaxWindowBytes = 3 << 20;
    /// <summary>Entries compared per eviction: the bound on the work of one.</summary>
    internal const int SampleSize = 5;

    readonly long windowBytes = WindowOf(capacityBytes);
    readonly long mainBytes = capacityBytes - WindowOf(capacityBytes);

    internal EntryRing Window { get; } = new(L1Place.Window);
    internal EntryRing Main { get; } = new(L1Place.Main);

    public long CapacityBytes { get; } = capacityBytes;
    public int Count => Window.Count + Main.Count;
    public long Bytes => Window.Bytes + Main.Bytes;

    /// <summary>Pushed out of the main ring by something worth more.</summary>
    public long Evictions { get; private set; }
    /// <summary>Left the window, and were worth less than what they would have pushed out.</summary>
    public long Rejections { get; private set; }

    public void Insert(L1Entry entry)
    {
        entry.Hits = 0;
        sketch.Add(entry.Hash, 1, Count);
        // Passing the window would empty it.
        if (entry.SizeBytes > windowBytes) Admit(entry);
        else Window.Push(entry);
        Shrink();
    }

    /// <summary>The new entry inherits place and popularity of the old one; being written counts as being asked for.</summary>
    public void Replace(L1Entry old, L1Entry entry)
    {
        RingOf(old).Replace(old, entry);
        entry.Hits = old.Hits;
        CountHit(entry);
        Shrink();
    }

    public void Remove(L1Entry entry) => RingOf(entry).Remove(entry);

    /// <summary>
    /// Racy on purpose: two readers may count as one, and one more may be lost to the hand. No estimate needs better, and
    /// a saturated entry is not written to, so that its cache line stays shared between processors.
    /// </summary>
    public static void CountHit(L1Entry entry)
    {
        var hits = entry.Hits;
        if (hits < MaxHits) entry.Hits = (byte)(hits + 1);
    }

    /// <summary>How often the entry was asked for lately, 0 to 18; without side effects, so callable without the lock.</summary>
    public int Hotness(L1Entry entry) => sketch.Estimate(entry.Hash) + entry.Hits;

    void Shrink()
    {
        while (Window.Bytes > windowBytes)
        {
            var oldest = Window.Hand!;
            Window.Remove(oldest);
            Admit(oldest);
        }
        // Only where an entry was replaced by a larger one.
        while (Main.Bytes > mainBytes) Evict(ColdestOfSample().Entry);
    }

    // The candidate is in no ring; it enters the main one, or is dropped.
    void Admit(L1Entry candidate)
    {
        var frequency = TakeFrequency(candidate);
        while (Main.Bytes + candidate.SizeBytes > mainBytes)
        {
            var (victim, victimFrequency) = ColdestOfSample();
            if (!Displaces(candidate, frequency, victim, victimFrequency))
            {
                Rejections++;
                drop(candidate);
                return;
            }
            Evict(victim);
        }
        Main.Push(candidate);
    }

    void Evict(L1Entry victim)
    {
        Main.Remove(victim);
        Evictions++;
        drop(victim);
    }

    (L1Entry Entry, int Frequency) ColdestOfSample()
    {
        var coldest = Main.Hand!;
        var coldestFrequency = TakeFrequency(coldest);
        Main.Advance();
        for (var i = Math.Min(SampleSize, Main.Count); i > 1; i--)
        {
            var entry = Main.Hand!;
            var frequency = TakeFrequency(entry);
            if (Worth(frequency, coldest) < Worth(coldestFrequency, entry)) (coldest, coldestFrequency) = (entry, frequency);
            Main.Advance();
        }
        return (coldest, coldestFrequency);
    }

    // A single request proves nothing: it gets a place only where one is free. Otherwise a flood of invented keys with tiny
    // answers drives out every large entry, and all that it drives out is garbage of the oldest generation, which the
    // collector leaves lying until resident memory is twice the budget. In replays this costs 0.2 to 1.3 points of the requests,
    // and gains up to one of the bytes where crawlers and scans pass.
    static bool Displaces(L1Entry candidate, int frequency, L1Entry victim, int victimFrequency) =>
        frequency > 1 && Worth(frequency, victim) > Worth(victimFrequency, candidate);

    // a is worth more than b where frequency(a) / √size(a) > frequency(b) / √size(b). Squared and multiplied crosswise, to
    // stay with integers: each side is a frequency and the OTHER one's size.
    static long Worth(int frequency, L1Entry other) => (long)frequency * frequency * other.SizeBytes;

    // Hits move from the entry to the sketch when somebody needs to know, not when they happen.
    int TakeFrequency(L1Entry entry)
    {
        var hits = entry.Hits;
        if (hits > 0)
        {
            entry.Hits = 0;
            sketch.Add(entry.Hash, hits, Count);
        }
        return sketch.Estimate(entry.Hash);
    }

    static long WindowOf(long capacityBytes) => Math.Min(MaxWindowBytes, (long)(capacityBytes * WindowShare));

    EntryRing RingOf(L1Entry entry) => entry.Place == L1Place.Window ? Window : Main;
}
