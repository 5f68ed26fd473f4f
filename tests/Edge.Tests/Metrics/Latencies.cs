using Edge.Core.Metrics;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Metrics;

/// <summary>Times to record, and what is exact about them.</summary>
static class Latencies
{
    /// <summary>What the scale promises; the requirement is 0.01.</summary>
    public const double Precision = 1 / 128.0;

    /// <summary>In nanoseconds: as many of each order of magnitude, from 1 ns to 18 minutes, powers of two and their neighbours, and what nobody expects.</summary>
    public static readonly Gen<long> Any = Gen.Frequency(
        (12, from exponent in Gen.Choose(0, 40_000_000) select (long)Math.Pow(2, exponent / 1e6)),
        (3, from power in Gen.Choose(0, 40) from off in Gen.Choose(-1, 1) select (1L << power) + off),
        (1, Gen.Elements(0, -1, LatencyScale.LeastNs, LatencyScale.MostNs, long.MinValue, long.MaxValue)));

    /// <summary>What a time counts as.</summary>
    public static long Clamped(long ns) => Math.Clamp(ns, 512, (1L << 36) - 1);

    /// <summary>The time that so many of a hundred took at most.</summary>
    public static long Quantile(IReadOnlyCollection<long> samples, int percent) =>
        samples.Select(Clamped).Order().ElementAt(((samples.Count * percent) + 99) / 100 - 1);

    /// <summary>Nothing to tell, or count, errors and quantiles as they should be.</summary>
    public static void AreTold(this IReadOnlyCollection<(long Ns, bool IsError)> samples, LatencySummary summary)
    {
        Assert.Equal(samples.Count, summary.Count);
        Assert.Equal(samples.Count(static sample => sample.IsError), summary.Errors);
        var times = samples.Select(static sample => sample.Ns).ToList();
        foreach (var (percent, ms) in new[] { (50, summary.P50Ms), (95, summary.P95Ms), (99, summary.P99Ms), (100, summary.MaxMs) })
        {
            if (times.Count == 0)
                Assert.Null(ms);
            else
                IsNear(Quantile(times, percent), ms!.Value * 1e6);
        }
    }

    public static void IsNear(long exact, double found) =>
        Assert.True(Math.Abs(found - exact) <= exact * Precision, $"{found} is not within {Precision} of {exact}");
}
