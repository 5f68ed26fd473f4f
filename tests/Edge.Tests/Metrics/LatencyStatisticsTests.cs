using Edge.Core.Basics;
using Edge.Core.Metrics;
using Edge.Tests.Basics;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Metrics;

public class LatencyStatisticsTests
{
    static readonly TimeSpan Hour = TimeSpan.FromMinutes(60);

    [Fact]
    public void Quantiles_of_any_times_are_within_a_128th_of_the_exact_ones() => Prop.ForAll(
        Arb.From(Gen.Zip(Latencies.Any, Gen.Elements(true, false)).ArrayOf()),
        static samples =>
        {
            var statistics = new LatencyStatistics(new FakeTime());
            for (var i = 0; i < samples.Length; i++)
                statistics.Record(samples[i].Item1, samples[i].Item2, processor: i);
            samples.AreTold(statistics.Read(Hour));
        }).QuickCheckThrowOnFailure();

    /// <summary>So many of 1 ms, so many of 2 ms; then multiples of both, up to where a count times a percentage would not fit into a long.</summary>
    [Theory]
    [InlineData(50, 50, 1, 2, 2)]
    [InlineData(49, 51, 2, 2, 2)]
    [InlineData(95, 5, 1, 1, 2)]
    [InlineData(94, 6, 1, 2, 2)]
    [InlineData(99, 1, 1, 1, 1)]
    [InlineData(98, 2, 1, 1, 2)]
    public void A_quantile_is_the_least_time_that_so_many_did_not_exceed(long ones, long twos, int p50, int p95, int p99)
    {
        foreach (var times in (long[])[1, 1_000_000_000, 50_000_000_000_000_000])
        {
            var counts = new long[LatencyScale.Slots];
            (counts[LatencyScale.SlotOf(1_000_000)], counts[LatencyScale.SlotOf(2_000_000)]) = (ones * times, twos * times);
            var summary = new LatencySummary(counts, seconds: 1);
            Assert.Equal([p50, p95, p99, 2], new[] { summary.P50Ms, summary.P95Ms, summary.P99Ms, summary.MaxMs }.Select(static ms => (int)Math.Round(ms!.Value)));
        }
    }

    [Fact]
    public async Task Recordings_of_many_threads_are_all_there_whoever_rotates_and_reads_meanwhile()
    {
        const int Threads = 3, Each = 8_000_000;
        var statistics = new LatencyStatistics(TimeProvider.System);
        var recording = Threads;
        var work = Enumerable.Range(0, Threads).Select(thread => OnItsOwnThread(() =>
        {
            // In both stripes, whichever processors there are: half of it meets in one bucket, half is in a bucket of the thread's own.
            for (var i = 0; i < Each; i++)
                statistics.Record(i % 4 < 2 ? 1_000_000 : 1L << (12 + thread), isError: i % 8 < 2, processor: i);
            Interlocked.Decrement(ref recording);
        })).Append(OnItsOwnThread(() =>
        {
            do
                statistics.Rotate();
            while (Volatile.Read(ref recording) > 0);
        })).ToArray();
        for (var seen = 0L; Volatile.Read(ref recording) > 0;)
        {
            var summary = statistics.Read(Hour);
            // What was there once is never gone or there twice, not even on its way from a stripe into a slice.
            Assert.InRange(summary.Count, seen, Threads * Each);
            Assert.InRange(summary.Errors, 0, Threads * Each / 4);
            seen = summary.Count;
        }
        await Task.WhenAll(work);
        var all = statistics.Read(Hour);
        Assert.Equal((Threads * Each, Threads * Each / 4), (all.Count, all.Errors));
    }

    [Fact]
    public async Task The_first_recordings_of_two_threads_at_once_are_both_there()
    {
        const int Rounds = 5_000;
        var rounds = Enumerable.Range(0, Rounds).Select(static _ => new LatencyStatistics(new FakeTime())).ToArray();
        using var start = new Barrier(2);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => OnItsOwnThread(() =>
        {
            foreach (var statistics in rounds)
            {
                start.SignalAndWait();
                statistics.Record(1_000, isError: false, processor: 0);
            }
        })));
        Assert.All(rounds, static statistics => Assert.Equal(2, statistics.Read(Hour).Count));
    }

    static Task OnItsOwnThread(Action work) => Task.Factory.StartNew(work, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    [Fact]
    public void Recording_allocates_nothing() => Assert.Equal(0, Allocated.By(new Recorder().Run));

    sealed class Recorder
    {
        // The stripes of both kinds of processors are made when one of its rounds has been on each; the least of five rounds has none to make.
        readonly LatencyStatistics _statistics = new(TimeProvider.System);

        public void Run()
        {
            for (var i = 0; i < 10_000; i++)
                _statistics.Record(i * 1_000L, isError: i % 3 == 0);
        }
    }

    [Fact]
    public void What_nobody_asks_for_takes_a_quarter_of_a_KB()
    {
        var clock = new FakeTime();
        var statistics = new LatencyStatistics(clock);
        for (var i = 0; i < 400; i++)
        {
            clock.Advance(LatencyStatistics.RotateEvery);
            statistics.Rotate();
        }
        Assert.InRange(Retained.By(statistics), 1, 256);
    }

    /// <summary>Ten times a second: in memory, or a tenth of it in the database, each time within a power of two or so.</summary>
    [Theory]
    [InlineData(0, 20 << 10)]
    [InlineData(0.1, 23 << 10)]
    public void What_is_asked_for_all_the_time_takes_20_KB_or_a_little_more(double slowPart, int bytes) => Assert.InRange(
        Largest(100, random => 30_000 * Math.Exp(Normal(random) * 0.5) * (random.NextDouble() < slowPart ? 50 : 1), leastPart: 0.83), 14_000, bytes);

    /// <summary>Five hundred times a second, in each slice as many different times as there can be.</summary>
    [Fact]
    public void What_takes_all_the_times_there_are_takes_36_KB_and_is_told_of_less_time() => Assert.InRange(
        Largest(5_000, static random => Math.Pow(2, 9 + (random.NextDouble() * 27)), leastPart: 0.25), 30_000, 36 << 10);

    static double Normal(RandomSource random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>
    /// The most bytes that it took in two hours, with so many recordings in each ten seconds. Windows tell of no less than the part of their time, and
    /// exactly.
    /// </summary>
    static long Largest(int perSlice, Func<RandomSource, double> ns, double leastPart)
    {
        var (clock, random, largest, least) = (new FakeTime(), new RandomSource(1), 0L, 1.0);
        var statistics = new LatencyStatistics(clock);
        for (var slice = 1; slice <= 720; slice++)
        {
            for (var i = 0; i < perSlice; i++)
                statistics.Record((long)ns(random), isError: i % 7 == 0, processor: i);
            clock.Advance(LatencyStatistics.RotateEvery);
            statistics.Rotate();
            largest = Math.Max(largest, Retained.By(statistics));
            foreach (var window in (int[])[60, 300, 3_600])
            {
                var summary = statistics.Read(TimeSpan.FromSeconds(window));
                Assert.Equal(perSlice / 10.0, summary.PerSecond, 6);
                least = Math.Min(least, summary.Seconds / Math.Min(window, slice * 10));
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{largest} B, at least {least:0.00} of the time of each window");
        Assert.InRange(least, leastPart - 0.001, 1);
        return largest;
    }
}
