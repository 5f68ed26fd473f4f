using System.Buffers;
using System.Diagnostics;
using Edge.Redis;
using Edge.Redis.Connections;
using Edge.Redis.Protocol;
using Edge.Tests.Basics;

namespace Edge.Tests.Redis;

public sealed class ObserverTests
{
    const string Ping = "*1\r\n$4\r\nPING\r\n";
    const string Get = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static readonly RedisScript s_named = new("return 1", "test.one");
    static readonly RedisScript s_nameless = new("return 1");

    readonly ScriptedServer _server = new();
    readonly ManualTime _time = new();
    readonly SeenCommands _seen = new();

    static readonly Dictionary<string, Func<RedisClient, Task>> Calls = new()
    {
        ["PING"] = async client => await client.Ping(Cancel),
        ["GET"] = async client => await client.Get("k", Cancel),
        ["GET "] = async client => await client.Get("k", Replies.Integer, Cancel),
        ["MGET"] = async client => await client.MGet(["k"], Cancel),
        ["SET"] = async client => await client.Set("k", "v", cancel: Cancel),
        ["UNLINK"] = async client => await client.Unlink(["k"], Cancel),
        ["EXPIRE"] = async client => await client.Expire("k", 1, Cancel),
        ["PEXPIRE"] = async client => await client.PExpire("k", 1, Cancel),
        ["INCRBY"] = async client => await client.IncrBy("k", cancel: Cancel),
        ["PUBLISH"] = async client => await client.Publish("c", "v", Cancel),
        ["SCAN"] = async client => await client.Scan(0, cancel: Cancel),
        ["TIME"] = async client => await client.Time(Cancel),
        ["EVALSHA"] = async client => await client.Eval(s_nameless, ["k"], [], Replies.Integer, Cancel),
        ["test.one"] = async client => await client.Eval(s_named, ["k"], [], Replies.Integer, Cancel),
        ["OTHER"] = async client => await client.Execute(["STRLEN", "k"], Replies.Any, Cancel),
    };

    [Fact]
    public async Task Each_command_has_its_name()
    {
        await using var client = _server.Client(_time, observer: _seen);
        await client.DisposeAsync();

        foreach (var call in Calls.Values) await call(client);

        Assert.Equal(Calls.Keys.Select(name => name.Trim()), _seen.Started);
        Assert.Equal(Calls.Keys.Select(name => name.Trim() + " not_connected"), _seen.Endings);
    }

