namespace Edge.Core.Metrics;

/// <summary>What a window of time saw. (A class, not a record: its text and comparison would be in the binary.)</summary>
public sealed class LatencySummary
{
    /// <param name="counts">Of <see cref="LatencyScale.Slots"/> slots.</param>
    internal LatencySummary(ReadOnlySpan<long> counts, double seconds)
    {
        Seconds = seconds;
        var last = 0;
        for (var slot = LatencyScale.Errors + 1; slot < counts.Length; slot++)
        {
            Count += counts[slot];
            if (counts[slot] > 0)
                last = slot;
        }
        // A recording under way may be an error already and not counted yet.
        Errors = Math.Min(counts[LatencyScale.Errors], Count);
        if (Count == 0)
            return;
        P50Ms = QuantileMs(counts, 50);
        P95Ms = QuantileMs(counts, 95);
        P99Ms = QuantileMs(counts, 99);
        MaxMs = LatencyScale.NsOf(last) / 1e6;
    }

    public long Count { get; }

    /// <summary>Of <see cref="Count"/>.</summary>
    public long Errors { get; }

    /// <summary>
    /// The time that all of this is from, up to now: the window's, less the part of its oldest slice that began before it; less where nothing was
    /// watched yet. Longer than the window only where <see cref="LatencyStatistics.Rotate"/> was not called for as long.
    /// </summary>
    public double Seconds { get; }

    /// <summary>0 where no time has passed.</summary>
    public double PerSecond => Seconds > 0 ? Count / Seconds : 0;

    /// <summary>
    /// The time, in milliseconds, that half of all took at most (nearest rank). Within 1 % for times from 512 ns to 68.7 s; others count as the
    /// nearer of these. Null: there was nothing. So are the others.
    /// </summary>
    public double? P50Ms { get; }

    public double? P95Ms { get; }

    public double? P99Ms { get; }

    /// <summary>Within 1 %, as the quantiles: it is of the same buckets, so never below one of them.</summary>
    public double? MaxMs { get; }

    double QuantileMs(ReadOnlySpan<long> counts, int percent)
    {
        // In two parts: Count × percent may not fit.
        var rank = (Count / 100 * percent) + (((Count % 100 * percent) + 99) / 100);
        var slot = LatencyScale.Errors;
        for (var seen = 0L; seen < rank;)
            seen += counts[++slot];
        return LatencyScale.NsOf(slot) / 1e6;
    }
}
