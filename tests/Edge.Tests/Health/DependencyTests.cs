using Edge.Health;
using Edge.Tests.Basics;

namespace Edge.Tests.Health;

public sealed class DependencyTests
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    readonly FakeTime _clock = new();

    static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public void Before_the_first_probe_nothing_is_known_to_be_broken()
    {
        var state = new Dependency("postgres", static () => Up).State;
        Assert.Equal(new(IsUp: true, CheckedAt: null, LatencyMs: null), state);
    }

    [Fact]
    public async Task An_answer_is_kept_with_its_time_and_latency()
    {
        var dependency = new Dependency("postgres", () =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(12));
            return Up;
        });
        Assert.Null(await dependency.Probe(_clock, Deadline, Stopping));
        Assert.Equal(new(IsUp: true, FakeTime.Start.AddMilliseconds(12), LatencyMs: 12), dependency.State);
    }

    [Fact]
    public async Task A_failure_is_kept_and_returned()
    {
        var failure = new ProbeFailure("Refused", "connection refused");
        var dependency = new Dependency("postgres", () => new(failure));
        Assert.Same(failure, await dependency.Probe(_clock, Deadline, Stopping));
        Assert.Equal(new(IsUp: false, FakeTime.Start, LatencyMs: null), dependency.State);
    }

    [Fact]
    public async Task A_probe_that_never_ends_is_a_failure_at_the_deadline_that_says_so()
    {
        var dependency = new Dependency("postgres", Never);
        var probe = dependency.Probe(_clock, Deadline, Stopping).AsTask();
        _clock.Advance(Deadline - TimeSpan.FromMilliseconds(1));
        Assert.False(probe.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new("Timeout", "no answer within 2 s"), await probe);
        Assert.False(dependency.State.IsUp);
    }

    [Fact]
    public async Task A_probe_that_the_host_ends_says_nothing_about_the_dependency()
    {
        using var stopping = new CancellationTokenSource();
        var dependency = new Dependency("postgres", Never);
        var probe = dependency.Probe(_clock, Deadline, stopping.Token).AsTask();
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        Assert.Equal(DependencyState.Unknown, dependency.State);
    }

    [Fact]
    public async Task While_one_is_late_no_other_is_begun_and_its_answer_counts_when_it_comes()
    {
        var asked = new List<TaskCompletionSource<ProbeFailure?>>();
        var dependency = new Dependency("postgres", () =>
        {
            asked.Add(new());
            return new(asked[^1].Task);
        });
        for (var round = 0; round < 3; round++)
        {
            var late = dependency.Probe(_clock, Deadline, Stopping).AsTask();
            _clock.Advance(Deadline);
            Assert.Equal("Timeout", (await late)?.Kind);
        }
        var probe = dependency.Probe(_clock, Deadline, Stopping).AsTask();
        Assert.Single(asked).SetResult(null);
        Assert.Null(await probe);
        Assert.True(dependency.State.IsUp);
    }

    [Fact]
    public async Task What_a_late_one_found_between_two_rounds_is_not_taken_for_news()
    {
        var first = new TaskCompletionSource<ProbeFailure?>();
        var asked = 0;
        var dependency = new Dependency("postgres", () => asked++ == 0 ? new(first.Task) : Up);
        var late = dependency.Probe(_clock, Deadline, Stopping).AsTask();
        _clock.Advance(Deadline);
        await late;
        first.SetResult(new("Old", "old"));
        Assert.Null(await dependency.Probe(_clock, Deadline, Stopping));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task What_fails_while_the_host_ends_says_nothing_either()
    {
        using var stopping = new CancellationTokenSource();
        var dependency = new Dependency("postgres", async () =>
        {
            await stopping.CancelAsync();
            return new("Refused", "connection refused");
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dependency.Probe(_clock, Deadline, stopping.Token).AsTask());
        Assert.Equal(DependencyState.Unknown, dependency.State);
    }

    [Fact]
    public async Task What_is_not_configured_is_down_and_never_asked()
    {
        var dependency = Dependency.NotConfigured("postgres");
        Assert.Null(await dependency.Probe(_clock, Deadline, Stopping));
        Assert.False(dependency.State.IsUp);
        Assert.False(dependency.IsConfigured);
    }

    static ValueTask<ProbeFailure?> Up => new((ProbeFailure?)null);

    static ValueTask<ProbeFailure?> Never() => new(new TaskCompletionSource<ProbeFailure?>().Task);
}