    [Theory]
    [InlineData("$1\r\nv\r\n", "GET ok")]
    [InlineData("$-1\r\n", "GET ok")]
    [InlineData("-WRONGTYPE Operation against a key\r\n", "GET server")]
    [InlineData(":5\r\n", "GET protocol")]
    [InlineData("$99999999999\r\n", "GET protocol")]
    public async Task What_a_server_answers_is_the_outcome(string reply, string ending)
    {
        await using var client = _server.Client(_time, observer: _seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        var get = client.Get("k", Cancel).AsTask();
        await connection.Expect(Get);
        Assert.Empty(_seen.Ended);

        connection.Send(reply);
        await get.In();

        Assert.Equal([ending], _seen.Endings);
    }

    [Fact]
    public async Task A_reader_that_throws_is_a_reply_that_was_not_understood()
    {
        await using var client = _server.Client(_time, observer: _seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        RedisReplyReader<int> throwing = static (ref RespReader reply, out int value) => throw new FormatException("mine");
        var get = client.Get("k", throwing, Cancel).AsTask();
        await connection.Expect(Get);
        connection.Send("$1\r\nv\r\n");

        await Assert.ThrowsAsync<FormatException>(() => get);

        Assert.Equal(["GET protocol"], _seen.Endings);
    }

    [Fact]
    public async Task The_time_is_that_of_the_call()
    {
        await using var client = _server.Client(_time, observer: _seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        _time.Advance(7);
        var called = _time.GetTimestamp();
        var get = client.Get("k", Cancel).AsTask();
        await connection.Expect(Get);
        _time.Advance(100);
        connection.Send("$-1\r\n");
        await get.In();

        Assert.Equal(called, Assert.Single(_seen.Ended).StartedAt);
    }

    [Fact]
    public async Task A_timeout_is_told_once_and_its_late_reply_not_at_all()
    {
        await using var client = _server.Client(_time, observer: _seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        var late = client.Get("k", Cancel, timeoutMs: 100).AsTask();
        await connection.Expect(Get);
        _time.Advance(120);
        await late.In();
        Assert.Equal(["GET timeout"], _seen.Endings);

        var next = client.Ping(Cancel).AsTask();
        await connection.Expect(Ping);
        connection.Send("$4\r\nlate\r\n+PONG\r\n");
        await next.In();

        Assert.Equal(["GET timeout", "PING ok"], _seen.Endings);
    }

    [Fact]
    public async Task A_cancelled_call_is_told_once_whether_it_was_sent_or_not()
    {
        await using var client = _server.Client(_time, observer: _seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        using var leaving = new CancellationTokenSource();
        var get = client.Get("k", leaving.Token).AsTask();
        await connection.Expect(Get);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
        Assert.Equal(["GET cancelled"], _seen.Endings);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Ping(leaving.Token).AsTask());
        Assert.Equal(["GET cancelled", "PING cancelled"], _seen.Endings);

        var next = client.Ping(Cancel).AsTask();
        await connection.Expect(Ping);
        connection.Send("$1\r\nv\r\n+PONG\r\n");
        await next.In();
        Assert.Equal(["GET cancelled", "PING cancelled", "PING ok"], _seen.Endings);
        Assert.Equal(["GET", "PING", "PING"], _seen.Started);
    }

    [Fact]
    public async Task A_lost_connection_is_told_of_what_was_sent_and_of_what_was_not()
    {
        await using var client = _server.Client(_time, observer: _seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        connection.WriteGate = new TaskCompletionSource();
        var sent = client.Ping(Cancel).AsTask();
        await connection.WriterIsStuck();
        var unsent = client.Get("k", Cancel).AsTask();
        connection.Close();
        connection.WriteGate.SetResult();
        await Task.WhenAll(sent, unsent).In();

        Assert.Equal(["PING connection_lost", "GET connection_lost"], _seen.Endings);
    }

    [Fact]
    public async Task A_full_queue_is_told_at_once()
    {
        await using var client = _server.Client(_time, new RedisOptions { MaxInFlight = 1 }, observer: _seen);
        var first = client.Get("k", Cancel).AsTask();
        Assert.Equal(RedisFailureKind.QueueFull, (await client.Ping(Cancel)).Failure!.Kind);

        Assert.Equal(["PING queue_full"], _seen.Endings);
        await client.DisposeAsync();
        await first.In();
        Assert.Equal(["PING queue_full", "GET not_connected"], _seen.Endings);
    }

    [Fact]
    public async Task A_script_that_had_to_be_loaded_is_one_command()
    {
        await using var client = _server.Client(_time, observer: _seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        var call = client.Eval(s_named, [], [], Replies.Integer, Cancel).AsTask();
        await Eventually.Holds(() => client.Status.InFlight == 1);
        connection.Send("-NOSCRIPT No matching script.\r\n");
        await Eventually.Holds(() => client.Status.InFlight == 2);
        Assert.Empty(_seen.Ended);
        connection.Send("$2\r\nab\r\n:1\r\n");
        await call.In();

        Assert.Equal(["test.one"], _seen.Started);
        Assert.Equal(["test.one ok"], _seen.Endings);
    }

    [Fact]
    public async Task What_the_client_asks_for_itself_is_not_told()
    {
        await using var client = _server.Client(_time, observer: _seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        await _time.Armed(due => due.TotalMilliseconds == 5_000);
        _time.Advance(5_000);
        await connection.Expect(Ping);
        connection.Send("+PONG\r\n");
        await Eventually.Holds(() => client.Status.InFlight == 0);
        using var subscription = client.Subscribe("c");
        await connection.Expect("*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n");
        connection.Send(">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
        await Eventually.Holds(() => client.Status.InFlight == 0);

        Assert.Empty(_seen.Started);
        Assert.Empty(_seen.Ended);
    }

    [Fact]
    public async Task A_span_is_handed_through_and_leaves_the_callers_in_force()
    {
        var seen = new SeenCommands(makesSpans: true);
        await using var client = _server.Client(_time, observer: seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        using var request = new Activity("request").Start();
        var get = client.Get("k", Cancel).AsTask();
        Assert.Same(request, Activity.Current);
        await connection.Expect(Get);
        connection.Send("$-1\r\n");
        await get.In();

        var span = Assert.Single(seen.Ended).Span!;
        Assert.Same(request, Activity.Current);
        Assert.Same(request, span.Parent);
        Assert.True(span.IsStopped);
    }

    [Fact]
    public async Task The_loop_that_reads_replies_stays_in_no_callers_span()
    {
        var currents = new List<Activity?>();
        var seen = new SeenCommands(makesSpans: true);
        await using var client = _server.Client(_time, observer: seen);
        client.Start();
        var connection = await _server.AcceptLogin();
        RedisReplyReader<int> noting = (ref RespReader reply, out int value) =>
        {
            currents.Add(Activity.Current);
            value = 0;
            return true;
        };
        using var request = new Activity("request").Start();
        var calls = Task.WhenAll(client.Get("k", noting, Cancel).AsTask(), client.Get("k", noting, Cancel).AsTask());
        await connection.Expect(Get + Get);
        connection.Send("$-1\r\n$-1\r\n");
        await calls.In();

        Assert.Equal([null, null], currents);
    }

    [Fact]
    public async Task A_command_that_is_refused_allocates_nothing()
    {
        const int rounds = 1_000;
        var counted = new CountedCommands();
        await using var client = _server.Client(_time, observer: counted);
        await client.DisposeAsync();

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < rounds; i++)
            {
                if (client.Get("k", Replies.Integer, CancellationToken.None).GetAwaiter().GetResult().IsOk)
                    throw new InvalidOperationException("A client that was disposed of answered.");
            }
        }));
        Assert.True(counted.Ended >= rounds);
    }

    [Fact]
    public void A_command_that_is_answered_allocates_nothing()
    {
        const int rounds = 1_000;
        var counted = new CountedCommands();
        var reply = new ReadOnlySequence<byte>(":1\r\n"u8.ToArray());

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < rounds; i++)
            {
                var slot = PooledSlot<long>.Rent(Replies.Integer);
                slot.Observation = CommandObservation.Start(counted, "INCRBY", i);
                var waiting = slot.Wait(CancellationToken.None);
                var reader = new RespReader(reply);
                slot.Complete(ref reader);
                slot.Release();
                if (waiting.GetAwaiter().GetResult().Value != 1)
                    throw new InvalidOperationException("Not the reply.");
            }
        }));
        Assert.True(counted.Ended >= rounds);
    }

    [Fact]
    public void Each_kind_of_failure_is_an_outcome_of_its_own_and_each_outcome_a_word()
    {
        var outcomes = Enum.GetValues<RedisOutcome>();
        Assert.Equal(
            ["ok", "server", "protocol", "timeout", "connection_lost", "queue_full", "not_connected", "cancelled"],
            outcomes.Select(RedisOutcomes.Word));
        foreach (var kind in Enum.GetValues<RedisFailureKind>()) Assert.Equal(kind.ToString(), RedisOutcomes.Of(kind).ToString());
    }

    sealed class CountedCommands : IRedisObserver
    {
        public int Ended { get; private set; }

        Activity? IRedisObserver.Started(string command) => null;

        void IRedisObserver.Ended(string command, Activity? span, long startedAt, RedisOutcome outcome) => Ended++;
    }
}
