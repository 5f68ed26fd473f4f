using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Edge.Core.RateLimiting;

/// <summary>What an instance knows of one key. 64 bytes: one line of a processor's cache.</summary>
internal struct Bucket
{
    /// <summary>0: nobody's.</summary>
    public UInt128 Key;

    /// <summary>When the shared bucket will be full, as last heard; of a key that is decided here alone, its state.</summary>
    public long TatNs;

    /// <summary>When the lease's <see cref="Tokens"/> end.</summary>
    public long LeaseEndNs;

    /// <summary>When the store was last asked; 0: never.</summary>
    public long AskedNs;

    /// <summary>It is not asked again before so many microseconds have passed since: there was next to nothing left.</summary>
    public int AskAfterUs;

    public int Tokens;

    /// <summary>What is left of the lease before, which ends <see cref="OlderBeforeUs"/> before this one. It is used first.</summary>
    public int Older;

    public int OlderBeforeUs;

    /// <summary>Tokens used since the store was last asked, and those that are waited for.</summary>
    public int Used;

    /// <summary>Tokens used without a grant, to be charged. They are in <see cref="TatNs"/> already: once that has passed, they have come back.</summary>
    public int Spent;

    /// <summary>
    /// A full bucket with nothing lent: forgetting it changes nothing. What was spent and never charged does not hold the place: a flood of
    /// keys that come once, while the store is away, would hold all of them for ever.
    /// </summary>
    public readonly bool IsIdle(long nowNs, bool isAsked) => TatNs <= nowNs && ((Tokens | Older) == 0 || LeaseEndNs <= nowNs) && !isAsked;

    public readonly long AskFromNs => AskedNs + (AskAfterUs * 1000L);

    /// <summary>Tokens of leases that live.</summary>
    public readonly int Lent(long nowNs) => nowNs >= LeaseEndNs ? 0 : nowNs < OlderEndNs ? Tokens + Older : Tokens;

    readonly long OlderEndNs => LeaseEndNs - (OlderBeforeUs * 1000L);

    /// <param name="tokens">No more than are <see cref="Lent"/>.</param>
    /// <returns>When the first of them end.</returns>
    public long Use(int tokens, long nowNs)
    {
        var endNs = LeaseEndNs;
        if (Older > 0)
        {
            if (nowNs < OlderEndNs)
            {
                var older = Math.Min(Older, tokens);
                Older -= older;
                tokens -= older;
                endNs = OlderEndNs;
            }
            else
            {
                Older = 0;
            }
        }
        Tokens -= tokens;
        return endNs;
    }

    /// <summary>What was used and is not needed. It is lost where it would have to live longer than it may.</summary>
    public void PutBack(int tokens, long endNs, long nowNs)
    {
        if (endNs <= nowNs)
            return;
        if (Lent(nowNs) == 0)
            (Tokens, LeaseEndNs, Older, OlderBeforeUs) = (tokens, endNs, 0, 0);
        else if (endNs >= LeaseEndNs)
            Tokens += tokens;
        else if (nowNs < OlderEndNs && endNs >= OlderEndNs)
            Older += tokens;
    }

    /// <summary>
    /// A lease begins while there may be something left of the one before, and less of that before it, which is lost. (Tried: to drop what is left.
    /// A steady client then lost a fifth of its limit, since the store is asked before a lease has run out.)
    /// </summary>
    public void Lend(int tokens, long endNs, long nowNs)
    {
        var (older, olderEndNs) = nowNs >= LeaseEndNs ? (0, endNs)
            : Tokens > 0 ? (Tokens, LeaseEndNs)
            : nowNs < OlderEndNs ? (Older, OlderEndNs)
            : (0, endNs);
        (Tokens, LeaseEndNs) = (tokens, endNs);
        // Rounded so that it ends no later than it should.
        (Older, OlderBeforeUs) = (older, (int)Math.Clamp((endNs - olderEndNs + 999) / 1000, 0, int.MaxValue));
    }
}

