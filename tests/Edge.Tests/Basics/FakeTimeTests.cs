namespace Edge.Tests.Basics;

public class FakeTimeTests
{
    readonly FakeTime clock = new();

    [Fact]
    public void Timers_fire_in_the_order_of_their_times_and_see_them()
    {
        var fired = new List<(string Name, double Seconds)>();
        using var late = Timer("late", 3, Timeout.InfiniteTimeSpan, fired);
        using var early = Timer("early", 1, Timeout.InfiniteTimeSpan, fired);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([("early", 1)], fired);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([("early", 1), ("late", 3)], fired);
    }

    [Fact]
    public void A_periodic_timer_fires_once_per_period()
    {
        var fired = new List<(string Name, double Seconds)>();
        using var timer = Timer("tick", 1, TimeSpan.FromSeconds(1), fired);
        clock.Advance(TimeSpan.FromSeconds(3.5));
        Assert.Equal([1, 2, 3], fired.ConvertAll(static tick => tick.Seconds));
    }

    [Fact]
    public void A_disposed_timer_does_not_fire()
    {
        var fired = new List<(string Name, double Seconds)>();
        Timer("gone", 1, Timeout.InfiniteTimeSpan, fired).Dispose();
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(fired);
        Assert.Equal(0, clock.PendingTimers);
    }

    [Fact]
    public async Task A_delay_on_it_ends_when_the_time_has_come()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(10), clock, TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await delay;
    }

    [Fact]
    public void Elapsed_time_is_what_was_advanced()
    {
        var start = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromMilliseconds(1234));
        Assert.Equal(1234, clock.GetElapsedTime(start).TotalMilliseconds);
        Assert.Equal(FakeTime.Start.AddMilliseconds(1234), clock.GetUtcNow());
    }

    ITimer Timer(string name, double seconds, TimeSpan period, List<(string, double)> fired) =>
        clock.CreateTimer(_ => fired.Add((name, (clock.GetUtcNow() - FakeTime.Start).TotalSeconds)), null, TimeSpan.FromSeconds(seconds), period);
}
