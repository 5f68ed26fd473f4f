using Edge.Redis;

namespace Edge.Tests.Redis;

public sealed class ReconnectTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    const string Ping = "*1\r\n$4\r\nPING\r\n";
    const string GetA = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";

    readonly ScriptedServer _server = new();
    readonly ManualTime _time = new();

    [Fact]
    public async Task Nothing_is_dialled_before_the_first_command()
    {
        await using var client = _server.Client(_time);
        Assert.Equal((RedisLinkState.Idle, 0), (client.Status.State, _server.Dialled));
        var ping = client.Ping(cancel: Cancel).AsTask();
        var connection = await _server.AcceptLogin();
        await connection.Expect(Ping);
        connection.Send("+PONG\r\n");
        Assert.True((await ping.In()).Value);
    }

    [Fact]
    public async Task When_a_stable_connection_is_lost_the_sent_may_have_run_the_unsent_has_not_and_new_calls_wait_for_the_next()
    {
        await using var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        await Eventually.Holds(() => client.Status.State == RedisLinkState.Ready);
        _time.Advance(1_500);
        var sent = client.Get("a", timeoutMs: 60_000, cancel: Cancel).AsTask();
        await connection.Expect(GetA);
        connection.WriteGate = new TaskCompletionSource();
        var stuck = client.Get("b", timeoutMs: 60_000, cancel: Cancel).AsTask();
        await connection.WriterIsStuck();
        var unsent = client.Get("c", timeoutMs: 60_000, cancel: Cancel).AsTask();
        connection.Close();

        Assert.Equal((RedisFailureKind.ConnectionLost, true), KindOf(await sent.In()));
        Assert.Equal((RedisFailureKind.ConnectionLost, true), KindOf(await stuck.In()));
        Assert.Equal((RedisFailureKind.ConnectionLost, false), KindOf(await unsent.In()));

        var parked = client.Ping(timeoutMs: 60_000, cancel: Cancel).AsTask();
        var wait = await _time.Armed(due => due.TotalMilliseconds is > 10 and <= 50);
        _time.Advance(wait);
        var next = await _server.AcceptLogin();
        await next.Expect(Ping);
        next.Send("+PONG\r\n");
        Assert.True((await parked.In()).Value);
        Assert.Equal(2, client.Status.Connections);
    }

    [Fact]
    public async Task After_a_failed_attempt_calls_fail_at_once_and_say_why()
    {
        _server.Refuses = true;
        await using var client = _server.Client(_time);
        Assert.Equal((RedisFailureKind.NotConnected, false), KindOf(await client.Ping(cancel: Cancel).In()));
        var call = client.Ping(cancel: Cancel);
        Assert.True(call.IsCompleted);
        var failure = (await call).Failure!;
        Assert.Equal((RedisFailureKind.NotConnected, false), (failure.Kind, failure.MayHaveRun));
        Assert.Contains("connection refused", failure.InternalText, StringComparison.Ordinal);
        Assert.Contains("redis://127.0.0.1:6379", failure.InternalText, StringComparison.Ordinal);
        Assert.Equal(RedisLinkState.Down, client.Status.State);
    }

    [Fact]
    public async Task It_tries_again_until_the_server_is_back()
    {
        _server.Refuses = true;
        await using var client = _server.Client(_time);
        client.Start();
        for (var attempt = 1; attempt <= 8; attempt++)
        {
            await Eventually.Holds(() => _server.Dialled == attempt);
            _time.Advance(await _time.Armed(due => due > TimeSpan.Zero && due.TotalMilliseconds <= 1_000));
        }

        _server.Refuses = false;
        await Eventually.Holds(() => _server.Dialled >= 9);
        if (client.Status.State == RedisLinkState.Down) _time.Advance(1_000);
        await _server.AcceptLogin();
        await Eventually.Holds(() => client.Status.State == RedisLinkState.Ready);
    }

    [Fact]
    public async Task A_server_that_accepts_and_hangs_up_is_called_with_backoff_not_in_a_loop()
    {
        await using var client = _server.Client(_time);
        client.Start();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            var connection = await _server.AcceptLogin();
            connection.Close();
            var bound = 50 * Math.Pow(2, attempt - 1);
            var wait = await _time.Armed(due => due.TotalMilliseconds > bound / 2 && due.TotalMilliseconds <= bound);
            Assert.Equal(RedisFailureKind.NotConnected, (await client.Ping(cancel: Cancel)).Failure!.Kind);
            Assert.Equal(attempt, _server.Dialled);
            _time.Advance(wait);
        }
    }

    [Fact]
    public async Task A_login_that_is_not_answered_ends_at_its_deadline()
    {
        await using var client = _server.Client(_time);
        var parked = client.Ping(timeoutMs: 60_000, cancel: Cancel).AsTask();
        await (await _server.Accept()).Expect(ScriptedServer.Hello);
        _time.Advance(2_000);
        var failure = (await parked.In()).Failure!;
        Assert.Equal((RedisFailureKind.NotConnected, false), (failure.Kind, failure.MayHaveRun));
        Assert.Contains("ConnectTimeoutMs", failure.InternalText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_change_of_state_is_told_in_order()
    {
        var states = new List<RedisLinkState>();
        var client = _server.Client(_time, onStateChange: status =>
        {
            lock (states) states.Add(status.State);
        });
        client.Start();
        var connection = await _server.AcceptLogin();
        await Eventually.Holds(() => client.Status.State == RedisLinkState.Ready);
        connection.Close();
        await Eventually.Holds(() => client.Status.State == RedisLinkState.Down);
        await client.DisposeAsync();
        Assert.Equal([RedisLinkState.Connecting, RedisLinkState.Ready, RedisLinkState.Down, RedisLinkState.Closed], states);
    }

    [Fact]
    public async Task A_disposed_client_fails_what_waits_and_what_comes()
    {
        var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        var waiting = client.Get("a", cancel: Cancel).AsTask();
        await connection.Expect(GetA);
        await client.DisposeAsync();
        Assert.Equal((RedisFailureKind.ConnectionLost, true), KindOf(await waiting.In()));
        Assert.Equal((RedisFailureKind.NotConnected, false), KindOf(await client.Ping(cancel: Cancel)));
        await client.DisposeAsync();

        var unused = _server.Client(_time);
        await unused.DisposeAsync();
        Assert.Equal((RedisFailureKind.NotConnected, false), KindOf(await unused.Ping(Cancel)));
    }

    static (RedisFailureKind, bool) KindOf<T>(RedisResult<T> result) => (result.Failure!.Kind, result.Failure.MayHaveRun);
}
