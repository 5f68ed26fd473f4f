using Edge.Core.Resilience;

namespace Edge.Tests.Resilience;

/// <summary>The gate before a simulated service: what is done of use, and what the cap finds.</summary>
public sealed class AdaptiveCapTests
{
    static readonly LoadGateOptions Options = new();

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void What_is_of_use_stays_near_its_peak_however_much_more_is_asked_for(double load)
    {
        using var world = new LoadWorld(seed: 1, Options);
        world.Run(seconds: 20, load);
        Assert.InRange(world.Goodput(10), 0.9 * Math.Min(1, load) * world.CapacityPerSecond, 1.1 * world.CapacityPerSecond);
        Assert.InRange(world.Latency(10, 0.99), 0, 250);
    }

    [Fact]
    public void Without_the_gate_nothing_of_use_is_done_at_three_times_the_capacity()
    {
        using var world = new LoadWorld(seed: 1, options: null);
        world.Run(seconds: 20, load: 3);
        Assert.InRange(world.Goodput(10), 0, 0.05 * world.CapacityPerSecond);
    }

    [Theory]
    [InlineData(5, 10)]
    [InlineData(20, 10)]
    [InlineData(100, 10)]
    [InlineData(20, 100)]
    [InlineData(100, 2)]
    public void The_cap_finds_what_the_service_can_do_at_once(int servers, double serviceMs)
    {
        using var world = new LoadWorld(seed: 2, Options) { Servers = servers, ServiceMs = serviceMs };
        world.Run(seconds: 15, load: 0.3);
        world.Run(seconds: 15, load: 3);
        Assert.InRange(world.Gate!.Statistics().Cap, Math.Max(Options.Floor, servers), Math.Max(3.2 * Options.Floor, 3.2 * servers));
    }

    [Fact]
    public void It_rises_when_the_service_can_do_twice_as_much()
    {
        using var world = new LoadWorld(seed: 3, Options);
        world.Run(seconds: 20, load: 3);
        var before = world.Gate!.Statistics().Cap;
        world.Servers *= 4;
        world.Run(seconds: 20, load: 3);
        Assert.InRange(world.Gate.Statistics().Cap, 2.5 * before, 6 * before);
        Assert.InRange(world.Goodput(5), 0.9 * world.CapacityPerSecond, 1.1 * world.CapacityPerSecond);
    }

    [Fact]
    public void It_falls_when_the_service_can_do_half_as_much()
    {
        using var world = new LoadWorld(seed: 4, Options) { Servers = 80 };
        world.Run(seconds: 20, load: 3);
        var before = world.Gate!.Statistics().Cap;
        world.Servers /= 2;
        world.Run(seconds: 10, load: 3);
        Assert.InRange(world.Gate.Statistics().Cap, 0.35 * before, 0.7 * before);
        Assert.InRange(world.Goodput(5), 0.9 * world.CapacityPerSecond, 1.1 * world.CapacityPerSecond);
    }

    [Fact]
    public void A_service_that_has_become_slower_keeps_its_cap()
    {
        using var world = new LoadWorld(seed: 5, Options) { Servers = 100 };
        world.Run(seconds: 10, load: 0.3);
        world.Run(seconds: 10, load: 3);
        world.ServiceMs *= 10;
        world.Run(seconds: 60, load: 3);
        Assert.InRange(world.Gate!.Statistics().Cap, 100, 320);
        Assert.InRange(world.Goodput(10), 0.9 * world.CapacityPerSecond, 1.1 * world.CapacityPerSecond);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.3)]
    public void It_does_not_collapse_when_the_work_takes_now_short_now_long(double noise)
    {
        using var world = new LoadWorld(seed: 6, Options) { Noise = noise, Servers = 64 };
        world.Run(seconds: 20, load: 2);
        Assert.InRange(world.Gate!.Statistics().Cap, 64, 4 * 64);
        Assert.InRange(world.Goodput(10), 0.9 * world.CapacityPerSecond, 1.15 * world.CapacityPerSecond);
    }

    [Fact]
    public void What_was_learned_under_load_is_found_out_by_probes()
    {
        using var world = new LoadWorld(seed: 7, Options with { Initial = 1_000 });
        // It has never seen anything but an overload.
        world.Run(seconds: 2, load: 3);
        var before = world.Gate!.Statistics().Cap;
        world.Run(seconds: 30, load: 3);
        Assert.InRange(world.Gate.Statistics().Cap, 20, 64);
        Assert.True(before > 100, $"the cap was {before} at once: nothing was learned wrongly, so that this shows nothing");
    }

    [Fact]
    public void Minutes_of_overload_are_not_taken_for_the_usual()
    {
        using var world = new LoadWorld(seed: 8, Options) { ServiceMs = 50 };
        world.Run(seconds: 10, load: 0.3);
        world.Run(seconds: 300, load: 1.5);
        Assert.InRange(world.Gate!.Statistics().Cap, 20, 64);
    }

    [Fact]
    public void A_change_from_short_work_to_long_work_is_no_overload()
    {
        using var world = new LoadWorld(seed: 9, Options) { Servers = 100, SheddableFactor = 20, Shares = (0, 5) };
        world.Run(seconds: 10, load: 0.3);
        var before = world.Gate!.Statistics().Cap;
        world.Shares = (0, 90);
        world.Run(seconds: 20, load: 0.6);
        Assert.InRange(world.Gate.Statistics().Stretch, 0.5, 1.5);
        Assert.InRange(world.Gate.Statistics().Cap, before, Options.Ceiling);
        Assert.Equal(0, world.Shed);
    }

    [Fact]
    public void The_floor_holds_and_the_ceiling_too()
    {
        var options = Options with { Floor = 24, Ceiling = 40, Initial = 10 };
        using var world = new LoadWorld(seed: 10, options);
        var (lowest, highest) = (int.MaxValue, 0);
        world.Stepped = () => (lowest, highest) = (Math.Min(lowest, world.Gate!.Statistics().Cap), Math.Max(highest, world.Gate.Statistics().Cap));
        world.Run(seconds: 5, load: 0.5);
        world.Servers = 2;
        world.Run(seconds: 5, load: 5);
        world.Servers = 400;
        world.Run(seconds: 20, load: 0.9);
        Assert.Equal((24, 40), (lowest, highest));
    }

    [Fact]
    public void The_most_critical_is_shed_last()
    {
        using var world = new LoadWorld(seed: 11, Options) { Shares = (10, 40) };
        world.Run(seconds: 20, load: 3);
        var (critical, normal, sheddable) = (Part(Criticality.Critical, 10), Part(Criticality.Normal, 50), Part(Criticality.Sheddable, 40));
        Assert.InRange(critical, 0.99, 1.05);
        Assert.InRange(normal, 0.4, 0.7);
        Assert.InRange(sheddable, 0, 0.05);

        double Part(Criticality criticality, int share) => world.Goodput(10, criticality) / (3 * world.CapacityPerSecond * share / 100);
    }

    [Fact]
    public void A_burst_is_waited_for_and_nothing_of_it_is_shed()
    {
        using var world = new LoadWorld(seed: 12, Options);
        world.Run(seconds: 5, load: 0.5);
        world.Run(seconds: 0.1, load: 2.5);
        Assert.InRange(world.Gate!.Statistics().Waiting, 50, 1_000);
        world.Run(seconds: 2, load: 0.5);
        Assert.Equal(0, world.Shed);
    }
}
