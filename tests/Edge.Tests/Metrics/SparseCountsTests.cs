using Edge.Core.Metrics;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Metrics;

public class SparseCountsTests
{
    /// <summary>From a few to all slots, beside each other or not, the first and the last too; counts of every length.</summary>
    static readonly Gen<long[]> Counts =
        from filled in Gen.Choose(0, 100)
        from counts in Gen.Frequency(
            (100 - filled, Gen.Constant(0L)),
            (filled, from bits in Gen.Choose(0, 61) from low in Gen.Choose(0, int.MaxValue) select (1L << bits) | (low & ((1L << bits) - 1)))).ArrayOf(LatencyScale.Slots)
        select counts;

    [Fact]
    public void What_was_encoded_is_read_again() => Prop.ForAll(Arb.From(Counts), static counts => Assert.Equal(counts, Sum(counts))).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_added_up_are_the_sum_of_both() => Prop.ForAll(
        Arb.From(Gen.Zip(Counts, Counts)),
        static pair => Assert.Equal(pair.Item1.Zip(pair.Item2, static (a, b) => a + b), Sum(pair.Item1, pair.Item2))).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_is_no_byte_a_small_neighbour_one_and_a_lonely_one_two()
    {
        Assert.Equal(0, Length());
        Assert.Equal(1, Length((0, 63)));
        Assert.Equal(2, Length((0, 64)));
        Assert.Equal(2, Length((9, 63)));
        Assert.Equal(3, Length((9, 63), (10, 63)));
        Assert.Equal(4, Length((9, 63), (11, 63)));
        Assert.Equal(3, Length((LatencyScale.Slots - 1, 1)));
    }

    [Fact]
    public void The_largest_counts_in_every_slot_fit()
    {
        var counts = new long[LatencyScale.Slots];
        Array.Fill(counts, long.MaxValue);
        Assert.Equal(counts, Sum(counts));
        // Every other one: the most that has to be written of one.
        for (var slot = 0; slot < counts.Length; slot += 2)
            counts[slot] = 0;
        Assert.Equal(counts, Sum(counts));
    }

    static long[] Sum(params long[][] parts)
    {
        var sum = new long[LatencyScale.Slots];
        foreach (var part in parts)
            SparseCounts.AddTo(SparseCounts.Encode(part), sum);
        return sum;
    }

    static int Length(params (int Slot, long Count)[] filled)
    {
        var counts = new long[LatencyScale.Slots];
        foreach (var (slot, count) in filled)
            counts[slot] = count;
        return SparseCounts.Encode(counts).Length;
    }
}