/// <summary>
/// Buckets of a bounded number of keys: sets of 32, each under a gate of its own, a key's set chosen by its hash.
/// <para>
/// A new key takes an unused place, or that of a bucket that is idle, which is as good as unknown. Where all 32 are in use it has none: it is
/// decided by one bucket that all such keys share (<see cref="KeyedLimiter"/> makes that a large one). So a flood of invented keys takes no
/// place from those in use, and no memory.
/// </para>
/// <para>
/// <b>How many keys find a place.</b> Keys fall into the sets as they like. With as many places as keys, one in seven found its set of eight full;
/// with a quarter more and sets of 32 it is one in a hundred. A set so large cannot be searched bucket by bucket, each in a line of the
/// processor's cache of its own: a byte of each key's hash stands in the gate, which is read anyway, so that a key that is there costs the gate's line and
/// its own, and a new one the gate's alone until it has its place.
/// </para>
/// <para>
/// The gate spins: it is held for some tens of nanoseconds, and never across a call to anything outside. Counts of decisions are kept in it, where
/// they cost nothing.
/// </para>
/// </summary>
internal sealed class BucketTable
{
    internal const int SetSize = 32;

    /// <summary>More places than keys by this part.</summary>
    const int SparePart = 4;

    readonly Bucket[] _buckets;
    readonly Gate[] _gates;
    // A set of its own, behind the others.
    readonly int _overflow;

    public BucketTable(int keys)
    {
        _overflow = (keys + (keys / SparePart) + SetSize - 1) / SetSize;
        _buckets = new Bucket[(_overflow + 1) * SetSize];
        _gates = new Gate[_overflow + 1];
    }

    /// <summary>Sums of all decisions; each part is exact, and they may be some decisions apart.</summary>
    public (long Allowed, long Refused, long Untracked) Counts()
    {
        var (allowed, refused) = (0L, 0L);
        foreach (ref var gate in _gates.AsSpan())
            (allowed, refused) = (allowed + Volatile.Read(ref gate.Allowed), refused + Volatile.Read(ref gate.Refused));
        return (allowed, refused, _gates[_overflow].Allowed + _gates[_overflow].Refused);
    }

    /// <summary>How many places are in use, or about that: it is counted without holding anybody up.</summary>
    public int Tracked(long nowNs)
    {
        var tracked = 0;
        for (var place = 0; place < _overflow * SetSize; place++)
        {
            ref readonly var bucket = ref _buckets[place];
            tracked += bucket.Key == 0 || bucket.IsIdle(nowNs, _gates[place / SetSize].IsAsked(place)) ? 0 : 1;
        }
        return tracked;
    }

    /// <summary>
    /// Has the processor fetch what <see cref="Enter"/> is about to read, both lines at once, while something else is done. On many keys the wait for
    /// memory is most of a decision.
    /// </summary>
    public unsafe void Prefetch(UInt128 key)
    {
        if (!Sse.IsSupported)
            return;
        var set = SetOf(key);
        // The collector may move them meanwhile: a hint that is wrong does no harm.
        Sse.Prefetch0(Unsafe.AsPointer(ref _gates[set]));
        Sse.Prefetch0(Unsafe.AsPointer(ref _buckets[(set * SetSize) + PlaceOf(key)]));
    }

    /// <summary>The key's bucket, with its gate held until the result is disposed.</summary>
    /// <param name="isKnown">Only if it is there already; otherwise the overflow bucket.</param>
    public Entered Enter(UInt128 key, long nowNs, bool isKnown = false)
    {
        var set = SetOf(key);
        var tag = (byte)Math.Max(1, (int)(byte)key);
        ref var gate = ref _gates[set];
        Hold(ref gate);
        var places = _buckets.AsSpan(set * SetSize, SetSize);
        for (var same = gate.PlacesOf(tag); same != 0; same &= same - 1)
        {
            var place = BitOperations.TrailingZeroCount(same);
            if (places[place].Key == key)
                return new(ref places[place], ref gate, 1 << place, isTracked: true);
        }
        if (!isKnown && UnusedPlace(in gate, places, PlaceOf(key), nowNs) is var unused and >= 0)
        {
            gate.Tags[unused] = tag;
            places[unused] = new() { Key = key };
            return new(ref places[unused], ref gate, 1 << unused, isTracked: true);
        }
        Volatile.Write(ref gate.Held, 0);
        Hold(ref _gates[_overflow]);
        return new(ref _buckets[_overflow * SetSize], ref _gates[_overflow], 1, isTracked: false);
    }

