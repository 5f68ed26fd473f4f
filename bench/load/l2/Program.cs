using Edge.L2Load;
using Edge.Load;

const string Help = """
    Edge.L2Load: what a fetch of the cache's second level costs beside a plain GET of the same bytes, on one client and one server, in turns.

      run [--rounds N] [--calls N] [--url URL]

      --rounds N   turns of each scenario. Default 5, 1 to 100.
      --calls N    calls per turn and side; one caller makes a tenth of them. Default 100000, 1000 to 100000000.
      --url URL    server to use; its keys that begin with {l2-load} are overwritten. Default: REDIS_URL, which `run` sets to a private server.

    Printed per scenario: calls per second of both (median over the rounds), the ratio fetch / GET (median, lowest and highest of
    the ratios taken round by round), bytes allocated per fetch, and CPU time of the server per call of each.
    """;

return await LoadProgram.Run(
    args, Help, "--calls", 100_000, static (client, _, rounds, calls) => new Comparison(client, rounds, calls).Run());
