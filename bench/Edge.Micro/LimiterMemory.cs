using System.Globalization;
using Edge.Core.Basics;
using Edge.Core.RateLimiting;

namespace Edge.Micro;

/// <summary>By how much the process grows, as the kernel counts it, when a limiter has met as many keys as it is made for.</summary>
internal static class LimiterMemory
{
    const int Keys = 1_000_000;

    /// <returns>1: more than the budget.</returns>
    public static int Print(LimiterBudgets? budgets, TextWriter output)
    {
        // Whatever the first decision loads is not the table's.
        Fill(new(new() { Keys = 64 }, store: null, TimeProvider.System), 64);
        var before = ResidentBytes();
        var limiter = new KeyedLimiter(new() { Keys = Keys }, store: null, TimeProvider.System);
        Fill(limiter, Keys);
        var grown = ResidentBytes() - before;
        var tracked = Keys - limiter.Statistics().Untracked;
        var perKey = (double)grown / tracked;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"A limiter for {Keys:N0} keys that has met as many: {tracked:N0} tracked, {grown / 1e6:0.0} MB resident, {perKey:0.0} B per tracked key."));
        GC.KeepAlive(limiter);
        return budgets is not null && perKey > budgets.BytesPerKey ? 1 : 0;
    }

    static void Fill(KeyedLimiter limiter, int keys)
    {
        var random = new RandomSource(1);
        var limit = new RateLimit(Count: 10, PeriodSeconds: 86_400, Burst: 10);
        for (var i = 0; i < keys; i++)
            limiter.Decide(new(random.NextUInt64(), random.NextUInt64()), limit, cost: 1).GetAwaiter().GetResult();
    }

    static long ResidentBytes()
    {
        GC.Collect();
        var pages = File.ReadAllText("/proc/self/statm").Split(' ')[1];
        return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }
}
