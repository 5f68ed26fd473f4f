using System.Numerics;

namespace Edge.Core.Caching.L1;

/// <summary>
/// Keys to entries: buckets of chains linked through the entries themselves. Finding takes no lock; everything else is
/// done under the cache's lock.
/// <para>
/// The number of buckets is fixed by the budget, never by the content: entries cannot be smaller than their own
/// overhead, so a bucket per <see cref="BytesPerBucket"/> of budget keeps chains short. Without growth an entry
/// stays in its chain for life, which is what makes the readers' part this small.
/// </para>
/// <para>
/// A reader walks a chain while writers change it. Entries are inserted at the head, so none can hide behind the reader.
/// An entry that is taken out has its link set to <see cref="Unlinked"/>: a reader who stood on it finds that
/// mark at the end of his walk and starts again, instead of taking a cut chain for a miss. Leaving the old link
/// in place would spare the restart, but then dead entries of the oldest generation keep younger dead ones alive
/// until a full collection, and under a flood that is most of the memory.
/// </para>
/// </summary>
internal sealed class EntryTable(long budgetBytes, ulong seed)
{
    internal const int BytesPerBucket = 512;
    const int MinBuckets = 16;
    const int MaxBuckets = 1 << 26;
    /// <summary>Walks that removals cut before a reader asks for the lock; each takes a removal in that very chain.</summary>
    internal const int MaxRestarts = 8;

    static readonly L1Entry Unlinked = new Mark();

    readonly KeyHash hasher = new(seed);
    readonly L1Entry?[] buckets =
        new L1Entry?[BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(budgetBytes / BytesPerBucket, MinBuckets, MaxBuckets))];

    public long SizeBytes => (long)buckets.Length * nint.Size;
    public int BucketCount => buckets.Length;

    /// <summary>Lock-free. Null with <paramref name="cut"/> is no answer: removals were in the way; ask under the lock.</summary>
    public L1Entry? Find(ReadOnlySpan<char> key, out bool cut)
    {
        var hash = hasher.Of(key);
        cut = false;
        var restarts = 0;
        do
        {
            L1Entry? last = null;
            var entry = Volatile.Read(ref buckets[hash & (uint)(buckets.Length - 1)]);
            while (entry is not null)
            {
                if (entry.Hash == hash && key.SequenceEqual(entry.Key)) return entry;
                last = entry;
                entry = Volatile.Read(ref entry.Next);
            }
            if (last != Unlinked) return null;
        }
        while (++restarts < MaxRestarts);
        cut = true;
        return null;
    }

    public L1Entry? Find_NeedsLock(ReadOnlySpan<char> key) => Find(key, out _);

    public void Link_NeedsLock(L1Entry entry)
    {
        entry.Hash = hasher.Of(entry.Key);
        ref var head = ref Head(entry);
        entry.Next = head;
        Volatile.Write(ref head, entry);
    }

    public void Unlink_NeedsLock(L1Entry entry)
    {
        Volatile.Write(ref LinkTo_NeedsLock(entry), entry.Next);
        Volatile.Write(ref entry.Next, Unlinked);
    }

    /// <summary>Puts an entry of the same key in the place of another: at no moment do readers find none.</summary>
    public void Replace_NeedsLock(L1Entry old, L1Entry entry)
    {
        entry.Hash = old.Hash;
        entry.Next = old.Next;
        Volatile.Write(ref LinkTo_NeedsLock(old), entry);
        Volatile.Write(ref old.Next, Unlinked);
    }

    /// <summary>The first of a bucket's chain; for walks over everything. Follow with <see cref="After"/>.</summary>
    public L1Entry? First(int bucket) => Volatile.Read(ref buckets[bucket]);

    public static L1Entry? After(L1Entry entry) => Volatile.Read(ref entry.Next) is { } next && next != Unlinked ? next : null;

    ref L1Entry? Head(L1Entry entry) => ref buckets[entry.Hash & (uint)(buckets.Length - 1)];

    ref L1Entry? LinkTo_NeedsLock(L1Entry entry)
    {
        ref var link = ref Head(entry);
        while (link != entry) link = ref link!.Next;
        return ref link;
    }

    sealed class Mark() : L1Entry("unlinked", 0);
}
