namespace Edge.Core.Caching;

/// <summary>
/// What makes an invalidation impossible to overtake. Every entry depends on some <i>slots</i>: its own key's, its tags', and the one of
/// everything. A slot has a generation; to invalidate is to move it on. A load notes the generations of its slots <b>before</b> it reads
/// the origin, and the entry keeps them: it is valid as long as none has moved. Whatever order a slow load, a store and an invalidation
/// happen in, data that was read before the invalidation carries the old generation and is refused by every later read.
/// <para>
/// Names share a fixed number of slots by hash, so memory is bounded whatever names are invented. Two names in one slot cost a needless
/// load when the other one is invalidated, and nothing else.
/// </para>
/// <para>
/// <see cref="Version"/> moves with every invalidation of anything: an entry that was found valid at this version is valid without
/// looking at its slots again. So a hit costs one comparison however many tags an entry has. The order matters: an invalidation moves the
/// slot first and the version second; a reader takes the version first and looks at the slots second.
/// </para>
/// </summary>
internal sealed class Generations
{
    /// <summary>256 KiB. At 1,000 live names, one in 65 invalidations also hits another name.</summary>
    public const int SlotCount = 1 << 16;

    /// <summary>The slot on which every entry depends.</summary>
    public const int Everything = 0;

    readonly int[] _slots = new int[SlotCount];
    int _version;

    public int Version => Volatile.Read(ref _version);

    /// <summary>The slot of a name: the same in every process, since instances tell each other slots, not names.</summary>
    public static int SlotOf(ReadOnlySpan<char> name)
    {
        // FNV-1a over UTF-16 units: short names, no adversary (a collision costs a load), nothing to seed.
        var hash = 0xcbf29ce484222325;
        foreach (var unit in name)
            hash = (hash ^ unit) * 0x100000001b3;
        // Slot 0 is taken.
        return 1 + (int)((hash ^ (hash >> 32)) % (SlotCount - 1));
    }

    public void Invalidate(int slot)
    {
        Interlocked.Increment(ref _slots[slot]);
        Interlocked.Increment(ref _version);
    }

    /// <summary>The present generations of these slots, to be taken before the origin is read.</summary>
    public Snapshot Take(int[] slots)
    {
        // Version first: see the type's remarks.
        var version = Version;
        var generations = new int[slots.Length];
        for (var i = 0; i < slots.Length; i++)
            generations[i] = Volatile.Read(ref _slots[slots[i]]);
        return new(slots, generations, version);
    }

    /// <summary>Whether nothing that the snapshot depends on has been invalidated since it was taken.</summary>
    public bool IsCurrent(Snapshot snapshot)
    {
        var version = Version;
        if (snapshot.CurrentAt == version)
            return true;
        var slots = snapshot.Slots;
        for (var i = 0; i < slots.Length; i++)
            if (Volatile.Read(ref _slots[slots[i]]) != snapshot.At[i])
                return false;
        // A racing reader may write an older version over ours: it then costs one more look at the slots.
        snapshot.CurrentAt = version;
        return true;
    }

    /// <summary>The generations that some data was read at.</summary>
    internal sealed class Snapshot(int[] slots, int[] at, int version)
    {
        /// <summary>The version at which it was last found current.</summary>
        public int CurrentAt = version;

        public int[] Slots => slots;

        public int[] At => at;
    }
}
