using System.Diagnostics;
using System.Globalization;
using Edge.Redis;
using Edge.Testing;

namespace Edge.IntegrationTests.Redis;

/// <summary>A real server that is killed, frozen, and cut off.</summary>
public sealed class FaultTests
{
    /// <summary>Of the calls whose deadline is what is measured.</summary>
    const int DeadlineMs = 300;

    // Short, so that a test takes a second; long enough for a machine that is busy with other tests, which is why calls are patient unless they say otherwise.
    static readonly RedisOptions Impatient = new()
    {
        CommandTimeoutMs = 20_000,
        ConnectTimeoutMs = 600,
        SilenceTimeoutMs = 900,
        KeepAliveMs = 200,
        BackoffBaseMs = 5,
        BackoffMaxMs = 100,
    };

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_server_costs_values_not_exceptions_and_comes_back_by_itself()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var client = new RedisClient(Impatient with { Port = server.Port });
        Ok(await client.Ping(Cancel));
        await server.Kill(Cancel);
        await Poll.Until(() => client.Status.State == RedisLinkState.Down, "the loss is noticed", Cancel);

        var call = client.Get("k", Cancel);
        Assert.True(call.IsCompleted, "a call must fail at once while the link is down");
        var failure = (await call).Failure!;
        Assert.Equal((RedisFailureKind.NotConnected, false), (failure.Kind, failure.MayHaveRun));

