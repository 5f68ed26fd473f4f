using System.Diagnostics;

namespace Edge.Core.Caching.L1;

/// <summary>What must hold whenever the lock is released; checked in Debug builds as every mutator leaves.</summary>
internal sealed partial class L1Cache
{
    const int AlwaysCheckedCount = 64;
    const int CheckEvery = 1021;

    int mutations;

    [Conditional("DEBUG")]
    void CheckInvariants_NeedsLock()
    {
        if (policy.Count <= AlwaysCheckedCount || ++mutations % CheckEvery == 0) Verify_NeedsLock();
    }

    /// <summary>For tests, at the end of a stress.</summary>
    internal void Verify()
    {
        lock (gate) Verify_NeedsLock();
    }

    void Verify_NeedsLock()
    {
        Holds(policy.Bytes <= CapacityBytes, "the entries fit");
        VerifyRing(policy.Window, L1Place.Window);
        VerifyRing(policy.Main, L1Place.Main);
        var linked = 0;
        for (var bucket = 0; bucket < table.BucketCount; bucket++)
        {
            for (var entry = table.First(bucket); entry is not null; entry = EntryTable.After(entry))
            {
                Holds(entry.Place != L1Place.Outside, "every entry in the table is in a ring");
                linked++;
            }
        }
        Holds(linked == policy.Count, "the table and the rings hold equally many");
    }

    void VerifyRing(EntryRing ring, L1Place place)
    {
        var (sum, number) = (0L, 0);
        for (var entry = ring.Hand; entry is not null; entry = entry.After == ring.Hand ? null : entry.After)
        {
            Holds(entry.Place == place, "an entry knows its ring");
            Holds(entry.After!.Before == entry, "the links of the ring match");
            Holds(table.Find_NeedsLock(entry.Key) == entry, "every entry in a ring is found by its key");
            Holds(entry.Hits <= EvictionPolicy.MaxHits, "hits are bounded");
            sum += entry.SizeBytes;
            number++;
        }
        Holds(sum == ring.Bytes, "the ring's bytes are the sum of its entries");
        Holds(number == ring.Count, "the ring's count is the number of its entries");
    }

    static void Holds(bool condition, string invariant)
    {
        if (!condition) throw new InvalidOperationException($"L1 invariant broken: {invariant}.");
    }
}
