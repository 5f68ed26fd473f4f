using Edge.Core.RateLimiting;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.RateLimiting;

public class GcraTests
{
    const long Second = 1_000_000_000;

    static readonly Gen<RateLimit> Limits =
        from count in Gen.Choose(1, 5000)
        from period in Gen.Choose(1, 3600)
        from burst in Gen.Choose(1, 200)
        select new RateLimit(count, period, burst);

    /// <summary>Steps of the clock in thousandths of T, back too, and what is asked for at each.</summary>
    static readonly Gen<(int StepPermille, int Cost)[]> Walks =
        Gen.Zip(Gen.Frequency((8, Gen.Choose(0, 3000)), (1, Gen.Choose(-5000, 0)), (1, Gen.Choose(0, 500_000))), Gen.Choose(0, 7)).ArrayOf();

    [Fact]
    public void In_any_stretch_of_time_at_most_burst_and_what_came_back_is_admitted() => Prop.ForAll(Arb.From(Limits), Arb.From(Walks), (limit, walk) =>
    {
        var admitted = Play(limit, walk);
        for (var from = 0; from < admitted.Count; from++)
        {
            var sum = 0L;
            for (var to = from; to < admitted.Count; to++)
            {
                // A clock that steps back makes the stretch negative, and what may have been admitted less than the burst.
                sum += admitted[to].Cost;
                if (sum * limit.IntervalNs > limit.FullNs + admitted[to].AtNs - admitted[from].AtNs)
                    return false;
            }
        }
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_refused_request_is_admitted_when_it_was_told_to_return_and_not_before() => Prop.ForAll(Arb.From(Limits), Arb.From(Walks), (limit, walk) =>
    {
        var (tat, now) = (0L, Second);
        foreach (var (step, cost) in walk)
        {
            now = Math.Max(0, now + (step * limit.IntervalNs / 1000));
            var decision = Gcra.Decide(tat, now, limit, cost);
            if (decision.RetryNs > 0
                && (decision.TatNs != tat || !Gcra.Decide(tat, now + decision.RetryNs, limit, cost).IsAllowed || Gcra.Decide(tat, now + decision.RetryNs - 1, limit, cost).IsAllowed))
                return false;
            tat = decision.TatNs;
        }
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_remains_can_be_taken_and_one_more_cannot() => Prop.ForAll(Arb.From(Limits), Arb.From(Walks), (limit, walk) =>
    {
        var (tat, now) = (0L, Second);
        foreach (var (step, cost) in walk)
        {
            now = Math.Max(0, now + (step * limit.IntervalNs / 1000));
            var decision = Gcra.Decide(tat, now, limit, cost);
            tat = decision.TatNs;
            if (!Gcra.Decide(tat, now, limit, decision.Remaining).IsAllowed || Gcra.Decide(tat, now, limit, decision.Remaining + 1).IsAllowed)
                return false;
        }
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_look_takes_nothing() => Prop.ForAll(Arb.From(Limits), Arb.From(Gen.Choose(0, 250)), (limit, taken) =>
    {
        var before = Gcra.Decide(0, Second, limit, taken);
        var look = Gcra.Decide(before.TatNs, Second, limit, cost: 0);
        return look.IsAllowed && look.Remaining == before.Remaining && Gcra.Decide(look.TatNs, Second, limit, 0).Remaining == before.Remaining;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_request_that_costs_more_than_the_bucket_holds_is_refused_for_good()
    {
        var limit = new RateLimit(Count: 10, PeriodSeconds: 1, Burst: 5);
        Assert.Equal(Gcra.Never, Gcra.Decide(0, Second, limit, cost: 6).RetryNs);
        Assert.True(Gcra.Decide(0, Second, limit, cost: 5).IsAllowed);
    }

    [Fact]
    public void After_a_rest_the_burst_is_there_and_no_more()
    {
        var limit = new RateLimit(Count: 60, PeriodSeconds: 60, Burst: 10);
        var (tat, allowed) = (0L, 0);
        for (var i = 0; i < 100; i++)
        {
            var decision = Gcra.Decide(tat, 1000 * Second, limit, 1);
            tat = decision.TatNs;
            allowed += decision.IsAllowed ? 1 : 0;
        }
        Assert.Equal(10, allowed);
        Assert.Equal(new(false, tat, 0, 10 * Second, Second), Gcra.Decide(tat, 1000 * Second, limit, 1));
        Assert.True(Gcra.Decide(tat, 1001 * Second, limit, 1).IsAllowed);
    }

    [Theory]
    [InlineData(1, 86_400, 30)]
    [InlineData(1_000_000, 1, 1)]
    [InlineData(7, 3, 1_000_000)]
    public void The_ends_of_the_ranges_do_not_overflow(int count, int period, int burst)
    {
        var limit = new RateLimit(count, period, burst);
        Assert.True(limit.IsValid);
        var decision = Gcra.Decide(0, long.MaxValue / 4, limit, burst);
        Assert.True(decision.IsAllowed);
        Assert.Equal(0, decision.Remaining);
        Assert.True(decision.TatNs > 0);
        // Never more than was promised: rounding is towards less.
        Assert.True(limit.IntervalNs * limit.Count >= period * Second);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(1_000_001, 1, 1)]
    [InlineData(1, 86_401, 1)]
    [InlineData(1, 1, 1_000_001)]
    [InlineData(1, 86_400, 31)]
    public void A_limit_out_of_range_is_told(int count, int period, int burst) => Assert.False(new RateLimit(count, period, burst).IsValid);

    static List<(long AtNs, int Cost)> Play(RateLimit limit, (int StepPermille, int Cost)[] walk)
    {
        var (tat, now) = (0L, Second);
        var admitted = new List<(long, int)>();
        foreach (var (step, cost) in walk)
        {
            now = Math.Max(0, now + (step * limit.IntervalNs / 1000));
            var decision = Gcra.Decide(tat, now, limit, cost);
            tat = decision.TatNs;
            if (decision.IsAllowed && cost > 0)
                admitted.Add((now, cost));
        }
        return admitted;
    }
}
