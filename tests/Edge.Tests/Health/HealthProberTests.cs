using System.Threading.Channels;
using Edge.Health;
using Edge.Http;
using Edge.Tests.Basics;
using Edge.Testing;

namespace Edge.Tests.Health;

public sealed class HealthProberTests
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    readonly FakeTime _clock = new();
    readonly Readiness _readiness = new();
    readonly LogRecorder<HealthProber> _log = new();

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    HealthProber Prober(params Dependency[] dependencies) => new(dependencies, _readiness, Interval, _clock, _log);

    [Fact]
    public async Task Readiness_waits_for_the_first_round_whatever_it_finds()
    {
        var asked = Channel.CreateUnbounded<TaskCompletionSource<ProbeFailure?>>();
        using var prober = Prober(new Dependency("postgres", async () =>
        {
            var answer = new TaskCompletionSource<ProbeFailure?>();
            await asked.Writer.WriteAsync(answer, Cancelled);
            return await answer.Task;
        }));
        await prober.StartAsync(Cancelled);

        var first = await asked.Reader.ReadAsync(Cancelled);
        Assert.False(_readiness.IsWarm);
        first.SetResult(new("Refused", "connection refused"));

        _clock.Advance(Interval);
        var second = await asked.Reader.ReadAsync(Cancelled);
        Assert.True(_readiness.IsReady);
        second.SetResult(null);
        await prober.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_round_asks_all_at_once()
    {
        var bothAsked = new TaskCompletionSource();
        var count = 0;
        async ValueTask<ProbeFailure?> Ask()
        {
            if (Interlocked.Increment(ref count) == 2)
                bothAsked.SetResult();
            await bothAsked.Task.WaitAsync(Cancelled);
            return null;
        }
        await Prober(new Dependency("postgres", Ask), new Dependency("redis", Ask)).Round(Cancelled);
        Assert.Equal(2, count);
    }

    [Fact]
    public async Task Only_a_change_is_logged()
    {
        ProbeFailure? failure = null;
        var prober = Prober(new Dependency("postgres", () => new(failure)));
        await prober.Round(Cancelled);
        Assert.Empty(_log.Events);

        failure = new("Refused", "connection refused");
        await prober.Round(Cancelled);
        await prober.Round(Cancelled);
        Assert.Equal("postgres does not answer: Refused: connection refused", Assert.Single(_log.Events).Text);

        failure = null;
        await prober.Round(Cancelled);
        await prober.Round(Cancelled);
        Assert.Equal(["DependencyDown", "DependencyUp"], _log.Events.Select(static logged => logged.Name));
    }

    [Fact]
    public async Task What_is_not_configured_is_not_logged()
    {
        await Prober(Dependency.NotConfigured("postgres")).Round(Cancelled);
        Assert.Empty(_log.Events);
    }

    [Fact]
    public async Task It_stops_in_the_middle_of_a_round()
    {
        var asked = new TaskCompletionSource();
        using var prober = Prober(new Dependency("postgres", async () =>
        {
            asked.SetResult();
            return await new TaskCompletionSource<ProbeFailure?>().Task;
        }));
        await prober.StartAsync(Cancelled);
        await asked.Task;
        await prober.StopAsync(Cancelled);
        Assert.True(prober.ExecuteTask?.IsCompletedSuccessfully);
        Assert.Empty(_log.Events);
    }
}
