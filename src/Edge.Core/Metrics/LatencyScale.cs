using System.Numerics;

namespace Edge.Core.Metrics;

/// <summary>
/// Which counter a latency belongs to. The scale is log-linear, as that of HdrHistogram (Tene, hdrhistogram.org): each power of two is cut into
/// 64 buckets of one width. So no bucket is wider than a 64th of its least value, and who takes its middle for a value in it is wrong by at most
/// a 128th, 0.79 %. Quantiles are such values, hence wrong by no more: the promise of DDSketch (Masson, Rim, Lee, PVLDB 12, 2019), without its
/// logarithm.
/// </summary>
internal static class LatencyScale
{
    /// <summary>512 ns, as a power of two. What took less counts as this.</summary>
    const int LeastBits = 9;

    /// <summary>68.7 s, as a power of two. What took as long or longer counts as one less.</summary>
    const int BeyondBits = 36;

    /// <summary>64 buckets for each power of two.</summary>
    const int PartBits = 6;

    public const long LeastNs = 1L << LeastBits;

    public const long MostNs = (1L << BeyondBits) - 1;

    /// <summary>
    /// The slot in which errors are counted. Buckets come after it, so that all that is known of a stretch of time is one array. It is the first
    /// since the last one of an array may share its cache line with the length of the next array, which every recording there reads.
    /// </summary>
    public const int Errors = 0;

    /// <summary>1,729: errors, and 64 buckets for each of 27 powers of two.</summary>
    public const int Slots = 1 + ((BeyondBits - LeastBits) << PartBits);

    /// <param name="ns">Any, negative ones too.</param>
    /// <returns>1 to <see cref="Slots"/> - 1, growing with the time.</returns>
    public static int SlotOf(long ns)
    {
        var inside = Math.Min(Math.Max(ns, LeastNs), MostNs);
        var bits = BitOperations.Log2((ulong)inside);
        // The leading 1 and the six bits below it are 64 to 127; the power's first bucket is the 64th of these, hence the - 1.
        return (int)(inside >> (bits - PartBits)) + ((bits - LeastBits - 1) << PartBits) + Errors + 1;
    }

    /// <summary>The middle of the slot's bucket, in nanoseconds.</summary>
    public static double NsOf(int slot)
    {
        var (power, part) = Math.DivRem(slot - Errors - 1, 1 << PartBits);
        var width = 1L << (LeastBits - PartBits + power);
        return (((1L << PartBits) + part) * width) + ((width - 1) / 2.0);
    }
}
