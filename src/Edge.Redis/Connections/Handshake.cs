using System.Buffers;
using Edge.Redis.Protocol;

namespace Edge.Redis.Connections;

/// <summary>What the handshake has found, or why it failed.</summary>
readonly record struct Greeting(int ProtocolVersion, string ServerVersion, string? Problem);

/// <summary>
/// Login, name and database: <c>HELLO 3 AUTH … SETNAME …</c>, and where that is unknown (Redis before 6, some proxies) AUTH and
/// CLIENT SETNAME under RESP2; then SELECT.
/// <para>
/// No text of the server gets out of here: an unknown HELLO is answered with "with args beginning with: '3' 'AUTH' …", the
/// password among them.
/// </para>
/// </summary>
static class Handshake
{
    const long MaxReplyBytes = 64 * 1024;

    public static async ValueTask<Greeting> Perform(WireStream wire, RedisOptions options, CancellationToken cancel)
    {
        var greeting = await SayHello(wire, options, cancel);
        if (greeting.Problem is not null || options.Database == 0) return greeting;
        var refused = await Ask(wire, ["SELECT", options.Database], cancel);
        return refused.Error is null ? greeting
            : greeting with { Problem = $"database {options.Database} was refused ({RedisFailure.CodeOf(refused.Error)})" };
    }

    static async ValueTask<Greeting> SayHello(WireStream wire, RedisOptions options, CancellationToken cancel)
    {
        List<RedisArg> hello = ["HELLO", 3];
        if (options.Password is not null) hello.AddRange(["AUTH", options.User ?? "default", options.Password]);
        if (options.ClientName.Length > 0) hello.AddRange(["SETNAME", options.ClientName]);
        var (reply, error) = await Ask(wire, [.. hello], cancel);
        if (error is null) return new Greeting(3, VersionIn(reply!), null);
        var code = RedisFailure.CodeOf(error);
        if (code == "NOPROTO" || error.StartsWith("ERR unknown command", StringComparison.Ordinal))
            return await LogInUnderResp2(wire, options, cancel);
        return new Greeting(0, "", LoginProblem(code));
    }

    static async ValueTask<Greeting> LogInUnderResp2(WireStream wire, RedisOptions options, CancellationToken cancel)
    {
        var greeting = new Greeting(2, "", null);
        if (options.Password is not null)
        {
            // Before ACLs, AUTH took the password alone.
            RedisArg[] login = options.User is null ? ["AUTH", options.Password] : ["AUTH", options.User, options.Password];
            var (_, refused) = await Ask(wire, login, cancel);
            if (refused is not null) return greeting with { Problem = LoginProblem(RedisFailure.CodeOf(refused)) };
        }

        if (options.ClientName.Length == 0) return greeting;
        var (_, error) = await Ask(wire, ["CLIENT", "SETNAME", options.ClientName], cancel);
        // A server too simple for names is no reason to do without it; one that wants a login is.
        return error is not null && RedisFailure.CodeOf(error) == "NOAUTH" ? greeting with { Problem = LoginProblem("NOAUTH") } : greeting;
    }

    static string LoginProblem(string code) => code switch
    {
        "NOAUTH" => "the server asks for a login (NOAUTH); set user and password",
        "WRONGPASS" => "the server refused user and password (WRONGPASS)",
        _ => $"the server refused the login ({code})",
    };

    static string VersionIn(RedisReply hello)
    {
        for (var i = 0; i + 1 < hello.Items.Length; i += 2)
        {
            if (hello.Items[i].Text == "version") return hello.Items[i + 1].Text;
        }

        return "";
    }

    static async ValueTask<(RedisReply? Reply, string? Error)> Ask(WireStream wire, RedisArg[] command, CancellationToken cancel)
    {
        var output = new OutputBuffer();
        Encode(output, command);
        await wire.Stream.WriteAsync(output.Written, cancel);
        output.Clear();
        var scanner = new RespScanner(MaxReplyBytes);
        while (true)
        {
            var read = await wire.Input.ReadAsync(cancel);
            var buffer = read.Buffer;
            switch (scanner.Scan(buffer, out var length))
            {
                case RespScanner.Status.Invalid:
                    throw new InvalidDataException("not RESP: " + scanner.Problem);
                case RespScanner.Status.Complete:
                    var answer = Read(buffer.Slice(0, length));
                    wire.Input.AdvanceTo(buffer.GetPosition(length));
                    return answer;
            }

            wire.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted) throw new EndOfStreamException("the server closed the connection during the login");
        }
    }

    static void Encode(OutputBuffer output, RedisArg[] command)
    {
        var parts = new CommandParts(command);
        output.Reserve((int)parts.MaxByteCount);
        parts.Write(output);
    }

    static (RedisReply? Reply, string? Error) Read(ReadOnlySequence<byte> bytes)
    {
        var reader = new RespReader(bytes);
        if (reader.TryReadError(out var error)) return (null, error);
        RedisReply.TryRead(ref reader, out var reply);
        return (reply, null);
    }
}
