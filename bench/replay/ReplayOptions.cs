using System.Globalization;
using Edge.Replay.Traces;

namespace Edge.Replay;

/// <summary>The command line of `replay`. Sizes are in bytes, or have the suffix KiB, MiB or GiB.</summary>
internal sealed record ReplayOptions
{
    public string Command { get; init; } = "run";
    /// <summary>A trace to read; none: synthetic ones.</summary>
    public string? TracePath { get; init; }
    public TraceFormat Format { get; init; } = TraceFormat.Keys;
    /// <summary>Of requests that name none. 0: 512 for blocks (what ARC's traces count in), 4096 for keys.</summary>
    public int SizeBytes { get; init; }
    public string[] Synthetic { get; init; } = [.. SyntheticTraces.All.Select(made => made.Name)];
    public int Requests { get; init; } = 1_000_000;
    public ulong Seed { get; init; } = 1;
    public long[] BudgetsBytes { get; init; } = [8 << 20, 32 << 20, 64 << 20];
    public string? MarkdownPath { get; init; }
    public int Times { get; init; } = 10;

    internal const int MaxRequests = 100_000_000;
    internal const int MaxTimes = 1000;
    internal const long MaxBudgetBytes = 1L << 40;

    public const string Help = """
        replay [run] [options]     hit ratios of LRU, S3-FIFO, W-TinyLFU, the product's L1Cache and Belady's optimum
        replay flood [options]     resident memory of this process under unique keys of ten times the budget

        --trace FILE        one request per line; gzip is not read, pipe it: zcat x.gz | replay --trace -
        --format keys|arc   keys: `key` or `key size` (default); arc: `start count ignored ignored`, count blocks from start
        --size BYTES        of requests that name none (default 4096, arc 512)
        --synthetic A,B     made-up traces instead (default all: zipf flat crawler drift scan bursts loop)
        --requests N        how many to make, or to read at most (default 1000000)
        --seed N            of made-up traces (default 1)
        --budget A,B        of the cache: default 8MiB,32MiB,64MiB; flood takes the first
        --times N           flood: how often the budget (default 10)
        --markdown FILE     write the table with date, machine and command

        replay --synthetic zipf,crawler --budget 16MiB
        replay --trace OLTP.lis --format arc --budget 512KiB,2MiB
        replay --requests 2000000 --markdown bench/results/l1-policy.md
        replay flood --budget 64MiB
        """;

    /// <summary>The options, or what is wrong with them in a sentence for a person.</summary>
    public static (ReplayOptions? Options, string? Error) Parse(ReadOnlySpan<string> args)
    {
        var options = new ReplayOptions();
        var at = 0;
        if (args.Length > 0 && args[0] is "run" or "flood") options = options with { Command = args[at++] };
        for (; at < args.Length; at += 2)
        {
            var name = args[at];
            if (at + 1 == args.Length) return (null, $"{name} needs a value");
            var value = args[at + 1];
            var next = name switch
            {
                "--trace" => options with { TracePath = value },
                "--format" when value is "keys" or "arc" => options with { Format = value == "arc" ? TraceFormat.Arc : TraceFormat.Keys },
                "--size" when TryNumber(value, 1, int.MaxValue, out var size) => options with { SizeBytes = (int)size },
                "--synthetic" when value.Split(',') is var names && names.All(IsSynthetic) => options with { Synthetic = names },
                "--requests" when TryNumber(value, 1, MaxRequests, out var requests) => options with { Requests = (int)requests },
                "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out var seed) => options with { Seed = seed },
                "--budget" when TryBudgets(value, out var budgets) => options with { BudgetsBytes = budgets },
                "--times" when TryNumber(value, 1, MaxTimes, out var times) => options with { Times = (int)times },
                "--markdown" => options with { MarkdownPath = value },
                _ => null,
            };
            if (next is null) return (null, $"'{name} {value}' is not understood");
            options = next;
        }
        return (options, null);
    }

    static bool IsSynthetic(string name) => SyntheticTraces.All.Any(made => made.Name == name);

    static bool TryBudgets(string text, out long[] budgets)
    {
        var parts = text.Split(',');
        budgets = new long[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            if (!TryNumber(parts[i], MinBudgetBytes, MaxBudgetBytes, out budgets[i])) return false;
        return true;
    }

    const long MinBudgetBytes = Core.Caching.L1.L1Cache.MinBudgetBytes;

    static bool TryNumber(string text, long least, long most, out long number)
    {
        var (digits, unit) = text switch
        {
            [.. var head, 'K', 'i', 'B'] => (head, 1L << 10),
            [.. var head, 'M', 'i', 'B'] => (head, 1L << 20),
            [.. var head, 'G', 'i', 'B'] => (head, 1L << 30),
            _ => (text, 1L),
        };
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number > most / unit) return false;
        number *= unit;
        return number >= least;
    }
}
