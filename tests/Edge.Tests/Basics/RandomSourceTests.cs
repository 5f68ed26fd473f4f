using Edge.Core.Basics;

namespace Edge.Tests.Basics;

public class RandomSourceTests
{
    [Fact]
    public void It_is_SplitMix64_with_its_published_values()
    {
        var random = new RandomSource(1234567);
        Assert.Equal([6457827717110365317, 3203168211198807973, 9817491932198370423], new[] { random.NextUInt64(), random.NextUInt64(), random.NextUInt64() });
    }

    [Fact]
    public void A_stream_does_not_depend_on_what_was_drawn_before()
    {
        var fresh = new RandomSource(5).Restart(7, 42);
        var used = new RandomSource(9);
        for (var i = 0; i < 100; i++) used.NextUInt64();
        used.Restart(7, 42);
        for (var i = 0; i < 10; i++) Assert.Equal(fresh.NextUInt64(), used.NextUInt64());
    }

    [Fact]
    public void Neighbouring_streams_share_nothing()
    {
        var seen = new HashSet<ulong>();
        var random = new RandomSource(0);
        for (ulong key = 0; key < 20; key++)
            for (var index = -50; index < 50; index++)
            {
                random.Restart(key, index);
                for (var i = 0; i < 3; i++) Assert.True(seen.Add(random.NextUInt64()), $"key {key}, index {index}, draw {i}");
            }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(60)]
    public void Next_meets_every_value_below_the_bound_about_equally_often(int bound)
    {
        var counts = new int[bound];
        var random = new RandomSource(3);
        for (var i = 0; i < 10_000 * bound; i++) counts[random.Next(bound)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Fact]
    public void Between_includes_both_ends()
    {
        var random = new RandomSource(3);
        var seen = new SortedSet<int>();
        for (var i = 0; i < 1_000; i++) seen.Add(random.Between(-2, 2));
        Assert.Equal([-2, -1, 0, 1, 2], seen);
    }

    [Fact]
    public void A_bound_of_zero_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new RandomSource(1).Next(0));

    [Fact]
    public void The_bell_is_centred_cut_at_three_and_has_a_deviation_near_one()
    {
        var random = new RandomSource(11);
        double sum = 0, squares = 0;
        const int draws = 100_000;
        for (var i = 0; i < draws; i++)
        {
            var value = random.NextBell();
            Assert.InRange(value, -3, 3);
            sum += value;
            squares += value * value;
        }
        Assert.InRange(sum / draws, -0.02, 0.02);
        Assert.InRange(squares / draws, 0.95, 1.05);
    }
}
