namespace Edge.Core.Metrics;

/// <summary>
/// How often something happened, how long it took and how often it failed, over the last 1, 5 and 60 minutes. One for each route, or each query.
///
/// <para><b>Flow</b>, as numbered in the code:
/// (1) a recording adds one to the bucket of its time (<see cref="LatencyScale"/>), in one of two stripes by processor, and one to the errors if it
/// is one; nothing else, so nothing is locked and nothing allocated. A stripe is made by the first recording on it;
/// (2) every ten seconds <see cref="Rotate"/> takes out what the stripes hold: a slice, kept as <see cref="SparseCounts"/> with the time that
/// it is really from. Where there was nothing there is no slice. A call that comes late makes a longer slice, one that never comes too;
/// (3) slices that begin in the same minute become one when the one-minute window has left them behind, and in the same five minutes when
/// the five-minute window has. What the longest window has left behind is dropped;
/// (4) where slices still take too much memory, those two become one that are the least part of their age together;
/// (5) a reading adds up the slices that are wholly in the window, and what the stripes hold. A slice that began before the window
/// is left out, and the time that it reaches into the window is left out of <see cref="LatencySummary.Seconds"/>.</para>
///
/// <para><b>Guarantees</b> (tests/Edge.Tests/Metrics). Quantiles and the maximum are within 1 % of the exact ones of all that was recorded in
/// the seconds told. Nothing is lost: what is recorded while a slice is taken is in this or in the next. Nothing that was recorded before the seconds
/// told is in the sum. With a call of Rotate every ten seconds the windows tell of at least 40 s, 3 min 50 s and 54 min 50 s of their
/// time, as soon as that has passed, and unless (4) has set in; with calls late by L, of L less.</para>
///
/// <para><b>Memory.</b> A quarter of a KB as long as nothing is recorded; then 6.9 KB for each of the two stripes and, at ten recordings a second, 6 to
/// 9 KB for some 24 slices. Slices never take more than 20 KB, so all of it never more than 36 KB. To get there takes times that are spread over most
/// of the 1,728 buckets in each slice; then old slices become longer, and the windows tell of less time (in a test of just that, of more than
/// a quarter), but of that exactly.</para>
///
/// <para><b>Races.</b> A recording is two steps at most, and a reading beside it may see none, one or both: it is off by what is recorded while
/// it looks, at most. Readings and rotations wait for each other, so that nothing is seen twice or missed on its way from a stripe into a
/// slice.</para>
/// </summary>
public sealed class LatencyStatistics
{
    /// <summary>How often <see cref="Rotate"/> wants to be called.</summary>
    public static readonly TimeSpan RotateEvery = TimeSpan.FromSeconds(10);

    /// <summary>The longest window.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromMinutes(60);

    /// <summary>
    /// A power of two. With one, two processors that do nothing but record the same time wait for each other's cache line: 8.4 ns for each
    /// recording instead of 2.7 (jitted, 2 cores of an AMD EPYC). More than two would serve more processors, for 6.9 KB each.
    /// </summary>
    const int Stripes = 2;

    /// <summary>Bytes that slices may take, the overhead of their arrays included. One alone never takes as many.</summary>
    const int SliceBytes = 20 << 10;

    /// <summary>What an array takes beside its elements, and a slice in the list.</summary>
    const int BytesPerSlice = 24 + 24;

    const long SecondNs = 1_000_000_000;
    const long MinuteNs = 60 * SecondNs;

    readonly TimeProvider _clock;
    readonly long _startedAt;
    readonly double _nsPerTick;
    readonly uint[]?[] _stripes = new uint[]?[Stripes];

    // Guards everything below, not the counts in the stripes.
    readonly Lock _lock = new();
    readonly List<Slice> _slices = []; // the oldest first
    long _rotatedNs;

    /// <param name="clock">Asked by <see cref="Rotate"/> and <see cref="Read"/>, never by <see cref="Record(long, bool)"/>.</param>
    /// <param name="startedAt">Its timestamp since which there would have been something to record; null: now.</param>
    public LatencyStatistics(TimeProvider clock, long? startedAt = null)
    {
        (_clock, _nsPerTick) = (clock, 1e9 / clock.TimestampFrequency);
        _startedAt = startedAt ?? clock.GetTimestamp();
        _rotatedNs = NowNs;
    }

    long NowNs => (long)((_clock.GetTimestamp() - _startedAt) * _nsPerTick);

    /// <summary>From any thread. Neither locks nor allocates, but for the first recordings.</summary>
    /// <param name="ns">How long it took, in nanoseconds. Below 512 and beyond 68.7 s it counts as these.</param>
    public void Record(long ns, bool isError) => Record(ns, isError, Thread.GetCurrentProcessorId());

    /// <param name="processor">Any number: it only tells which stripe.</param>
    internal void Record(long ns, bool isError, int processor)
    {
        // (1)
        var stripe = processor & (Stripes - 1);
        var counts = _stripes[stripe] ?? MakeStripe(stripe);
        Interlocked.Increment(ref counts[LatencyScale.SlotOf(ns)]);
        if (isError)
            Interlocked.Increment(ref counts[LatencyScale.Errors]);
    }

