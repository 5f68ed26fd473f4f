using System.Globalization;
using System.Text;
using Edge.Testing;

namespace Edge.IntegrationTests.CacheFaults;

/// <param name="ShownMs">From the commit of a row's change, first thing after the fault, until the last instance showed it.</param>
/// <param name="WholeMs">From the end of the fault until all instances share and hear again.</param>
/// <param name="LoadsOnReturn">Loads of all instances from the end of the fault on, without those of never-read products.</param>
/// <param name="LogLines">Of the instance that wrote most.</param>
internal sealed record FaultFigures(
    string Fault, double Seconds, Tally Warm, Tally Changed, Tally Cold, Tally Control, long LoadsMeanwhile, long LoadsOnReturn, double ShownMs, double WholeMs, int LogLines);

/// <summary>The figures of a run, for bench/results, where EDGE_WRITE_RESULTS=1 asks for them.</summary>
internal sealed class FaultReport
{
    readonly List<FaultFigures> _faults = [];
    readonly List<string> _remarks = [];

    public void Add(FaultFigures figures) => _faults.Add(figures);

    static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    public void Add(string remark) => _remarks.Add(remark);

    public async Task Write()
    {
        if (Environment.GetEnvironmentVariable("EDGE_WRITE_RESULTS") != "1")
            return;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"""
            # cache-faults

            {TimeProvider.System.GetUtcNow():yyyy-MM-dd} · {Environment.ProcessorCount} cores, shared with the load, Postgres, Redis and other programs (load average at the end: {LoadAverage()}) · binary: {(Environment.GetEnvironmentVariable("EDGE_NATIVE_BINARY") is null ? "on the runtime, Debug" : "native")}

            Three instances over one Postgres and one Redis, `EDGE_CACHE_CUT_OFF_MS={CacheCluster.CutOffMs}`, else defaults. Load at a fixed pace: 300 reads/s of {CacheCluster.WarmProducts} products by Zipf's law, in every memory before the fault; 10/s of products that nobody had read; 300/s of `/health`, one beside each read, which needs neither cache nor database: its slowest, counted from when it was due, is what the machine adds. The soft timeout is 500 ms. Made by `EDGE_WRITE_RESULTS=1` and the tests in `tests/Edge.IntegrationTests/CacheFaults`.

            | fault | s | warm reads | failed | slowest, ms | slowest of changed rows, ms | slowest `/health`, ms | never read: 200 | 503 | other | loads meanwhile | loads on return | change shown after, ms | whole after, ms | log lines |
            |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|

            """);
        foreach (var row in _faults)
            text.Append(CultureInfo.InvariantCulture,
                $"| {row.Fault} | {row.Seconds:0} | {row.Warm.Count} | {row.Warm.Count - row.Warm.Ok + row.Changed.Count - row.Changed.Ok} | {row.Warm.SlowestMs:0} | {row.Changed.SlowestMs:0} | {row.Control.SlowestMs:0} | {row.Cold.Ok} | {row.Cold.Unavailable} | {row.Cold.Others} | {row.LoadsMeanwhile} | {row.LoadsOnReturn} | {row.ShownMs:0} | {row.WholeMs:0} | {row.LogLines} |\n");
        text.Append(
            """

            *Changed rows* are the ten most-read products, changed before, during (where Postgres is there) and after the fault: their old answers are invalid, so their readers wait for the new ones; *failed* counts them too. *Loads* are of all instances, without those of never-read products: meanwhile = during the fault, on return = from its end until 1 s after all were whole. *Change shown*: a row changed through SQL first thing after the fault, until the last instance shows it. *Whole*: from the end of the fault until all instances share through Redis and hear Postgres. *Log lines* are of the instance that wrote most.

            """);
        foreach (var remark in _remarks)
            text.Append('\n').Append(remark).Append('\n');
        await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", "cache-faults.md"), text.ToString());
    }
}
