using Edge.Http;

namespace Edge.Tests.Http;

public sealed class ReadinessTests
{
    readonly Readiness _readiness = new();

    [Fact]
    public void It_starts_unready() => Assert.Equal((false, false, false), State());

    [Fact]
    public void After_the_warm_up_it_is_ready()
    {
        _readiness.WarmedUp();
        Assert.Equal((true, true, false), State());
    }

    [Fact]
    public void Draining_is_for_good_even_before_the_warm_up()
    {
        Assert.True(_readiness.Drain());
        _readiness.WarmedUp();
        Assert.Equal((true, false, true), State());
    }

    [Fact]
    public void Only_the_first_drain_is_the_first()
    {
        _readiness.WarmedUp();
        Assert.True(_readiness.Drain());
        Assert.False(_readiness.Drain());
    }

    (bool IsWarm, bool IsReady, bool IsDraining) State() => (_readiness.IsWarm, _readiness.IsReady, _readiness.IsDraining);
}