    /// <summary>
    /// Every <see cref="RotateEvery"/>, by a timer of the owner. Oftener and later are allowed, if not so late that a bucket has seen four billion.
    /// </summary>
    public void Rotate()
    {
        Span<long> counts = stackalloc long[LatencyScale.Slots];
        lock (_lock)
        {
            var nowNs = NowNs;
            // (2)
            if (TakeLive(counts))
                _slices.Add(new(_rotatedNs, nowNs, SparseCounts.Encode(counts)));
            _rotatedNs = nowNs;
            JoinOld(nowNs);
            JoinTooMany(nowNs);
        }
    }

    /// <param name="window">Up to <see cref="LongestWindow"/>, back from now.</param>
    public LatencySummary Read(TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, LongestWindow);
        Span<long> counts = stackalloc long[LatencyScale.Slots];
        lock (_lock)
        {
            // (5)
            var nowNs = NowNs;
            var sinceNs = Math.Max(0, nowNs - (window.Ticks * TimeSpan.NanosecondsPerTick));
            foreach (var slice in _slices)
            {
                if (slice.SinceNs >= sinceNs)
                    SparseCounts.AddTo(slice.Counts, counts);
                else
                    sinceNs = Math.Max(sinceNs, slice.UntilNs);
            }
            if (AddLive(counts))
                sinceNs = Math.Min(sinceNs, _rotatedNs);
            return new(counts, (double)(nowNs - sinceNs) / SecondNs);
        }
    }

    uint[] MakeStripe(int stripe)
    {
        var made = new uint[LatencyScale.Slots];
        return Interlocked.CompareExchange(ref _stripes[stripe], made, null) ?? made;
    }

    /// <returns>False: there was nothing.</returns>
    bool TakeLive(Span<long> counts)
    {
        var any = false;
        foreach (var stripe in _stripes)
        {
            if (stripe is null)
                continue;
            for (var slot = 0; slot < stripe.Length; slot++)
            {
                // Looked at first, since most are 0 and an exchange takes as long as twenty looks.
                if (Volatile.Read(ref stripe[slot]) == 0)
                    continue;
                counts[slot] += Interlocked.Exchange(ref stripe[slot], 0);
                any = true;
            }
        }
        return any;
    }

    /// <returns>False: there is nothing.</returns>
    bool AddLive(Span<long> counts)
    {
        var any = false;
        foreach (var stripe in _stripes)
        {
            if (stripe is null)
                continue;
            for (var slot = 0; slot < stripe.Length; slot++)
            {
                var count = Volatile.Read(ref stripe[slot]);
                counts[slot] += count;
                any |= count != 0;
            }
        }
        return any;
    }

    // (3)
    void JoinOld(long nowNs)
    {
        // Not as soon as it begins before the window: until it ends there, its end is where the window's time begins.
        while (_slices.Count > 0 && _slices[0].UntilNs <= nowNs - (LongestWindow.Ticks * TimeSpan.NanosecondsPerTick))
            _slices.RemoveAt(0);
        for (var i = _slices.Count - 2; i >= 0; i--)
        {
            var ageNs = nowNs - _slices[i + 1].SinceNs;
            var periodNs = ageNs > 5 * MinuteNs ? 5 * MinuteNs : ageNs > MinuteNs ? MinuteNs : 10 * SecondNs;
            if (_slices[i].SinceNs / periodNs == _slices[i + 1].SinceNs / periodNs)
                Join(i);
        }
    }

    // (4)
    void JoinTooMany(long nowNs)
    {
        while (TakenBytes() > SliceBytes)
        {
            // Slices stay about as long, in proportion to how old they are: each window loses the same part of its time.
            var (least, leastPart) = (0, double.MaxValue);
            for (var i = 0; i < _slices.Count - 1; i++)
            {
                var part = (double)(_slices[i + 1].UntilNs - _slices[i].SinceNs) / (nowNs - _slices[i].SinceNs);
                if (part < leastPart)
                    (least, leastPart) = (i, part);
            }
            Join(least);
        }
    }

    int TakenBytes()
    {
        var sum = 0;
        foreach (var slice in _slices)
            sum += slice.Counts.Length + BytesPerSlice;
        return sum;
    }

    /// <summary>Makes one of a slice and the one after it.</summary>
    void Join(int i)
    {
        Span<long> counts = stackalloc long[LatencyScale.Slots];
        SparseCounts.AddTo(_slices[i].Counts, counts);
        SparseCounts.AddTo(_slices[i + 1].Counts, counts);
        _slices[i] = new(_slices[i].SinceNs, _slices[i + 1].UntilNs, SparseCounts.Encode(counts));
        _slices.RemoveAt(i + 1);
    }

    readonly struct Slice(long sinceNs, long untilNs, byte[] counts)
    {
        public long SinceNs => sinceNs;

        public long UntilNs => untilNs;

        /// <summary>As <see cref="SparseCounts"/>.</summary>
        public byte[] Counts => counts;
    }
}
