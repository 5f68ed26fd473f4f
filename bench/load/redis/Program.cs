using Edge.Load;
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

return await LoadProgram.Run(
    args, Help, "--commands", 300_000, static (client, options, rounds, commands) => new Comparison(client, options, rounds, commands).Run());
