using Edge.Core.Basics;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Basics;

public class WeightedSamplerTests
{
    [Fact]
    public void Draws_follow_the_weights()
    {
        var counts = Count(new WeightedSampler([5, 0, 3, 2]), 100_000, 4);
        Assert.InRange(counts[0], 49_000, 51_000);
        Assert.Equal(0, counts[1]);
        Assert.InRange(counts[2], 29_000, 31_000);
        Assert.InRange(counts[3], 19_000, 21_000);
    }

    [Fact]
    public void Zipf_halves_with_twice_the_rank_at_exponent_one()
    {
        var counts = Count(WeightedSampler.Zipf(1_000, 1), 400_000, 1_000);
        Assert.InRange((double)counts[0] / counts[1], 1.9, 2.1);
        Assert.InRange((double)counts[3] / counts[7], 1.85, 2.15);
    }

    [Fact]
    public void Zipf_with_exponent_zero_prefers_nobody() =>
        Assert.All(Count(WeightedSampler.Zipf(10, 0), 100_000, 10), count => Assert.InRange(count, 9_500, 10_500));

    [Fact]
    public void Any_fraction_finds_an_index_of_positive_weight_and_greater_fractions_never_a_smaller_one() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>().Filter(static weights => weights.Any(static w => w > 0)), static bytes =>
        {
            var sampler = new WeightedSampler(Array.ConvertAll(bytes, static b => (double)b));
            var last = 0;
            for (var i = 0; i < 500; i++)
            {
                var (index, within) = sampler.Locate(i / 500.0);
                if (bytes[index] == 0 || index < last || within is < 0 or > 1 || index != sampler.At(i / 500.0)) return false;
                last = index;
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Weights_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new WeightedSampler([]));
        Assert.Throws<ArgumentException>(() => new WeightedSampler([0, 0]));
        Assert.Throws<ArgumentException>(() => new WeightedSampler([1, -1]));
        Assert.Throws<ArgumentException>(() => new WeightedSampler([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => new WeightedSampler([double.PositiveInfinity]));
    }

    static int[] Count(WeightedSampler sampler, int draws, int size)
    {
        var counts = new int[size];
        var random = new RandomSource(17);
        for (var i = 0; i < draws; i++) counts[sampler.Next(random)]++;
        return counts;
    }
}
