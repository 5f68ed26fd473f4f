using Edge.Core.Metrics;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Metrics;

public class LatencyScaleTests
{
    [Fact]
    public void The_middle_of_a_bucket_is_within_a_128th_of_every_time_in_it() => Prop.ForAll(Arb.From(Latencies.Any), static ns =>
        Latencies.IsNear(Latencies.Clamped(ns), LatencyScale.NsOf(LatencyScale.SlotOf(ns)))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_longer_time_is_in_no_lower_bucket() => Prop.ForAll(Arb.From(Gen.Zip(Latencies.Any, Latencies.Any)), static pair =>
        LatencyScale.SlotOf(Math.Min(pair.Item1, pair.Item2)) <= LatencyScale.SlotOf(Math.Max(pair.Item1, pair.Item2))).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_bucket_has_its_times_and_the_middle_of_each_is_one()
    {
        Assert.Equal(LatencyScale.Errors + 1, LatencyScale.SlotOf(long.MinValue));
        Assert.Equal(LatencyScale.Slots - 1, LatencyScale.SlotOf(long.MaxValue));
        for (var slot = LatencyScale.Errors + 1; slot < LatencyScale.Slots; slot++)
            Assert.Equal(slot, LatencyScale.SlotOf((long)LatencyScale.NsOf(slot)));
    }

    [Theory]
    [InlineData(512, 1)]
    [InlineData(519, 1)]
    [InlineData(520, 2)]
    [InlineData(1_023, 64)]
    [InlineData(1_024, 65)]
    [InlineData(1_040, 66)]
    [InlineData((1L << 36) - 1, 1_728)]
    public void The_borders_of_buckets_are_where_the_scale_says(long ns, int slot) => Assert.Equal(slot, LatencyScale.SlotOf(ns));
}
