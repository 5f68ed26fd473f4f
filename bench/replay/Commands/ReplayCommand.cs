using Edge.Core.Basics;
using Edge.Core.Caching.L1;
using Edge.Replay.Policies;
using Edge.Replay.Traces;

namespace Edge.Replay.Commands;

/// <summary>Part of all requests, and of all bytes asked for, that were hits; 0 to 1.</summary>
internal readonly record struct HitRatio(double Requests, double Bytes);

internal sealed record ReplayRow(string Trace, long BudgetBytes, HitRatio[] Ratios);

/// <summary>Every trace through every policy at every budget.</summary>
internal static class ReplayCommand
{
    const ulong Seed = 1;
    const int ReportEvery = 4096;

    public static readonly string[] Policies = ["LRU", "S3-FIFO", "W-TinyLFU", "L1Cache", "Belady"];

    public static List<ReplayRow> Run(IEnumerable<Trace> traces, long[] budgetsBytes, Progress progress)
    {
        var rows = new List<ReplayRow>();
        foreach (var trace in traces)
        {
            progress.Start($"{trace.Name}, {trace.KeyCount} keys", (long)trace.Count * budgetsBytes.Length * Policies.Length);
            var done = 0L;
            foreach (var budgetBytes in budgetsBytes)
            {
                var ratios = new HitRatio[Policies.Length];
                for (var i = 0; i < Policies.Length; i++)
                {
                    ratios[i] = Replay(trace, Make(Policies[i], budgetBytes, trace), done, progress);
                    done += trace.Count;
                }
                rows.Add(new ReplayRow(trace.Name, budgetBytes, ratios));
            }
            progress.Finish(done);
        }
        return rows;
    }

    internal static HitRatio Replay(Trace trace, ReplayPolicy policy, long done, Progress? progress)
    {
        var (hits, hitBytes, allBytes) = (0L, 0L, 0L);
        for (var i = 0; i < trace.Count; i++)
        {
            var size = trace.SizesBytes[i];
            allBytes += size;
            if (policy.Access(trace.Keys[i], size))
            {
                hits++;
                hitBytes += size;
            }
            if (i % ReportEvery == 0) progress?.Report(done + i);
        }
        return new HitRatio(hits / Math.Max(1.0, trace.Count), hitBytes / Math.Max(1.0, allBytes));
    }

    /// <summary>Every policy gets what L1Cache has for entries: table and sketch are needed by all, and simulated for none.</summary>
    internal static ReplayPolicy Make(string policy, long budgetBytes, Trace trace)
    {
        var cache = new L1Cache(budgetBytes, Seed);
        return policy switch
        {
            "LRU" => new LruPolicy(cache.CapacityBytes, trace.KeyCount),
            "S3-FIFO" => new S3FifoPolicy(cache.CapacityBytes, trace.KeyCount),
            "W-TinyLFU" => new WTinyLfuPolicy(cache.CapacityBytes, trace.KeyCount),
            "L1Cache" => new L1Policy(cache),
            "Belady" => new BeladyPolicy(cache.CapacityBytes, trace),
            _ => throw new ArgumentException($"no policy is called '{policy}'", nameof(policy)),
        };
    }
}
