using Edge.Core.Metrics;
using Edge.Tests.Basics;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Metrics;

/// <summary>Windows against a list of everything that was recorded and when.</summary>
public class LatencyWindowTests
{
    /// <summary>Each with the seconds of a slice that may begin just before it.</summary>
    static readonly (TimeSpan Length, int SliceSeconds)[] Windows =
        [(TimeSpan.FromMinutes(1), 10), (TimeSpan.FromMinutes(5), 60), (TimeSpan.FromMinutes(60), 300)];

    /// <summary>Moves the clock; then records, or rotates, which are never at the same time; then looks, or does not.</summary>
    sealed record Step(long Ticks, bool Rotates, (long Ns, bool IsError)[] Recorded, bool Reads);

    static readonly Gen<bool> Sometimes = Gen.Frequency((19, Gen.Constant(false)), (1, Gen.Constant(true)));

    static readonly Gen<(long Ns, bool IsError)[]> Recordings =
        Gen.Choose(0, 20).SelectMany(static count => Gen.Zip(Latencies.Any, Gen.Elements(true, false)).ArrayOf(count));

    /// <summary>As a timer does it, up to a second late, for up to two hours. In every third slice there is something.</summary>
    static readonly Gen<Step[]> Regular =
        from slices in Gen.Choose(1, 720)
        from steps in Gen.Frequency(
            (2, from late in Gen.Choose(0, 10_000_000) from reads in Sometimes select new Step[] { new(100_000_000 + late, Rotates: true, [], reads) }),
            (1, from at in Gen.Choose(1, 99_999_999)
                from late in Gen.Choose(0, 10_000_000)
                from recorded in Recordings
                from reads in Sometimes
                select new Step[] { new(at, Rotates: false, recorded, reads), new(100_000_000 + late - at, Rotates: true, [], Reads: false) })).ArrayOf(slices)
        select steps.SelectMany(static step => step).ToArray();

    /// <summary>Anything: oftener than asked for, a quarter of an hour late, never.</summary>
    static readonly Gen<Step[]> Irregular =
        (from seconds in Gen.Frequency((6, Gen.Choose(0, 15)), (3, Gen.Choose(0, 120)), (1, Gen.Choose(0, 900)))
            from ticks in Gen.Choose(1, 9_999_999)
            from rotates in Gen.Elements(true, false)
            from recorded in Recordings
            from reads in Sometimes
            select new Step((seconds * TimeSpan.TicksPerSecond) + ticks, rotates, rotates ? [] : recorded, reads)).ArrayOf(200);

    [Fact]
    public void Windows_tell_exactly_what_was_in_the_time_they_say_when_a_timer_rotates() => Prop.ForAll(Arb.From(Regular), Play).QuickCheckThrowOnFailure();

    [Fact]
    public void Windows_tell_exactly_what_was_in_the_time_they_say_whenever_they_are_rotated() => Prop.ForAll(Arb.From(Irregular), Play).QuickCheckThrowOnFailure();

    static void Play(Step[] steps)
    {
        var clock = new FakeTime();
        var (statistics, start) = (new LatencyStatistics(clock), clock.GetTimestamp());
        var all = new List<(long Ticks, long Ns, bool IsError)>();
        var (rotated, longest) = (start, 0L);
        foreach (var step in steps)
        {
            clock.Advance(TimeSpan.FromTicks(step.Ticks));
            var now = clock.GetTimestamp();
            longest = Math.Max(longest, now - rotated);
            foreach (var (ns, isError) in step.Recorded)
            {
                statistics.Record(ns, isError, processor: all.Count);
                all.Add((now, ns, isError));
            }
            if (step.Rotates)
            {
                statistics.Rotate();
                rotated = now;
            }
            foreach (var (window, sliceSeconds) in step.Reads || step == steps[^1] ? Windows : [])
            {
                var summary = statistics.Read(window);
                var ticks = (long)Math.Round(summary.Seconds * TimeSpan.TicksPerSecond);
                all.FindAll(one => one.Ticks > now - ticks).ConvertAll(static one => (one.Ns, one.IsError)).AreTold(summary);
                var whole = Math.Min(now - start, window.Ticks);
                Assert.InRange(ticks, whole - (sliceSeconds * TimeSpan.TicksPerSecond) - longest, Math.Max(whole, now - rotated));
            }
        }
    }