        await server.Restart(Cancel);
        await IsBack(client);
        Assert.Null(Ok(await client.Get("k", Cancel)));
        Assert.Equal(1, Ok(await client.Eval(new RedisScript("return 1"), [], [], Replies.Integer, Cancel)));
    }

    [Fact]
    public async Task A_frozen_server_costs_a_deadline_then_nothing_and_its_late_replies_reach_nobody()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var client = new RedisClient(Impatient with { Port = server.Port });
        Ok(await client.Set("a", "A", cancel: Cancel));
        server.Pause();
        try
        {
            var watch = Stopwatch.StartNew();
            var failure = (await client.Get("a", Cancel, timeoutMs: DeadlineMs)).Failure!;
            Assert.Equal((RedisFailureKind.Timeout, true), (failure.Kind, failure.MayHaveRun));
            Assert.InRange(watch.ElapsedMilliseconds, DeadlineMs - 10, 5_000);

            await Poll.Until(
                async cancel => (await client.Get("a", cancel, timeoutMs: DeadlineMs)).Failure!.Kind == RedisFailureKind.NotConnected,
                "the link is declared dead",
                Cancel);
            Assert.Contains("redis://", client.Status.Problem, StringComparison.Ordinal);
        }
        finally
        {
            server.Resume();
        }

        await IsBack(client);
        Assert.Equal("A", Ok(await client.Get("a", Replies.Text, Cancel)));
    }

    [Fact]
    public async Task A_freeze_shorter_than_the_silence_keeps_the_connection_and_drains_the_late_replies_in_order()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var client = new RedisClient(Impatient with { Port = server.Port, SilenceTimeoutMs = 60_000 });
        for (var i = 0; i < 50; i++) Ok(await client.Set($"k{i}", i, cancel: Cancel));
        server.Pause();
        var late = Enumerable.Range(0, 50).Select(i => client.Get($"k{i}", Replies.Integer, Cancel, timeoutMs: 20).AsTask()).ToArray();
        var failures = (await Task.WhenAll(late)).Select(result => result.Failure!.Kind);
        Assert.All(failures, kind => Assert.Equal(RedisFailureKind.Timeout, kind));
        var patient = Enumerable.Range(0, 50)
            .Select(i => client.Get($"k{49 - i}", Replies.Integer, Cancel, timeoutMs: 20_000).AsTask())
            .ToArray();
        server.Resume();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => 49L - i), (await Task.WhenAll(patient)).Select(Ok));
        Assert.Equal((1, 0, 50), (client.Status.Connections, client.Status.InFlight, client.Status.Timeouts));
    }

    [Fact]
    public async Task Cut_again_and_again_under_load_no_reply_is_misdelivered_and_MayHaveRun_false_is_a_proof()
    {
        const int callers = 8;
        const int cuts = 15;
        await using var server = await RedisServer.Start(Cancel);
        await using var proxy = CuttingProxy.Start(server.Port);
        await using var direct = new RedisClient(new RedisOptions { Port = server.Port, CommandTimeoutMs = 20_000 });
        await using var client = new RedisClient(Impatient with { Port = proxy.Port });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var tallies = Enumerable.Range(0, callers).Select(i => Count(client, i, stop.Token)).ToArray();
        for (var i = 1; i <= cuts; i++)
        {
            await Poll.Until(
                () => client.Status.Connections >= i && client.Status.State == RedisLinkState.Ready, "connected again", Cancel);
            await proxy.Cut();
        }

        await IsBack(client);
        await stop.CancelAsync();
        var lost = 0L;
        for (var i = 0; i < callers; i++)
        {
            var (done, ambiguous) = await tallies[i];
            var counted = Ok(await direct.Get($"n{i}", Replies.Integer, Cancel));
            Assert.InRange(counted, done, done + ambiguous);
            lost += ambiguous;
        }

        Assert.True(client.Status.Connections > cuts);
        TestContext.Current.TestOutputHelper?.WriteLine($"{lost} calls may have run");
    }

    [Fact]
    public async Task A_slow_link_times_out_calls_without_ending_or_shifting_anything()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var proxy = CuttingProxy.Start(server.Port);
        await using var client = new RedisClient(Impatient with { Port = proxy.Port, SilenceTimeoutMs = 60_000 });
        Ok(await client.Set("a", "A", cancel: Cancel));
        Ok(await client.Set("b", "B", cancel: Cancel));
        proxy.Delay(TimeSpan.FromMilliseconds(100));
        Assert.Equal(RedisFailureKind.Timeout, (await client.Get("a", Cancel, timeoutMs: 50)).Failure!.Kind);
        Assert.Equal("B", Ok(await client.Get("b", Replies.Text, Cancel, timeoutMs: 20_000)));
        proxy.Pass();
        Assert.Equal("A", Ok(await client.Get("a", Replies.Text, Cancel, timeoutMs: 20_000)));
        Assert.Equal(1, client.Status.Connections);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_subscriber_learns_of_every_gap_and_hears_again_when_the_link_is_back(bool isReset)
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var proxy = CuttingProxy.Start(server.Port);
        await using var sender = new RedisClient(new RedisOptions { Port = server.Port, CommandTimeoutMs = 20_000 });
        await using var client = new RedisClient(Impatient with { Port = proxy.Port });
        using var subscription = client.Subscribe("news");
        await using var events = subscription.ReadAll(Cancel).GetAsyncEnumerator(Cancel);
        await Next(RedisEventKind.Subscribed);
        Ok(await sender.Publish("news", "one", Cancel));
        await Next(RedisEventKind.Message);

        // A pulled cable tells nobody: only the keep-alive can notice, on a link that just listens.
        if (isReset) await proxy.Cut();
        else proxy.Stall();
        await Next(RedisEventKind.LinkLost);
        Ok(await sender.Publish("news", "missed", Cancel));
        proxy.Pass();
        await Next(RedisEventKind.Subscribed);
        Assert.True(subscription.IsLive);
        // Redis may still hold the connection that was lost, until it reads of its end.
        await Poll.Until(
            async cancel => Ok(await sender.Execute(["PUBSUB", "NUMSUB", "news"], Replies.Any, cancel)).Items[1].Integer == 1, "nobody else subscribes", Cancel);
        Assert.Equal(1, Ok(await sender.Publish("news", "two", Cancel)));
        await Next(RedisEventKind.Message);
        Assert.Equal("two"u8.ToArray(), events.Current.Payload.ToArray());

        async Task Next(RedisEventKind kind)
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal(kind, events.Current.Kind);
        }
    }

    /// <summary>Increments a counter of its own until stopped: how often that surely worked, and how often it may have.</summary>
    static async Task<(long Done, long Ambiguous)> Count(RedisClient client, int caller, CancellationToken stop)
    {
        long done = 0;
        long ambiguous = 0;
        long last = 0;
        var key = string.Create(CultureInfo.InvariantCulture, $"n{caller}");
        while (!stop.IsCancellationRequested)
        {
            var result = await client.IncrBy(key, cancel: CancellationToken.None);
            if (result.TryGet(out var value, out var failure))
            {
                // A reply of another caller's counter, or of an older call, would not fit between these.
                Assert.InRange(value, last + 1, last + 1 + ambiguous);
                last = value;
                done++;
            }
            else if (failure.MayHaveRun)
            {
                ambiguous++;
            }

            if (failure is not null) await Task.Yield();
        }

        return (done, ambiguous);
    }

    static Task IsBack(RedisClient client) =>
        Poll.Until(async cancel => (await client.Ping(cancel)).IsOk, "connected again", Cancel);

    static T Ok<T>(RedisResult<T> result)
    {
        Assert.True(result.IsOk, result.Failure?.InternalText);
        return result.Value;
    }
}
