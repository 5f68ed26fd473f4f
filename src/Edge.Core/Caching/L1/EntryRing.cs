namespace Edge.Core.Caching.L1;

/// <summary>
/// A circle of entries with a hand that goes round. New ones come in just behind the hand, so they are the last to be
/// passed: taken at the hand, the ring is a FIFO queue; moved over, it is a clock. Under the cache's lock.
/// </summary>
internal sealed class EntryRing(L1Place place)
{
    public L1Entry? Hand { get; private set; }
    public int Count { get; private set; }
    public long Bytes { get; private set; }

    public void Push(L1Entry entry)
    {
        if (Hand is null)
        {
            Hand = entry.Before = entry.After = entry;
        }
        else
        {
            entry.After = Hand;
            entry.Before = Hand.Before;
            Hand.Before!.After = entry;
            Hand.Before = entry;
        }
        entry.Place = place;
        Count++;
        Bytes += entry.SizeBytes;
    }

    public void Remove(L1Entry entry)
    {
        if (Hand == entry) Hand = entry.After == entry ? null : entry.After;
        entry.Before!.After = entry.After;
        entry.After!.Before = entry.Before;
        Release(entry);
        Count--;
    }

    public void Replace(L1Entry old, L1Entry entry)
    {
        if (old.After == old)
        {
            Remove(old);
            Push(entry);
            return;
        }
        entry.Before = old.Before;
        entry.After = old.After;
        entry.Before!.After = entry;
        entry.After!.Before = entry;
        if (Hand == old) Hand = entry;
        entry.Place = place;
        Bytes += entry.SizeBytes;
        Release(old);
    }

    public void Advance() => Hand = Hand?.After;

    // The links are cut for the collector's sake: see EntryTable on what dead entries keep alive.
    void Release(L1Entry entry)
    {
        entry.Before = entry.After = null;
        entry.Place = L1Place.Outside;
        Bytes -= entry.SizeBytes;
    }
}
