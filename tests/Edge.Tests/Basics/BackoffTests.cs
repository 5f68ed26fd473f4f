using Edge.Core.Basics;

namespace Edge.Tests.Basics;

public sealed class BackoffTests
{
    [Fact]
    public void It_doubles_to_its_bound_is_jittered_and_repeats_with_the_seed()
    {
        var backoff = new Backoff(new Random(3), 50, 1_000);
        var again = new Backoff(new Random(3), 50, 1_000);
        foreach (var bound in new[] { 50, 100, 200, 400, 800, 1_000, 1_000, 1_000 })
        {
            var wait = backoff.AfterFailure();
            Assert.InRange(wait.TotalMilliseconds, bound / 2.0, bound);
            Assert.Equal(wait, again.AfterFailure());
        }

        Assert.InRange(backoff.AfterLoss().TotalMilliseconds, 0, 50);
        Assert.InRange(backoff.AfterFailure().TotalMilliseconds, 25, 50);
        Assert.NotEqual(new Backoff(new Random(4), 50, 1_000).AfterFailure(), new Backoff(new Random(3), 50, 1_000).AfterFailure());
    }
}
