using System.Text;
using Edge.Redis;

namespace Edge.Tests.Redis;

public sealed class SubscriptionTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    const string SubscribeC = "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n";
    const string UnsubscribeC = "*2\r\n$11\r\nUNSUBSCRIBE\r\n$1\r\nc\r\n";
    const string Subscribed = ">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n";
    const string Unsubscribed = ">3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n";
    const string Ping = "*1\r\n$4\r\nPING\r\n";

    readonly ScriptedServer _server = new();
    readonly ManualTime _time = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Messages_come_between_replies_without_shifting_them_also_byte_by_byte(int chop)
    {
        await using var client = _server.Client();
        using var subscription = client.Subscribe("c");
        Assert.False(subscription.IsLive);
        var connection = await _server.AcceptLogin();
        await connection.Expect(SubscribeC);
        var get = client.Get("a", cancel: Cancel).AsTask();
        await connection.Expect("*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
        var bytes = Subscribed + Message("one") + "$1\r\nv\r\n" + Message("two");
        if (chop == 0) connection.Send(bytes);
        else foreach (var one in bytes) connection.Send(one.ToString());

        Assert.Equal(["Subscribed", "one", "two"], await Take(subscription, 3));
        Assert.Equal("v"u8.ToArray(), (await get.In()).Value);
        Assert.True(subscription.IsLive);
    }

    [Fact]
    public async Task A_lost_link_is_told_and_the_channel_asked_for_again()
    {
        await using var client = _server.Client(_time);
        using var subscription = client.Subscribe("c");
        var connection = await _server.AcceptLogin();
        await connection.Expect(SubscribeC);
        connection.Send(Subscribed, Message("one"));
        Assert.Equal(["Subscribed", "one"], await Take(subscription, 2));

        connection.Close();
        Assert.Equal(["LinkLost"], await Take(subscription, 1));
        Assert.False(subscription.IsLive);
        await _time.PassFirstBackoff();
        var next = await _server.AcceptLogin();
        await next.Expect(SubscribeC);
        Assert.False(subscription.TryRead(out _));
        next.Send(Subscribed, Message("two"));
        Assert.Equal(["Subscribed", "two"], await Take(subscription, 2));
    }

    [Fact]
    public async Task A_slow_reader_is_bounded_and_told_of_the_gap_where_it_is()
    {
        await using var client = _server.Client();
        using var subscription = client.Subscribe("c", capacity: 3);
        var connection = await _server.AcceptLogin();
        await connection.Expect(SubscribeC);
        connection.Send(Subscribed, string.Concat(Enumerable.Range(0, 100).Select(i => Message($"{i}"))));
        await connection.ClientHasReadEverything();
        Assert.Equal(["Subscribed", "0", "1", "Overflowed"], await Take(subscription, 4));
        Assert.False(subscription.TryRead(out _));
        connection.Send(Message("next"));
        Assert.Equal(["next"], await Take(subscription, 1));
    }

    [Fact]
    public async Task A_message_after_an_overflow_comes_behind_the_notice()
    {
        await using var client = _server.Client();
        using var subscription = client.Subscribe("c", capacity: 2);
        var connection = await _server.AcceptLogin();
        await connection.Expect(SubscribeC);
        connection.Send(Subscribed, Message("0") + Message("1"));
        await connection.ClientHasReadEverything();
        Assert.Equal(["Subscribed", "0"], await Take(subscription, 2));
        connection.Send(Message("2"));
        await connection.ClientHasReadEverything();
        Assert.Equal(["Overflowed", "2"], await Take(subscription, 2));
    }

    [Fact]
    public async Task Two_readers_share_one_request_and_the_last_one_ends_it()
    {
        await using var client = _server.Client();
        var first = client.Subscribe("c");
        var connection = await _server.AcceptLogin();
        await connection.Expect(SubscribeC);
        connection.Send(Subscribed);
        Assert.Equal(["Subscribed"], await Take(first, 1));
        var second = client.Subscribe("c");
        Assert.Equal(["Subscribed"], await Take(second, 1));
        connection.Send(Message("m"));
        Assert.Equal(["m"], await Take(first, 1));
        Assert.Equal(["m"], await Take(second, 1));

        first.Dispose();
        second.Dispose();
        second.Dispose();
        await connection.Expect(UnsubscribeC);
        connection.Send(Unsubscribed);
        var ping = client.Ping(cancel: Cancel).AsTask();
        await connection.Expect(Ping);
        connection.Send("+PONG\r\n");
        Assert.True((await ping.In()).IsOk);
        await foreach (var next in second.ReadAll(Cancel)) Assert.Fail($"read {next.Kind} after the end");
    }

    [Fact]
    public async Task A_channel_left_and_taken_again_is_live_by_its_own_confirmation_only()
    {
        await using var client = _server.Client();
        var first = client.Subscribe("c");
        var connection = await _server.AcceptLogin();
        await connection.Expect(SubscribeC);
        first.Dispose();
        using var second = client.Subscribe("c");
        await connection.Expect(UnsubscribeC + SubscribeC);
        connection.Send(Subscribed, Unsubscribed);
        await connection.ClientHasReadEverything();
        Assert.False(second.IsLive);
        connection.Send(Subscribed);
        Assert.Equal(["Subscribed"], await Take(second, 1));
    }

    [Fact]
    public async Task A_refused_channel_is_told_and_shifts_no_reply()
    {
        await using var client = _server.Client();
        using var subscription = client.Subscribe("c");
        var connection = await _server.AcceptLogin();
        await connection.Expect(SubscribeC);
        var ping = client.Ping(cancel: Cancel).AsTask();
        await connection.Expect(Ping);
        connection.Send("-NOPERM No permissions to access a channel\r\n+PONG\r\n");
        Assert.True((await ping.In()).IsOk);
        Assert.Equal(["Refused"], await Take(subscription, 1));
        Assert.False(subscription.IsLive);
    }

    [Fact]
    public async Task Pushes_of_unknown_kinds_are_counted_and_passed_over()
    {
        await using var client = _server.Client();
        var ping = client.Ping(cancel: Cancel).AsTask();
        var connection = await _server.AcceptLogin();
        await connection.Expect(Ping);
        connection.Send(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", Subscribed, "+PONG\r\n");
        Assert.True((await ping.In()).IsOk);
        Assert.Equal(2, client.Status.UnknownPushes);
    }

    [Fact]
    public async Task Under_RESP2_subscriptions_get_a_connection_of_their_own()
    {
        await using var client = _server.Client(_time);
        using var subscription = client.Subscribe("c");
        var commands = await AcceptResp2();
        var listener = await AcceptResp2();
        await listener.Expect(SubscribeC);
        listener.Send(Subscribed.Replace('>', '*'), Message("one").Replace('>', '*'));
        Assert.Equal(["Subscribed", "one"], await Take(subscription, 2));

        // An array of three is a reply on the one connection and a message on the other.
        var mget = client.MGet(["x", "y", "z"], cancel: Cancel).AsTask();
        await commands.Expect("*4\r\n$4\r\nMGET\r\n$1\r\nx\r\n$1\r\ny\r\n$1\r\nz\r\n");
        commands.Send("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nv\r\n");
        Assert.Equal("message"u8.ToArray(), (await mget.In()).Value[0]);

        // The keep-alive of a connection that has subscribed is answered with an array.
        await Eventually.Holds(() => client.Status.InFlight == 0);
        _time.Advance(5_020);
        await listener.Expect(Ping);
        listener.Send("*2\r\n$4\r\npong\r\n$0\r\n\r\n", Message("two").Replace('>', '*'));
        Assert.Equal(["two"], await Take(subscription, 1));
    }

    [Fact]
    public async Task A_server_upgraded_to_RESP3_carries_subscriptions_on_the_one_connection_again()
    {
        await using var client = _server.Client(_time);
        using var subscription = client.Subscribe("c");
        var commands = await AcceptResp2();
        var listener = await AcceptResp2();
        await listener.Expect(SubscribeC);
        listener.Send(Subscribed.Replace('>', '*'));
        Assert.Equal(["Subscribed"], await Take(subscription, 1));

        commands.Close();
        await _time.PassFirstBackoff();
        var upgraded = await _server.AcceptLogin();
        await upgraded.Expect(SubscribeC);
        await listener.IsHungUp();
        upgraded.Send(Subscribed, Message("once"));
        Assert.Equal(["Subscribed", "once"], await Take(subscription, 2));
        Assert.False(subscription.TryRead(out _));
    }

    async Task<ScriptedConnection> AcceptResp2()
    {
        var connection = await _server.Accept();
        await connection.Expect(ScriptedServer.Hello);
        connection.Send("-ERR unknown command 'HELLO'\r\n");
        await connection.Expect("*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$4\r\nedge\r\n");
        connection.Send("+OK\r\n");
        return connection;
    }

    static string Message(string payload) => $">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n${payload.Length}\r\n{payload}\r\n";

    static async Task<string[]> Take(RedisSubscription subscription, int count)
    {
        var seen = new List<string>();
        using var guard = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        guard.CancelAfter(Guard.Time);
        await foreach (var next in subscription.ReadAll(guard.Token))
        {
            seen.Add(next.Kind == RedisEventKind.Message ? Encoding.UTF8.GetString(next.Payload.Span) : next.Kind.ToString());
            if (seen.Count == count) break;
        }

        return [.. seen];
    }
}