    // The hash is good in all its bits: some choose the set, others the place in it, others tell its keys apart.
    int SetOf(UInt128 key) => (int)((((ulong)key >> 32) * (ulong)_overflow) >> 32);

    /// <summary>Where in its set a key goes if nobody is there: most are found where <see cref="Prefetch"/> has looked.</summary>
    static int PlaceOf(UInt128 key) => (int)(((ulong)key >> 8) % SetSize);

    /// <summary>-1: all are in use.</summary>
    static int UnusedPlace(in Gate gate, ReadOnlySpan<Bucket> places, int wished, long nowNs)
    {
        if (gate.PlacesOf(tag: 0) is var never and not 0)
            return (never & (1u << wished)) != 0 ? wished : BitOperations.TrailingZeroCount(never);
        for (var i = 0; i < places.Length; i++)
        {
            var place = (wished + i) % SetSize;
            if (places[place].IsIdle(nowNs, gate.IsAsked(place)))
                return place;
        }
        return -1;
    }

    static void Hold(ref Gate gate)
    {
        if (Interlocked.CompareExchange(ref gate.Held, 1, 0) == 0)
            return;
        var wait = new SpinWait();
        do
            wait.SpinOnce();
        while (Interlocked.CompareExchange(ref gate.Held, 1, 0) != 0);
    }

    internal struct Gate
    {
        public int Held;

        /// <summary>One bit for each place of the set: whether the store is being asked for it.</summary>
        public int Asked;

        public long Allowed;
        public long Refused;

        /// <summary>A byte of the hash of each place's key, never 0; 0: nobody has had the place yet.</summary>
        public TagsOfSet Tags;

        /// <summary>One bit for each place with that tag.</summary>
        public readonly uint PlacesOf(byte tag)
        {
            ref readonly var first = ref Tags[0];
            var (low, high) = (Vector128.LoadUnsafe(in first), Vector128.LoadUnsafe(in first, (nuint)Vector128<byte>.Count));
            var sought = Vector128.Create(tag);
            return Vector128.Equals(low, sought).ExtractMostSignificantBits() | (Vector128.Equals(high, sought).ExtractMostSignificantBits() << 16);
        }

        public readonly bool IsAsked(int place) => (Asked & (1 << (place % SetSize))) != 0;
    }

    [InlineArray(SetSize)]
    internal struct TagsOfSet
    {
        byte _first;
    }

    /// <summary>A bucket and its held gate.</summary>
    [SuppressMessage("Performance", "CA1815", Justification = "Nobody compares two of them.")]
    internal readonly ref struct Entered
    {
        readonly ref Gate _gate;
        readonly int _bit;

        public Entered(ref Bucket bucket, ref Gate gate, int bit, bool isTracked)
        {
            Bucket = ref bucket;
            _gate = ref gate;
            _bit = bit;
            IsTracked = isTracked;
        }

        public readonly ref Bucket Bucket;

        /// <summary>False: it is the one that keys without a place share.</summary>
        public readonly bool IsTracked;

        /// <summary>The store is being asked for it.</summary>
        public bool IsAsked => (_gate.Asked & _bit) != 0;

        public void SetAsked(bool isAsked) => _gate.Asked = isAsked ? _gate.Asked | _bit : _gate.Asked & ~_bit;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Count(bool isAllowed)
        {
            if (isAllowed)
                _gate.Allowed++;
            else
                _gate.Refused++;
        }

        public void Dispose() => Volatile.Write(ref _gate.Held, 0);
    }
}