    /// <summary>Recorded halfway between two seconds, rotated every ten, for two hours and then some.</summary>
    [Theory]
    [InlineData(0, 60, 300, 3_600)]
    [InlineData(5, 55, 245, 3_305)]
    [InlineData(50, 60, 290, 3_350)]
    [InlineData(299, 59, 299, 3_599)]
    public void What_came_once_a_second_is_told_once_a_second(int secondsMore, params int[] expected)
    {
        var clock = new FakeTime();
        var statistics = new LatencyStatistics(clock);
        using var timer = clock.CreateTimer(_ => statistics.Rotate(), null, LatencyStatistics.RotateEvery, LatencyStatistics.RotateEvery);
        clock.Advance(TimeSpan.FromMilliseconds(500));
        for (var second = 0; second < 7_200 + secondsMore; second++)
        {
            statistics.Record(1_000_000, isError: second % 2 == 0);
            clock.Advance(TimeSpan.FromSeconds(second < 7_199 + secondsMore ? 1 : 0.5));
        }
        for (var i = 0; i < Windows.Length; i++)
        {
            var summary = statistics.Read(Windows[i].Length);
            Assert.Equal((expected[i], expected[i], 1.0), (summary.Count, summary.Seconds, summary.PerSecond));
            Assert.InRange(summary.Errors, expected[i] / 2, (expected[i] + 1) / 2);
        }
    }

    [Fact]
    public void Time_in_which_nothing_came_is_told_too()
    {
        var clock = new FakeTime();
        var statistics = new LatencyStatistics(clock);
        clock.Advance(TimeSpan.FromSeconds(7));
        var first = statistics.Read(TimeSpan.FromMinutes(1));
        Assert.Equal((0, 7.0, 0.0, null, null), (first.Count, first.Seconds, first.PerSecond, first.P50Ms, first.MaxMs));
        for (var i = 0; i < 30; i++)
        {
            clock.Advance(LatencyStatistics.RotateEvery);
            statistics.Rotate();
        }
        statistics.Record(1, isError: false);
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((1, 60.0), (statistics.Read(TimeSpan.FromMinutes(1)).Count, statistics.Read(TimeSpan.FromMinutes(1)).Seconds));
        Assert.Equal((1, 310.0), (statistics.Read(TimeSpan.FromMinutes(60)).Count, statistics.Read(TimeSpan.FromMinutes(60)).Seconds));
    }

    [Fact]
    public void A_rotation_that_comes_late_makes_a_slice_of_the_time_it_is_from()
    {
        var clock = new FakeTime();
        var statistics = new LatencyStatistics(clock);
        statistics.Record(1_000_000, isError: false);
        clock.Advance(TimeSpan.FromMinutes(3));
        statistics.Record(1_000_000, isError: true);
        var before = statistics.Read(TimeSpan.FromMinutes(1));
        Assert.Equal((2, 1, 180.0), (before.Count, before.Errors, before.Seconds));
        statistics.Rotate();
        // Of the last minute nothing is known by itself any more.
        Assert.Equal((0, 0.0, 0.0), (statistics.Read(TimeSpan.FromMinutes(1)).Count, statistics.Read(TimeSpan.FromMinutes(1)).Seconds, statistics.Read(TimeSpan.FromMinutes(1)).PerSecond));
        Assert.Equal((2, 180.0), (statistics.Read(TimeSpan.FromMinutes(5)).Count, statistics.Read(TimeSpan.FromMinutes(5)).Seconds));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3_601)]
    public void A_window_that_is_not_kept_is_refused(int seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatencyStatistics(new FakeTime()).Read(TimeSpan.FromSeconds(seconds)));
}
