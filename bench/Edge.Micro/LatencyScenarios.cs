using System.Runtime.CompilerServices;
using Edge.Core.Basics;
using Edge.Core.Metrics;

namespace Edge.Micro;

/// <summary>
/// One recording of how long a request took. Two threads meet in one bucket: as they do in the service, and as they would without stripes. On a busy
/// machine the least is of a round in which they ran one after the other, and met nowhere.
/// </summary>
internal static class LatencyScenarios
{
    const int Times = 1 << 10;

    public static Scenario[] All()
    {
        var (one, alone, many) = (new LatencyStatistics(TimeProvider.System), new LatencyStatistics(TimeProvider.System), new LatencyStatistics(TimeProvider.System));
        var random = new RandomSource(1);
        var times = new long[Times];
        // From 1 µs to 1 s: what a processor cannot foresee.
        foreach (ref var ns in times.AsSpan()) ns = (long)Math.Pow(2, 10 + (20 * random.NextDouble()));
        return
        [
            new("LatencyStatistics.Record, one bucket", operations => Same(one, operations)) { Budget = "latency" },
            new("LatencyStatistics.Record, one bucket, in one stripe", operations => SameStripe(alone, operations)),
            new("LatencyStatistics.Record, any bucket", operations => Any(many, times, operations)) { Budget = "latency" },
        ];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Same(LatencyStatistics statistics, int operations)
    {
        for (var i = 0; i < operations; i++) statistics.Record(1_000_000, isError: false);
        return operations;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long SameStripe(LatencyStatistics statistics, int operations)
    {
        for (var i = 0; i < operations; i++) statistics.Record(1_000_000, isError: false, processor: 0);
        return operations;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Any(LatencyStatistics statistics, long[] times, int operations)
    {
        for (var i = 0; i < operations; i++) statistics.Record(times[i & (Times - 1)], isError: false);
        return operations;
    }
}
