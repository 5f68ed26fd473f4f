using Edge.Redis;

namespace Edge.Tests.Redis;

public sealed class HandshakeTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static readonly RedisOptions WithLogin = new() { User = "app", Password = "s3cret", Database = 2, ClientName = "edge", CommandTimeoutMs = 60_000 };

    const string HelloWithLogin = "*7\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$6\r\ns3cret\r\n$7\r\nSETNAME\r\n$4\r\nedge\r\n";
    const string Select = "*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n";

    [Fact]
    public async Task Login_name_and_database_come_before_the_first_command()
    {
        var server = new ScriptedServer();
        await using var client = server.Client(options: WithLogin);
        var ping = client.Ping(cancel: Cancel).AsTask();
        var connection = await server.Accept();
        await connection.Expect(HelloWithLogin);
        connection.Send(ScriptedServer.HelloReply);
        await connection.Expect(Select);
        connection.Send("+OK\r\n");
        await connection.Expect("*1\r\n$4\r\nPING\r\n");
        connection.Send("+PONG\r\n");
        Assert.True((await ping.In()).Value);
        Assert.Equal((RedisLinkState.Ready, 3, "7.0.0"), (client.Status.State, client.Status.ProtocolVersion, client.Status.ServerVersion));
    }

    [Fact]
    public async Task A_server_that_does_not_know_HELLO_is_spoken_to_in_RESP2()
    {
        var server = new ScriptedServer();
        await using var client = server.Client(options: WithLogin);
        client.Start();
        var connection = await server.Accept();
        await connection.Expect(HelloWithLogin);
        connection.Send("-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'app' 's3cret'\r\n");
        await connection.Expect("*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$6\r\ns3cret\r\n");
        connection.Send("+OK\r\n");
        await connection.Expect("*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$4\r\nedge\r\n");
        connection.Send("+OK\r\n");
        await connection.Expect(Select);
        connection.Send("+OK\r\n");
        var get = client.Get("k", cancel: Cancel).AsTask();
        await connection.Expect("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
        connection.Send("$-1\r\n");
        Assert.Null((await get.In()).Value);
        Assert.Equal(2, client.Status.ProtocolVersion);
    }

    [Fact]
    public async Task A_password_alone_is_sent_alone_to_a_server_from_before_ACLs()
    {
        var server = new ScriptedServer();
        await using var client = server.Client(options: new RedisOptions { Password = "pw", ClientName = "" });
        client.Start();
        var connection = await server.Accept();
        await connection.Expect("*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$2\r\npw\r\n");
        connection.Send("-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `pw`, \r\n");
        await connection.Expect("*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n");
        connection.Send("+OK\r\n");
        var ping = client.Ping(cancel: Cancel).AsTask();
        await connection.Expect("*1\r\n$4\r\nPING\r\n");
        connection.Send("+PONG\r\n");
        Assert.True((await ping.In()).IsOk);
    }

    [Theory]
    [InlineData("-WRONGPASS invalid username-password pair or user is disabled. s3cret\r\n", "WRONGPASS")]
    [InlineData("-NOAUTH HELLO must be called with s3cret\r\n", "NOAUTH")]
    [InlineData("-ERR odd 's3cret'\r\n", "ERR")]
    [InlineData("s3cret\r\n", "not RESP")]
    public async Task A_refused_login_is_named_without_a_word_of_the_server(string reply, string named)
    {
        var server = new ScriptedServer();
        await using var client = server.Client(options: WithLogin);
        var ping = client.Ping(cancel: Cancel).AsTask();
        var connection = await server.Accept();
        await connection.Expect(HelloWithLogin);
        connection.Send(reply);
        var failure = (await ping.In()).Failure!;
        Assert.Equal((RedisFailureKind.NotConnected, false), (failure.Kind, failure.MayHaveRun));
        Assert.Contains(named, failure.InternalText, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.InternalText, StringComparison.Ordinal);
        Assert.DoesNotContain("app", failure.InternalText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named()
    {
        var server = new ScriptedServer();
        await using var client = server.Client(options: WithLogin);
        var ping = client.Ping(cancel: Cancel).AsTask();
        var connection = await server.Accept();
        await connection.Expect(HelloWithLogin);
        connection.Send(ScriptedServer.HelloReply);
        await connection.Expect(Select);
        connection.Send("-ERR DB index is out of range\r\n");
        Assert.Contains("database 2", (await ping.In()).Failure!.InternalText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_login_may_come_byte_by_byte()
    {
        var server = new ScriptedServer();
        await using var client = server.Client();
        var ping = client.Ping(cancel: Cancel).AsTask();
        var connection = await server.Accept();
        await connection.Expect(ScriptedServer.Hello);
        foreach (var one in ScriptedServer.HelloReply) connection.Send(one.ToString());
        await connection.Expect("*1\r\n$4\r\nPING\r\n");
        connection.Send("+PONG\r\n");
        Assert.True((await ping.In()).IsOk);
    }
}
