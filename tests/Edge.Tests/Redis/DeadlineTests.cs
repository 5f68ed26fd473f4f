using Edge.Redis;

namespace Edge.Tests.Redis;

public sealed class DeadlineTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    const string Ping = "*1\r\n$4\r\nPING\r\n";
    const string GetA = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
    const string GetB = "*2\r\n$3\r\nGET\r\n$1\r\nb\r\n";

    readonly ScriptedServer _server = new();
    readonly ManualTime _time = new();

    [Fact]
    public async Task The_late_reply_of_a_timed_out_command_is_drained_and_shifts_no_other()
    {
        await using var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        var late = client.Get("a", timeoutMs: 100, cancel: Cancel).AsTask();
        await connection.Expect(GetA);
        _time.Advance(120);
        var failure = (await late.In()).Failure!;
        Assert.Equal((RedisFailureKind.Timeout, true), (failure.Kind, failure.MayHaveRun));

        var next = client.Get("b", cancel: Cancel).AsTask();
        await connection.Expect(GetB);
        connection.Send("$4\r\nlate\r\n$4\r\nmine\r\n");
        Assert.Equal("mine"u8.ToArray(), (await next.In()).Value);
        Assert.Equal(1, client.Status.Timeouts);
        Assert.Equal(1, _server.Dialled);
    }

    [Theory]
    [InlineData(0, 500)]
    [InlineData(100, 100)]
    public async Task A_deadline_is_kept_within_twenty_milliseconds_and_not_before(int timeoutMs, int expectedMs)
    {
        await using var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        var call = client.Get("a", timeoutMs: timeoutMs, cancel: Cancel).AsTask();
        await connection.Expect(GetA);
        _time.Advance(expectedMs - 1);
        Assert.Equal(0, client.Status.Timeouts);
        _time.Advance(21);
        Assert.Equal(RedisFailureKind.Timeout, (await call.In()).Failure!.Kind);
    }

    [Fact]
    public async Task An_expired_command_that_was_not_sent_is_cut_out_and_has_not_run()
    {
        await using var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        connection.WriteGate = new TaskCompletionSource();
        var sent = client.Ping(timeoutMs: 1_000, cancel: Cancel).AsTask();
        // Once the first is with the socket, the others have to wait behind it.
        await Eventually.Holds(() => client.Status.InFlight == 1);
        await connection.WriterIsStuck();
        var unsent = client.Get("a", timeoutMs: 50, cancel: Cancel).AsTask();
        var patient = client.Get("b", timeoutMs: 1_000, cancel: Cancel).AsTask();
        _time.Advance(70);
        var failure = (await unsent.In()).Failure!;
        Assert.Equal((RedisFailureKind.Timeout, false), (failure.Kind, failure.MayHaveRun));

        connection.WriteGate.SetResult();
        await connection.Expect(Ping + GetB);
        connection.Send("+PONG\r\n$1\r\nb\r\n");
        Assert.True((await sent.In()).IsOk);
        Assert.Equal("b"u8.ToArray(), (await patient.In()).Value);
    }

    [Fact]
    public async Task A_command_made_before_the_first_connection_waits_for_it()
    {
        await using var client = _server.Client(_time);
        var early = client.Get("a", cancel: Cancel).AsTask();
        var connection = await _server.Accept();
        Assert.Equal(RedisLinkState.Connecting, client.Status.State);
        await connection.Expect(ScriptedServer.Hello);
        connection.Send(ScriptedServer.HelloReply);
        await connection.Expect(GetA);
        connection.Send("$1\r\na\r\n");
        Assert.True((await early.In()).IsOk);
    }

    [Fact]
    public async Task A_command_made_before_the_first_connection_waits_no_longer_than_its_deadline()
    {
        _server.Hangs = true;
        await using var client = _server.Client(_time);
        var early = client.Get("a", timeoutMs: 50, cancel: Cancel).AsTask();
        _time.Advance(70);
        var failure = (await early.In()).Failure!;
        Assert.Equal((RedisFailureKind.Timeout, false), (failure.Kind, failure.MayHaveRun));
    }

    [Fact]
    public async Task Silence_while_a_reply_is_due_ends_the_connection()
    {
        await using var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        var patient = client.Get("a", timeoutMs: 60_000, cancel: Cancel).AsTask();
        await connection.Expect(GetA);
        _time.Advance(1_990);
        Assert.False(patient.IsCompleted);
        _time.Advance(40);
        var failure = (await patient.In()).Failure!;
        Assert.Equal((RedisFailureKind.ConnectionLost, true), (failure.Kind, failure.MayHaveRun));
        Assert.Contains("SilenceTimeoutMs", failure.InternalText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_reply_that_moves_is_not_silence()
    {
        await using var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        var large = client.Get("a", timeoutMs: 60_000, cancel: Cancel).AsTask();
        await connection.Expect(GetA);
        connection.Send("$8\r\n");
        for (var i = 0; i < 8; i++)
        {
            await connection.ClientHasReadEverything();
            _time.Advance(1_500);
            connection.Send("x");
        }

        connection.Send("\r\n");
        Assert.Equal(8, (await large.In()).Value!.Length);
        Assert.Equal(1, _server.Dialled);
    }

    [Fact]
    public async Task An_idle_link_is_asked_by_PING_and_declared_dead_if_that_stays_unanswered()
    {
        await using var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        await _time.Armed(due => due.TotalMilliseconds == 5_000);
        _time.Advance(5_000);
        await connection.Expect(Ping);
        connection.Send("+PONG\r\n");
        await connection.ClientHasReadEverything();
        await Eventually.Holds(() => client.Status.InFlight == 0);
        _time.Advance(5_020);
        await connection.Expect(Ping);
        _time.Advance(2_100);
        await Eventually.Holds(() => client.Status.Problem is not null);
        Assert.Contains("SilenceTimeoutMs", client.Status.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_call_throws_and_its_reply_shifts_no_other()
    {
        await using var client = _server.Client(_time);
        client.Start();
        var connection = await _server.AcceptLogin();
        using var cancel = new CancellationTokenSource();
        var cancelled = client.Get("a", cancel.Token).AsTask();
        var other = client.Get("b", cancel: Cancel).AsTask();
        await connection.Expect(GetA + GetB);
        await cancel.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(cancel.Token, thrown.CancellationToken);
        connection.Send("$1\r\na\r\n$1\r\nb\r\n");
        Assert.Equal("b"u8.ToArray(), (await other.In()).Value);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Ping(cancel.Token).AsTask());
    }

    [Fact]
    public async Task A_full_queue_says_so_at_once_by_number_and_by_bytes()
    {
        await using var client = _server.Client(_time, new RedisOptions { MaxInFlight = 3, MaxQueuedBytes = 4096 });
        var waiting = Enumerable.Range(0, 3).Select(_ => client.Ping(cancel: Cancel).AsTask()).ToArray();
        var tooMany = (await client.Ping(cancel: Cancel)).Failure!;
        Assert.Equal((RedisFailureKind.QueueFull, false), (tooMany.Kind, tooMany.MayHaveRun));
        Assert.Contains("MaxInFlight", tooMany.InternalText, StringComparison.Ordinal);

        var connection = await _server.AcceptLogin();
        await connection.Expect(Ping + Ping + Ping);
        connection.Send("+PONG\r\n+PONG\r\n+PONG\r\n");
        await Task.WhenAll(waiting).In();
        var tooLarge = (await client.Set("k", new byte[5000], cancel: Cancel)).Failure!;
        Assert.Equal(RedisFailureKind.QueueFull, tooLarge.Kind);
        Assert.Contains("MaxQueuedBytes", tooLarge.InternalText, StringComparison.Ordinal);
    }
}
