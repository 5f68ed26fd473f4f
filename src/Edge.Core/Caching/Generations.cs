using System.Diagnostics.CodeAnalysis;
using Edge.Core.Caching.L2;

namespace Edge.Core.Caching;

/// <summary>
/// What makes an invalidation impossible to overtake. Every entry depends on some names: its own key, its tags, and everything. A name has
/// two <i>places</i>, a hard and a soft one, each with a generation; to invalidate is to move a place on. A load notes the generations of
/// its places <b>before</b> it reads the origin, and the entry keeps them. Whatever order a slow load, a store and an invalidation
/// happen in, data that was read before the invalidation carries the old generation, and every later read sees that: where a hard place
/// has moved the data is not used at all, where only a soft one has, it is stale whatever its time says.
/// <para>
/// Names share a fixed number of slots by hash, so memory is bounded whatever names are invented. Two names in one slot cost a needless
/// load when the other one is invalidated, and nothing else.
/// </para>
/// <para>
/// <see cref="Version"/> moves with every invalidation of anything: an entry that was found current at this version is so without looking
/// at its places again. So a hit costs one comparison however many tags an entry has. The order matters: an invalidation moves the
/// place first and the version second; a reader takes the version first and looks at the places second.
/// </para>
/// <para>
/// <b>Two counts.</b> The instances of a service agree on <i>shared</i> generations, kept by the second level (<see cref="ISecondLevel"/>).
/// Entries in memory do not carry those: they carry <i>local</i> ones, which move whenever this instance invalidates something, hears of an
/// invalidation, or has reason to fear that it missed one. So a local generation never goes back and means the same however often
/// the second level was cut off or lost its memory; the shared ones serve to tell news from what is known already.
/// <see cref="TryAdopt"/> ties the two together: it takes an entry's shared generations for as good as the local ones noted before the
/// fetch, if nothing has moved here meanwhile and the fetch did not see less than is known here.
/// </para>
/// </summary>
internal sealed class Generations(int slotCount = Generations.DefaultSlotCount)
{
    /// <summary>1 MiB of numbers, of which only the pages in use are resident. At 1,000 live names, one in 65 invalidations also hits another name.</summary>
    public const int DefaultSlotCount = 1 << 16;

    /// <summary>The hard place on which every entry depends; the soft one is the next.</summary>
    public const int Everything = 0;

    // Pinned, where they are large: the collector never moves them, which would touch every page.
    readonly int[] _local = GC.AllocateArray<int>(2 * slotCount, pinned: slotCount >= DefaultSlotCount);
    readonly uint[] _shared = GC.AllocateArray<uint>(2 * slotCount, pinned: slotCount >= DefaultSlotCount);
    readonly Lock _gate = new();
    // Of the second level, both guarded by the lock.
    string _epoch = "";
    long _sharedVersion;
    int _version;

    public enum Validity
    {
        Current,

        /// <summary>Stale: a soft place has moved.</summary>
        Suspect,

        /// <summary>Not to be used: a hard place has moved.</summary>
        Invalid,
    }

    public int Version => Volatile.Read(ref _version);

    /// <summary>The hard place of a name: the same in every process, since instances tell each other places, not names.</summary>
    public int PlaceOf(ReadOnlySpan<char> name)
    {
        // FNV-1a over UTF-16 units: short names, no adversary (a collision costs a load), nothing to seed.
        var hash = 0xcbf29ce484222325;
        foreach (var unit in name)
            hash = (hash ^ unit) * 0x100000001b3;
        // Slot 0 is taken.
        return 2 * (1 + (int)((hash ^ (hash >> 32)) % (ulong)(slotCount - 1)));
    }

    /// <summary>Moves places of this instance on.</summary>
    public void Move(ReadOnlySpan<int> places)
    {
        foreach (var place in places)
            Interlocked.Increment(ref _local[place]);
        Interlocked.Increment(ref _version);
    }

