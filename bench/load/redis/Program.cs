using Edge.Redis;
using Edge.RedisLoad;

const string Help = """
    Edge.RedisLoad: the client of src/Edge.Redis beside redis-benchmark, on one server, in turns.

      run [--rounds N] [--commands N] [--url URL]

      --rounds N     turns of each scenario. Default 5, 1 to 100.
      --commands N   commands per turn and side. Default 300000, 1000 to 100000000.
      --url URL      server to use. Default: REDIS_URL, which `run` sets to a private server.

    Printed per scenario: commands per second of both (median over the rounds), the ratio ours / redis-benchmark (median,
    lowest and highest of the ratios taken round by round), and what a command costs us in bytes and CPU time.
    """;

var rounds = 5;
var commands = 300_000;
var url = Environment.GetEnvironmentVariable("REDIS_URL") ?? "redis://127.0.0.1:6379";
for (var i = 0; i < args.Length; i++)
{
    var value = i + 1 < args.Length ? args[i + 1] : "";
    switch (args[i])
    {
        case "--help" or "-h":
            Console.WriteLine(Help);
            return 0;
        case "--rounds" when int.TryParse(value, out rounds) && rounds is >= 1 and <= 100:
        case "--commands" when int.TryParse(value, out commands) && commands is >= 1_000 and <= 100_000_000:
            i++;
            break;
        case "--url":
            url = value;
            i++;
            break;
        default:
            Console.Error.WriteLine($"'{args[i]}' is not understood, or its value is out of range; --help lists what is.");
            return 2;
    }
}

if (!RedisUrl.TryParse(url, out var options, out var problem))
{
    Console.Error.WriteLine(problem);
    return 2;
}

await using var client = new RedisClient(options with { ClientName = "edge-load", CommandTimeoutMs = 10_000 });
var first = await client.Ping();
if (!first.TryGet(out _, out var failure))
{
    Console.Error.WriteLine(failure.InternalText);
    return 1;
}

await new Comparison(client, options, rounds, commands).Run();
return 0;
