using System.Globalization;
using System.Text;
using Edge.Redis;
using Edge.Redis.Protocol;

namespace Edge.Tests.Redis;

/// <summary>Bytes out, bytes in: every command and every reply it may get, that reply also chopped at every offset.</summary>
public sealed class CommandTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static readonly RedisScript s_script = new("return 1");

    static readonly Dictionary<string, Func<RedisClient, Task<string>>> Commands = new()
    {
        ["PING"] = async client => Show(await client.Ping(cancel: Cancel)),
        ["GET"] = async client => Show(await client.Get("k", cancel: Cancel), Show),
        ["GET in place"] = async client => Show(await client.Get("k", Replies.Integer, cancel: Cancel)),
        ["MGET"] = async client => Show(await client.MGet(["a", "b"], cancel: Cancel), values => string.Join(",", values.Select(Show))),
        ["SET"] = async client => Show(await client.Set("k", "v", cancel: Cancel)),
        ["SET PX"] = async client => Show(await client.Set("k", new byte[] { 0, 255, 13, 10 }, ttlMs: 1500, cancel: Cancel)),
        ["SET NX"] = async client => Show(await client.Set("k", 7, condition: RedisSetCondition.IfAbsent, cancel: Cancel)),
        ["SET PX XX"] = async client => Show(await client.Set("k", -7, ttlMs: 1, condition: RedisSetCondition.IfPresent, cancel: Cancel)),
        ["UNLINK"] = async client => Show(await client.Unlink(["a", "ü"], cancel: Cancel)),
        ["EXPIRE"] = async client => Show(await client.Expire("k", 60, cancel: Cancel)),
        ["PEXPIRE"] = async client => Show(await client.PExpire("k", 1234567890123, cancel: Cancel)),
        ["INCRBY"] = async client => Show(await client.IncrBy("k", long.MinValue, cancel: Cancel)),
        ["PUBLISH"] = async client => Show(await client.Publish("c", "hi", cancel: Cancel)),
        ["SCAN"] = async client => Show(await client.Scan(ulong.MaxValue, cancel: Cancel), Show),
        ["SCAN MATCH"] = async client => Show(await client.Scan(0, "a*", 10, cancel: Cancel), Show),
        ["TIME"] = async client => Show(await client.Time(cancel: Cancel), time => time.ToString("O", CultureInfo.InvariantCulture)),
        ["EVALSHA"] = async client => Show(await client.Eval(s_script, ["k"], ["a", 2], Replies.Integer, cancel: Cancel)),
        ["EXECUTE"] = async client => Show(await client.Execute(["STRLEN", "k"], Replies.Any, Cancel), reply => reply.Kind.ToString()),
    };

    [Theory]
    [InlineData("PING", "*1\r\n$4\r\nPING\r\n", "+PONG\r\n", "True")]
    [InlineData("GET", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "$5\r\nhello\r\n", "hello")]
    [InlineData("GET", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "$2\r\n\r\n\r\n", "\r\n")]
    [InlineData("GET", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "$-1\r\n", "null")]
    [InlineData("GET", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "_\r\n", "null")]
    [InlineData("GET", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "|1\r\n+ttl\r\n:3\r\n$1\r\nv\r\n", "v")]
    [InlineData("GET", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "-WRONGTYPE Operation against a key\r\n", "Server WRONGTYPE False")]
    [InlineData("GET", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "!10\r\nLOADING a\n\r\n", "Server LOADING False")]
    [InlineData("GET", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", ":5\r\n", "Protocol  True")]
    [InlineData("GET in place", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "$3\r\n123\r\n", "123")]
    [InlineData("MGET", "*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n$1\r\n1\r\n$-1\r\n", "1,null")]
    [InlineData("MGET", "*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n_\r\n$0\r\n\r\n", "null,")]
    [InlineData("SET", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n", "+OK\r\n", "True")]
    [InlineData("SET PX", "*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\0\u00ff\r\n\r\n$2\r\nPX\r\n$4\r\n1500\r\n", "+OK\r\n", "True")]
    [InlineData("SET NX", "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n7\r\n$2\r\nNX\r\n", "_\r\n", "False")]
    [InlineData("SET PX XX", "*6\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n-7\r\n$2\r\nPX\r\n$1\r\n1\r\n$2\r\nXX\r\n", "$-1\r\n", "False")]
    [InlineData("UNLINK", "*3\r\n$6\r\nUNLINK\r\n$1\r\na\r\n$2\r\n\u00c3\u00bc\r\n", ":2\r\n", "2")]
    [InlineData("EXPIRE", "*3\r\n$6\r\nEXPIRE\r\n$1\r\nk\r\n$2\r\n60\r\n", ":1\r\n", "True")]
    [InlineData("PEXPIRE", "*3\r\n$7\r\nPEXPIRE\r\n$1\r\nk\r\n$13\r\n1234567890123\r\n", ":0\r\n", "False")]
    [InlineData("INCRBY", "*3\r\n$6\r\nINCRBY\r\n$1\r\nk\r\n$20\r\n-9223372036854775808\r\n", ":-9223372036854775808\r\n", "-9223372036854775808")]
    [InlineData("PUBLISH", "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$2\r\nhi\r\n", ":3\r\n", "3")]
    [InlineData("SCAN", "*4\r\n$4\r\nSCAN\r\n$20\r\n18446744073709551615\r\n$5\r\nCOUNT\r\n$3\r\n100\r\n", "*2\r\n$20\r\n18446744073709551614\r\n*1\r\n$1\r\na\r\n", "18446744073709551614 a")]
    [InlineData("SCAN MATCH", "*6\r\n$4\r\nSCAN\r\n$1\r\n0\r\n$5\r\nMATCH\r\n$2\r\na*\r\n$5\r\nCOUNT\r\n$2\r\n10\r\n", "*2\r\n$1\r\n0\r\n*0\r\n", "0 ")]
    [InlineData("TIME", "*1\r\n$4\r\nTIME\r\n", "*2\r\n$10\r\n1700000000\r\n$6\r\n123456\r\n", "2023-11-14T22:13:20.1234560+00:00")]
    [InlineData("TIME", "*1\r\n$4\r\nTIME\r\n", "*2\r\n$20\r\n99999999999999999999\r\n$1\r\n0\r\n", "Protocol  True")]
    [InlineData("EVALSHA", "*6\r\n$7\r\nEVALSHA\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\na\r\n$1\r\n2\r\n", ":1\r\n", "1")]
    [InlineData("EVALSHA", "*6\r\n$7\r\nEVALSHA\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\na\r\n$1\r\n2\r\n", "-ERR in the middle\r\n", "Server ERR True")]
    [InlineData("EXECUTE", "*2\r\n$6\r\nSTRLEN\r\n$1\r\nk\r\n", "%1\r\n+a\r\n*1\r\n#t\r\n", "Map")]
    public async Task Bytes_out_bytes_in_wherever_the_reply_is_chopped(string command, string sent, string reply, string expected)
    {
        var server = new ScriptedServer();
        await using var client = server.Client();
        client.Start();
        var connection = await server.AcceptLogin();
        for (var cut = 0; cut < reply.Length; cut++)
        {
            var result = Commands[command](client);
            await connection.Expect(sent);
            if (cut == 0) connection.Send(reply);
            else connection.Send(reply[..cut], reply[cut..]);
            Assert.Equal(expected, await result.In());
        }

        var slow = Commands[command](client);
        await connection.Expect(sent);
        foreach (var one in reply) connection.Send(one.ToString());
        Assert.Equal(expected, await slow.In());
    }

    [Fact]
    public async Task Replies_go_to_their_commands_in_order_also_when_they_come_in_one_piece()
    {
        var server = new ScriptedServer();
        await using var client = server.Client();
        client.Start();
        var connection = await server.AcceptLogin();
        var calls = Enumerable.Range(0, 300).Select(i => client.IncrBy("k", i, cancel: Cancel).AsTask()).ToArray();
        await connection.Expect(string.Concat(
            Enumerable.Range(0, 300).Select(i => $"*3\r\n$6\r\nINCRBY\r\n$1\r\nk\r\n${$"{i}".Length}\r\n{i}\r\n")));
        connection.Send(string.Concat(Enumerable.Range(0, 300).Select(i => $":{i}\r\n")));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), (await Task.WhenAll(calls).In()).Select(result => result.Value));
    }

    [Fact]
    public async Task A_reply_that_nothing_asked_for_ends_the_connection()
    {
        var server = new ScriptedServer();
        var time = new ManualTime();
        await using var client = server.Client(time);
        client.Start();
        var connection = await server.AcceptLogin();
        var ping = client.Ping(cancel: Cancel).AsTask();
        await connection.Expect("*1\r\n$4\r\nPING\r\n");
        connection.Send("+PONG\r\n+PONG\r\n");
        Assert.True((await ping.In()).IsOk);
        await time.PassFirstBackoff();
        await server.AcceptLogin();
        Assert.Contains("nothing asked for", client.Status.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_RESP_fail_what_waits_as_Protocol_and_end_the_connection()
    {
        var server = new ScriptedServer();
        var time = new ManualTime();
        await using var client = server.Client(time);
        client.Start();
        var connection = await server.AcceptLogin();
        var get = client.Get("k", cancel: Cancel).AsTask();
        await connection.Expect("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
        connection.Send("$99999999999\r\n");
        var failure = (await get.In()).Failure!;
        Assert.Equal((RedisFailureKind.Protocol, true), (failure.Kind, failure.MayHaveRun));
        await time.PassFirstBackoff();
        await server.AcceptLogin();
    }

    [Fact]
    public async Task A_reader_that_throws_fails_its_own_call_only()
    {
        var server = new ScriptedServer();
        await using var client = server.Client();
        client.Start();
        var connection = await server.AcceptLogin();
        RedisReplyReader<int> throwing = static (ref RespReader reply, out int value) => throw new FormatException("mine");
        var bad = client.Get("k", throwing, cancel: Cancel).AsTask();
        var good = client.Ping(cancel: Cancel).AsTask();
        await connection.Expect("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n");
        connection.Send("$1\r\nv\r\n+PONG\r\n");
        await Assert.ThrowsAsync<FormatException>(() => bad);
        Assert.True((await good.In()).Value);
    }

    [Fact]
    public void The_value_of_a_failure_is_a_programmer_error()
    {
        var result = new RedisResult<long>(new RedisFailure(RedisFailureKind.Timeout, true, "late"));
        Assert.False(result.TryGet(out _, out var failure));
        Assert.Equal(RedisFailureKind.Timeout, failure.Kind);
        Assert.Throws<InvalidOperationException>(() => result.Value);
    }

    [Fact]
    public void A_server_text_is_cut_and_cleaned_for_the_log()
    {
        var failure = RedisFailure.Server("ERR a\u001b[31m" + new string('x', 1000), isScript: false);
        Assert.True(failure.InternalText.Length < 250);
        Assert.DoesNotContain('\u001b', failure.InternalText);
    }

    static string Show<T>(RedisResult<T> result, Func<T, string> show) =>
        result.TryGet(out var value, out var failure) ? show(value) : $"{failure.Kind} {failure.Code} {failure.MayHaveRun}";

    static string Show(RedisResult<bool> result) => Show(result, value => value.ToString());

    static string Show(RedisResult<long> result) => Show(result, value => value.ToString(CultureInfo.InvariantCulture));

    static string Show(byte[]? value) => value is null ? "null" : Encoding.Latin1.GetString(value);

    static string Show(RedisScanPage page) => $"{page.Cursor} {string.Join(",", page.Keys.Select(Show))}";
}