    /// <summary>The present generations of these places, to be taken before the origin is read.</summary>
    public Snapshot Take(int[] places)
    {
        // Version first: see the type's remarks.
        var version = Version;
        var at = new int[places.Length];
        for (var i = 0; i < places.Length; i++)
            at[i] = Volatile.Read(ref _local[places[i]]);
        return new(places, at, version);
    }

    /// <summary>What has happened since the snapshot was taken to what it depends on.</summary>
    public Validity Check(Snapshot snapshot)
    {
        var version = Version;
        if (snapshot.CurrentAt == version)
            return Validity.Current;
        var places = snapshot.Places;
        var found = Validity.Current;
        for (var i = 0; i < places.Length; i++)
            if (Volatile.Read(ref _local[places[i]]) != snapshot.At[i])
            {
                if ((places[i] & 1) == 0)
                    return Validity.Invalid;
                found = Validity.Suspect;
            }
        // A racing reader may write an older version over ours: it then costs one more look at the places.
        if (found == Validity.Current)
            snapshot.CurrentAt = version;
        return found;
    }

    public bool IsCurrent(Snapshot snapshot) => Check(snapshot) == Validity.Current;

    /// <summary>Moves on what the second level has moved. False: it is about another life of the second level than this instance knows.</summary>
    /// <param name="haveMoved">
    /// Whether each of the places was behind that, and so has moved here now. Where one was not, this was known from elsewhere, or is from a copy that has
    /// forgotten some of what is known: nobody can tell which.
    /// </param>
    public bool TryHear(L2Generations moved, out bool haveMoved)
    {
        lock (_gate)
        {
            haveMoved = false;
            if (moved.Position.Epoch != _epoch)
                return false;
            // Before any is raised: a place may be named twice.
            haveMoved = true;
            for (var i = 0; i < moved.Places.Length; i++)
                haveMoved &= IsPlace(moved.Places[i]) && moved.At[i] > _shared[moved.Places[i]];
            Raise(moved.Places, moved.At);
            _sharedVersion = Math.Max(_sharedVersion, moved.Position.Version);
            return true;
        }
    }

    /// <summary>Whether the second level is the one that this instance has compared itself with last.</summary>
    public bool IsOfKnownLife(L2Position position)
    {
        lock (_gate)
            return position.Epoch == _epoch;
    }

    /// <summary>
    /// The shared version and generations as known now: to be taken before those of the second level are read. No generations the first time,
    /// when there are none.
    /// </summary>
    public (long Version, uint[] At) Known()
    {
        // A copy is half a megabyte, which made each start collect its garbage.
        lock (_gate)
            return (_sharedVersion, _epoch.Length == 0 ? [] : [.. _shared]);
    }

    /// <summary>
    /// Whether the second level has forgotten some of what is known here, and goes by what was before: it came back from a dump, or a replica took
    /// over that had not heard of everything. What it has was stored at generations that are about to be given once more.
    /// </summary>
    /// <param name="before">From <see cref="Known"/>: news that came since may be newer than <paramref name="all"/>.</param>
    public bool HasGoneBack(L2Generations all, (long Version, uint[] At) before)
    {
        lock (_gate)
        {
            if (before.At.Length == 0)
                return false;
            var order = string.CompareOrdinal(all.Position.Epoch, _epoch);
            if (order != 0)
                return order < 0;
            var unnamed = 0;
            foreach (var generation in before.At)
                unnamed += generation > 0 ? 1 : 0;
            for (var i = 0; i < all.Places.Length; i++)
            {
                if (!IsPlace(all.Places[i]) || before.At[all.Places[i]] is not (> 0 and var known))
                    continue;
                if (all.At[i] < known)
                    return true;
                unnamed--;
            }
            // A place that is not named has never moved there.
            return unnamed > 0 || all.Position.Version < before.Version;
        }
    }

    /// <summary>The latest position of the second level that this instance knows of.</summary>
    public L2Position KnownPosition()
    {
        lock (_gate)
            return new(_epoch, _sharedVersion);
    }

