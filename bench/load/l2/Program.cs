using Edge.L2Load;
using Edge.Redis;

const string Help = """
    Edge.L2Load: what a fetch of the cache's second level costs beside a plain GET of the same bytes, on one client and one server, in turns.

      run [--rounds N] [--calls N] [--url URL]

      --rounds N   turns of each scenario. Default 5, 1 to 100.
      --calls N    calls per turn and side; one caller makes a tenth of them. Default 100000, 1000 to 100000000.
      --url URL    server to use; its keys that begin with {l2-load} are overwritten. Default: REDIS_URL, which `run` sets to a private server.

    Printed per scenario: calls per second of both (median over the rounds), the ratio fetch / GET (median, lowest and highest of
    the ratios taken round by round), bytes allocated per fetch, and CPU time of the server per call of each.
    """;

var rounds = 5;
var calls = 100_000;
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
        case "--calls" when int.TryParse(value, out calls) && calls is >= 1_000 and <= 100_000_000:
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

await using var client = new RedisClient(options with { ClientName = "edge-load", CommandTimeoutMs = Comparison.TimeoutMs });
var first = await client.Ping();
if (!first.TryGet(out _, out var failure))
{
    Console.Error.WriteLine(failure.InternalText);
    return 1;
}

await new Comparison(client, rounds, calls).Run();
return 0;
