using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

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

    /// <summary>Before this it is not asked again: there was next to nothing left.</summary>
    public long AskFromNs;

    public int Tokens;

    /// <summary>Tokens used since the store was last asked.</summary>
    public int Used;

    /// <summary>Tokens used without a grant, to be charged.</summary>
    public int Spent;

    /// <summary>A full bucket with nothing lent: forgetting it changes nothing.</summary>
    public readonly bool IsIdle(long nowNs, bool isAsked) => TatNs <= nowNs && (Tokens == 0 || LeaseEndNs <= nowNs) && Spent == 0 && !isAsked;
}

/// <summary>
/// Buckets of a bounded number of keys: sets of eight, each under a gate of its own, a key's set chosen by its hash.
/// <para>
/// A new key takes an unused place, or that of a bucket that is idle, which is as good as unknown. Where all eight are in use it has none: it is
/// decided by one bucket that all such keys share (<see cref="KeyedLimiter"/> makes that a large one). So a flood of invented keys takes no
/// place from those in use, and no memory.
/// </para>
/// <para>
/// The gate spins: it is held for some tens of nanoseconds, and never across a call to anything outside. Counts of decisions are kept in it, where
/// they cost nothing.
/// </para>
/// </summary>
internal sealed class BucketTable
{
    internal const int SetSize = 8;

    readonly Bucket[] _buckets;
    readonly Gate[] _gates;
    // A set of its own, behind the others.
    readonly int _overflow;

    public BucketTable(int keys)
    {
        var sets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, keys / SetSize));
        _overflow = sets;
        _buckets = new Bucket[(sets + 1) * SetSize];
        _gates = new Gate[sets + 1];
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

    /// <summary>The key's bucket, with its gate held until the result is disposed.</summary>
    /// <param name="isKnown">Only if it is there already; otherwise the overflow bucket.</param>
    public Entered Enter(UInt128 key, long nowNs, bool isKnown = false)
    {
        // The hash is good in all its bits; the lowest choose.
        var set = (int)((ulong)key & (ulong)(_overflow - 1));
        Hold(ref _gates[set]);
        var found = -1;
        for (var place = set * SetSize; place < (set + 1) * SetSize; place++)
        {
            ref var bucket = ref _buckets[place];
            if (bucket.Key == key)
                return new(ref bucket, ref _gates[set], 1 << (place % SetSize), isTracked: true);
            if (found < 0 && (bucket.Key == 0 || bucket.IsIdle(nowNs, _gates[set].IsAsked(place))))
                found = place;
        }
        if (found >= 0 && !isKnown)
        {
            ref var taken = ref _buckets[found];
            taken = new() { Key = key };
            return new(ref taken, ref _gates[set], 1 << (found % SetSize), isTracked: true);
        }
        Volatile.Write(ref _gates[set].Held, 0);
        Hold(ref _gates[_overflow]);
        return new(ref _buckets[_overflow * SetSize], ref _gates[_overflow], 1, isTracked: false);
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

        public readonly bool IsAsked(int place) => (Asked & (1 << (place % SetSize))) != 0;
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

        /// <summary>Takes back the count of what was allowed.</summary>
        public void Uncount() => _gate.Allowed--;

        public void Dispose() => Volatile.Write(ref _gate.Held, 0);
    }
}