    /// <summary>
    /// Whether an invalidation went to a second level that has gone back, where it has moved what others may take for what they know already. From then
    /// on it has gone back whatever it says, until it is in another epoch.
    /// </summary>
    /// <param name="before">From <see cref="KnownPosition"/>, before it was asked.</param>
    public bool HasFoundGoneBack(L2Generations moved, L2Position before)
    {
        lock (_gate)
        {
            var due = moved.IsRepeat ? before.Version : before.Version + 1;
            if (moved.Position.Epoch != _epoch || before.Epoch != _epoch || moved.Position.Version >= due)
                return false;
            _sharedVersion = long.MaxValue;
            return true;
        }
    }

    /// <summary>
    /// Takes the state of the second level for the shared one, as after a connection: what has moved meanwhile moves here. If it cannot be
    /// compared (the first time, or it has lost its memory), nobody can tell what was missed: all that this instance has is suspect.
    /// </summary>
    /// <returns>False: it could not be compared.</returns>
    public bool Synchronize(L2Generations all)
    {
        lock (_gate)
        {
            if (all.Position.Epoch == _epoch)
            {
                Raise(all.Places, all.At);
                _sharedVersion = Math.Max(_sharedVersion, all.Position.Version);
                return true;
            }
            // Not the first time: cleared pages are resident pages, and these are zero already.
            if (_epoch.Length > 0)
                Array.Clear(_shared);
            (_epoch, _sharedVersion) = (all.Position.Epoch, all.Position.Version);
            for (var i = 0; i < all.Places.Length; i++)
                if (IsPlace(all.Places[i]))
                    _shared[all.Places[i]] = all.At[i];
            Move([Everything + 1]);
            return false;
        }
    }

    /// <summary>
    /// The snapshot to give to data that was current in the second level when it was fetched, or is to be loaded after that fetch.
    /// False: something has moved since <paramref name="before"/>, so that nobody can say whether the data is older: fetch again.
    /// </summary>
    /// <param name="before">Taken before the fetch.</param>
    public bool TryAdopt(Snapshot before, L2Fetch fetched, [NotNullWhen(true)] out Snapshot? adopted)
    {
        adopted = null;
        lock (_gate)
        {
            if (fetched.Position.Epoch != _epoch)
                return false;
            for (var i = 0; i < before.Places.Length; i++)
                if (fetched.At[i] < _shared[before.Places[i]])
                    return false;
            _sharedVersion = Math.Max(_sharedVersion, fetched.Position.Version);
            if (!IsCurrent(before))
                return false;
            int[]? raised = null;
            for (var i = 0; i < before.Places.Length; i++)
                if (fetched.At[i] > _shared[before.Places[i]])
                    (raised ??= [.. before.At])[i]++;
            if (raised is null)
            {
                adopted = before;
                return true;
            }
            // The fetch has overtaken the news: what it shows to have moved is moved before it is relied on. By one, and no further: moves of this
            // instance do not take the lock, and one that comes now counts against the data. Not looked at in this version yet, so that it will be.
            Raise(before.Places, fetched.At);
            adopted = new(before.Places, raised, Version - 1);
            return true;
        }
    }

    void Raise(int[] places, uint[] at)
    {
        var moved = false;
        for (var i = 0; i < places.Length; i++)
        {
            if (!IsPlace(places[i]) || at[i] <= _shared[places[i]])
                continue;
            _shared[places[i]] = at[i];
            Interlocked.Increment(ref _local[places[i]]);
            moved = true;
        }
        if (moved)
            Interlocked.Increment(ref _version);
    }

    // What comes from outside may be anything.
    bool IsPlace(int place) => (uint)place < (uint)_shared.Length;

    /// <summary>The generations that some data was read at.</summary>
    internal sealed class Snapshot(int[] places, int[] at, int version)
    {
        /// <summary>The version at which it was last found current.</summary>
        public int CurrentAt = version;

        public int[] Places => places;

        public int[] At => at;
    }
}
