using Edge.Redis;

namespace Edge.Tests.Redis;

public sealed class ScriptTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    const string Digest = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";
    const string EvalSha = "*5\r\n$7\r\nEVALSHA\r\n$40\r\n" + Digest + "\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\na\r\n";
    const string Load = "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$8\r\nreturn 1\r\n";
    const string NoScript = "-NOSCRIPT No matching script. Please use EVAL.\r\n";
    const string LoadReply = "$40\r\n" + Digest + "\r\n";

    static readonly RedisScript s_script = new("return 1");

    readonly ScriptedServer _server = new();

    [Fact]
    public async Task A_script_that_the_server_lacks_is_loaded_and_run_unseen()
    {
        await using var client = _server.Client();
        client.Start();
        var connection = await _server.AcceptLogin();
        var argument = "a"u8.ToArray();
        var call = client.Eval(s_script, ["k"], [argument], Replies.Integer, cancel: Cancel).AsTask();
        // The caller may use its bytes again as soon as the call has returned.
        argument[0] = (byte)'X';
        await connection.Expect(EvalSha);
        connection.Send(NoScript);
        await connection.Expect(Load + EvalSha);
        connection.Send(LoadReply, ":1\r\n");
        Assert.Equal(1, (await call.In()).Value);
    }

    [Fact]
    public async Task A_server_that_lacks_it_again_is_not_asked_for_ever()
    {
        await using var client = _server.Client();
        client.Start();
        var connection = await _server.AcceptLogin();
        var call = client.Eval(s_script, ["k"], ["a"], Replies.Integer, cancel: Cancel).AsTask();
        await connection.Expect(EvalSha);
        connection.Send(NoScript);
        await connection.Expect(Load + EvalSha);
        connection.Send("-NOPERM no SCRIPT for you\r\n", NoScript);
        var failure = (await call.In()).Failure!;
        Assert.Equal((RedisFailureKind.Server, "NOSCRIPT", false), (failure.Kind, failure.Code, failure.MayHaveRun));
    }

    [Fact]
    public async Task A_script_that_timed_out_is_not_sent_again()
    {
        var time = new ManualTime();
        await using var client = _server.Client(time);
        client.Start();
        var connection = await _server.AcceptLogin();
        var call = client.Eval(s_script, ["k"], ["a"], Replies.Integer, timeoutMs: 10, cancel: Cancel).AsTask();
        await connection.Expect(EvalSha);
        time.Advance(50);
        Assert.Equal(RedisFailureKind.Timeout, (await call.In()).Failure!.Kind);
        connection.Send(NoScript);
        await connection.ClientHasReadEverything();
        var ping = client.Ping(cancel: Cancel).AsTask();
        await connection.Expect("*1\r\n$4\r\nPING\r\n");
        connection.Send("+PONG\r\n");
        Assert.True((await ping.In()).IsOk);
    }

    [Theory]
    [InlineData("-NOSCRIPT x\r\n", false)]
    [InlineData("-LOADING x\r\n", false)]
    [InlineData("-BUSY x\r\n", false)]
    [InlineData("-ERR user_script:1: oh\r\n", true)]
    [InlineData("-OOM x\r\n", true)]
    [InlineData("-my own text\r\n", true)]
    public async Task Only_a_refusal_before_it_began_proves_that_a_script_has_not_run(string error, bool mayHaveRun)
    {
        await using var client = _server.Client();
        client.Start();
        var connection = await _server.AcceptLogin();
        var call = client.Execute(["EVAL", "x", 0], Replies.Any, cancel: Cancel).AsTask();
        await connection.Expect("*3\r\n$4\r\nEVAL\r\n$1\r\nx\r\n$1\r\n0\r\n");
        connection.Send(error);
        Assert.Equal(mayHaveRun, (await call.In()).Failure!.MayHaveRun);
    }
}
