using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

/// <summary>How engines find back to a second level, and what must not wait for that.</summary>
public sealed class RecoveryTests : IDisposable
{
    const int TimeoutMs = 100;

    static readonly CachePolicy Policy = CacheBench.Policy with { LoadTimeoutMs = 10_000 };

    readonly CacheBench _bench = new(2, new() { TimeoutMs = TimeoutMs, CutOffMs = 2_000 });

    CacheBench.Node A => _bench[0];

    CacheBench.Node B => _bench[1];

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Who_joined_a_flight_before_an_invalidation_gets_what_the_flight_after_it_brings()
    {
        _bench.Origin.Hold();
        A.BeginRead(Policy);
        var before = B.BeginRead(Policy);
        B.Invalidate();
        var after = B.BeginRead(Policy);
        // The lease is given back, which only the later of B's flights is told.
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal(2, CacheBench.Ended(after).Value);
        Assert.Equal(2, CacheBench.Ended(before).Value);
    }

    [Fact]
    public void A_lease_that_could_not_be_given_back_is_when_the_link_returns()
    {
        _bench.Origin.Hold();
        var holder = A.BeginRead(Policy);
        var waiting = B.BeginRead(Policy);
        A.Link.Cut();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Miss, 1), CacheBench.Ended(holder));
        Assert.False(waiting.IsCompleted);
        A.Link.Heal();
        _bench.Pass(500);
        Assert.True(A.Backplane.IsOpen);
        Assert.Equal((CacheSource.Miss, 2), CacheBench.Ended(waiting));
    }

    [Fact]
    public void A_lease_whose_store_was_lost_is_given_back_too()
    {
        _bench.Origin.Hold();
        A.BeginRead(Policy);
        var waiting = B.BeginRead(Policy);
        A.Level.DelayMs = 2 * TimeoutMs;
        _bench.Origin.Release();
        _bench.Pass(2 * TimeoutMs);
        // Its other calls fail as well: it is closed, and opened when they would not.
        for (var i = 0; i < Backplane.FailuresToClose; i++)
            A.BeginRead(Policy, key: $"other {i}");
        _bench.Pass(2 * TimeoutMs);
        Assert.False(A.Backplane.IsOpen);
        Assert.False(waiting.IsCompleted);
        A.Level.DelayMs = 0;
        _bench.Pass(5_000);
        Assert.True(A.Backplane.IsOpen);
        Assert.Equal((CacheSource.Miss, true), (CacheBench.Ended(waiting).Source, waiting.IsCompletedSuccessfully));
    }

    [Fact]
    public void A_lease_that_could_not_be_given_back_at_the_first_attempt_is_at_a_later_one()
    {
        _bench.Origin.Hold();
        A.BeginRead(Policy);
        var waiting = B.BeginRead(Policy);
        A.Link.Cut();
        _bench.Origin.Release();
        _bench.Settle();
        A.Level.KeepsLeases = true;
        A.Link.Heal();
        _bench.Pass(500);
        Assert.Equal((false, false), (A.Backplane.IsOpen, waiting.IsCompleted));
        A.Level.KeepsLeases = false;
        _bench.Pass(3_000);
        Assert.True(A.Backplane.IsOpen);
        Assert.Equal((CacheSource.Miss, 2), CacheBench.Ended(waiting));
    }

    [Fact]
    public void Who_joined_a_flight_before_an_invalidation_does_not_wait_for_a_lease_when_the_second_level_is_lost()
    {
        _bench.Origin.Hold();
        A.BeginRead(Policy);
        var before = B.BeginRead(Policy);
        B.Invalidate();
        var after = B.BeginRead(Policy);
        Assert.Equal(1, _bench.Origin.Calls);
        B.Link.Cut();
        _bench.Settle();
        // Both of B's flights load by themselves, and the later one's failure is not the earlier one's answer.
        Assert.Equal(3, _bench.Origin.Calls);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.True(CacheBench.Ended(before).Value >= 2);
        Assert.True(CacheBench.Ended(after).Value >= 2);
    }

    [Fact]
    public void A_second_level_that_refuses_writes_is_closed_once_and_opened_when_it_takes_them()
    {
        A.Level.IsReadOnly = true;
        var (turns, keys) = (A.Turns.Count, 0);
        for (var second = 0; second < 60; second++)
        {
            for (var i = 0; i < Backplane.FailuresToClose; i++)
                A.BeginRead(Policy, key: $"key {keys++}");
            _bench.Pass(1_000);
        }
        Assert.Equal((false, turns + 1), (A.Backplane.IsOpen, A.Turns.Count));
        A.Level.IsReadOnly = false;
        _bench.Pass(5_000);
        Assert.True(A.Backplane.IsOpen);
    }

    [Fact]
    public void A_second_level_that_is_too_slow_for_requests_is_not_opened_for_them()
    {
        // Fast enough for a comparison, which has more time.
        A.Level.DelayMs = 2 * TimeoutMs;
        A.Link.Cut();
        _bench.Settle();
        A.Link.Heal();
        var turns = A.Turns.Count;
        _bench.Pass(20_000);
        Assert.Equal((false, turns), (A.Backplane.IsOpen, A.Turns.Count));
        A.Level.DelayMs = 0;
        _bench.Pass(5_000);
        Assert.True(A.Backplane.IsOpen);
    }

    [Fact]
    public void A_second_level_that_is_slow_whenever_it_is_used_is_opened_less_and_less_often()
    {
        const int seconds = 60;
        var keys = 0;
        for (var ms = 0; ms < seconds * 1_000; ms += 2 * TimeoutMs)
        {
            A.Level.DelayMs = A.Backplane.IsOpen ? 2 * TimeoutMs : 0;
            if (A.Backplane.IsOpen)
                for (var i = 0; i < Backplane.FailuresToClose; i++)
                    A.BeginRead(Policy, key: $"key {keys++}");
            _bench.Pass(2 * TimeoutMs);
        }
        // Once in the longest pause, 3 s with its jitter; and a few times until that is reached.
        Assert.InRange(A.Turns.Count(static why => why is null), seconds / 6, seconds / 2);

        // Healthy for a while, it has a clean slate.
        A.Level.DelayMs = 0;
        _bench.Pass(40_000);
        Assert.True(A.Backplane.IsOpen);
        A.Level.DelayMs = 2 * TimeoutMs;
        for (var i = 0; i < Backplane.FailuresToClose; i++)
            A.BeginRead(Policy, key: $"key {keys++}");
        _bench.Pass(2 * TimeoutMs);
        Assert.False(A.Backplane.IsOpen);
        A.Level.DelayMs = 0;
        _bench.Pass(500);
        Assert.True(A.Backplane.IsOpen);
    }
}
