using System.Globalization;
using Edge.Core.Caching.L1;
using Edge.Replay.Traces;

namespace Edge.Replay.Commands;

/// <summary>
/// Resident memory of this very process while it is flooded with unique keys and real bodies. The growth is counted from
/// a small flood that has everything compiled and the collector's first generation in use, so that what is left is the cache.
/// </summary>
internal static class FloodCommand
{
    const ulong Seed = 1;
    const int LargestBodyBytes = 32 * 1024;
    const int SampleEvery = 64;
    const int WarmUpBudgetBytes = 1 << 20;

    /// <summary>What the last line begins with: the peak growth as a part of the budget follows.</summary>
    public const string Verdict = "peak of budget       ";

    public static void Run(long budgetBytes, int times, TextWriter output)
    {
        Flood(new L1Cache(WarmUpBudgetBytes, Seed), times * (long)WarmUpBudgetBytes, 0);
        GC.Collect();
        var before = Environment.WorkingSet;
        var (young, full) = (GC.CollectionCount(0), GC.CollectionCount(2));

        var cache = new L1Cache(budgetBytes, Seed);
        var peak = Flood(cache, times * budgetBytes, before);
        var end = Environment.WorkingSet;
        (young, full) = (GC.CollectionCount(0) - young, GC.CollectionCount(2) - full);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            budget               {Mebibytes(budgetBytes)} MiB, flooded {times} times over
            accounted            {Mebibytes(cache.Bytes)} MiB in {cache.Count} entries
            pushed out           {cache.Evictions}, not admitted {cache.Rejections}
            resident growth      {Mebibytes(end - before)} MiB at the end, {Mebibytes(peak - before)} MiB at the peak
            collections          {young}, of them full {full}
            live on the heap     {Mebibytes(GC.GetTotalMemory(forceFullCollection: true))} MiB
            {Verdict}{(peak - before) / (double)budgetBytes:0.000}
            """));
        GC.KeepAlive(cache);
    }

    static long Flood(L1Cache cache, long totalBytes, long peak)
    {
        var sent = 0L;
        for (var i = 0L; sent < totalBytes; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"products/search?q=invented-{i:D12}");
            var entry = new Page(key, new byte[Math.Min(SyntheticTraces.SizeOf(i, Seed), LargestBodyBytes)]);
            sent += entry.SizeBytes;
            cache.Set(entry);
            if (i % SampleEvery == 0) peak = Math.Max(peak, Environment.WorkingSet);
        }
        return Math.Max(peak, Environment.WorkingSet);
    }

    static string Mebibytes(long bytes) => (bytes / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture);

    sealed class Page(string key, byte[] body) : L1Entry(key, FieldBytes + ArrayOverheadBytes + body.Length)
    {
        const int FieldBytes = 8;

        public byte[] Body => body;
    }
}
