using Edge.Redis;

namespace Edge.Load;

/// <summary>What the load programs for Redis have in common: options, a server that answers, an exit code.</summary>
static class LoadProgram
{
    public const int TimeoutMs = 10_000;

    /// <param name="args">The process's.</param>
    /// <param name="help">What --help prints.</param>
    /// <param name="countOption">The option that says how much one turn does, as <c>--calls</c>. Range: 1,000 to 100,000,000.</param>
    /// <param name="count">Its default.</param>
    /// <param name="run">Measures: the client, the options that it was made with, rounds and count.</param>
    /// <returns>The process's exit code: 0, 1 where the server does not answer, 2 where the options are wrong.</returns>
    public static async Task<int> Run(string[] args, string help, string countOption, int count, Func<RedisClient, RedisOptions, int, int, Task> run)
    {
        var rounds = 5;
        var url = Environment.GetEnvironmentVariable("REDIS_URL") ?? "redis://127.0.0.1:6379";
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            if (args[i] is "--help" or "-h")
            {
                Console.WriteLine(help);
                return 0;
            }
            var isUnderstood =
                args[i] == "--rounds" ? int.TryParse(value, out rounds) && rounds is >= 1 and <= 100
                : args[i] == countOption ? int.TryParse(value, out count) && count is >= 1_000 and <= 100_000_000
                : args[i] == "--url";
            if (!isUnderstood)
                return Refuse($"'{args[i]}' is not understood, or its value is out of range; --help lists what is.");
            if (args[i] == "--url")
                url = value;
        }
        if (!RedisUrl.TryParse(url, out var options, out var problem))
            return Refuse(problem);

        await using var client = new RedisClient(options with { ClientName = "edge-load", CommandTimeoutMs = TimeoutMs });
        if (!(await client.Ping()).TryGet(out _, out var failure))
        {
            Console.Error.WriteLine(failure.InternalText);
            return 1;
        }
        await run(client, options, rounds, count);
        return 0;
    }

    static int Refuse(string problem)
    {
        Console.Error.WriteLine(problem);
        return 2;
    }
}
