using System.Diagnostics;
using System.Globalization;

namespace Edge.Micro;

internal sealed record Scenario(string Name, Func<int, long> Body)
{
    /// <summary>The section of bench/budgets.json that bounds it. Null: nothing does.</summary>
    public string? Budget { get; init; }
}

/// <summary>
/// Short rounds, many of them: on a shared machine a round of a millisecond is often undisturbed, one of a second never. Two
/// threads start together at a spinning barrier, and a round of theirs ends with the slower one.
/// </summary>
internal static class Measurement
{
    const int Operations = 1 << 13;
    const int WarmUpRounds = 30;

    /// <returns>1: a budget was exceeded.</returns>
    public static int Run(Scenario[] scenarios, int rounds, Dictionary<string, OperationBudget>? budgets, TextWriter output)
    {
        // Tiered compilation needs calls and a moment in the background; rounds do as well.
        for (var round = 0; round < Math.Min(rounds, WarmUpRounds); round++)
            foreach (var scenario in scenarios)
            {
                Once(scenario);
                Thread.Yield();
            }

        var one = scenarios.Select(_ => new double[rounds]).ToArray();
        var two = scenarios.Select(_ => new double[rounds]).ToArray();
        var allocated = new long[scenarios.Length];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < scenarios.Length; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                one[i][round] = Once(scenarios[i]);
                allocated[i] += GC.GetAllocatedBytesForCurrentThread() - before;
                two[i][round] = Twice(scenarios[i]);
            }
        }

        output.WriteLine();
        output.WriteLine("| scenario | 1 thread, ns min / median | B/op | 2 threads, ns per operation min / median | gain min / median |");
        output.WriteLine("|---|---|---|---|---|");
        var exceeded = 0;
        for (var i = 0; i < scenarios.Length; i++)
        {
            Array.Sort(one[i]);
            Array.Sort(two[i]);
            var (low1, mid1) = (one[i][0], one[i][rounds / 2]);
            var (low2, mid2) = (two[i][0], two[i][rounds / 2]);
            var bytes = allocated[i] / ((double)rounds * Operations);
            var gain = string.Create(CultureInfo.InvariantCulture, $"{low1 / low2:0.00} / {mid1 / mid2:0.00}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {scenarios[i].Name} | {low1:0.0} / {mid1:0.0} | {bytes:0.###} | {low2:0.0} / {mid2:0.0} | {gain} |"));
            // Less than a byte in two operations is the request for a lease, once in hundreds of thousands.
            if (budgets is not null && scenarios[i].Budget is { } section && budgets[section] is var budget
                && (low1 > budget.Ns || low2 > budget.TwoThreadsNs || bytes >= budget.AllocatedBytes + 0.5))
            {
                Console.Error.WriteLine($"{scenarios[i].Name} exceeds {budget}.");
                exceeded = 1;
            }
        }
        return exceeded;
    }

    static double Once(Scenario scenario)
    {
        var start = Stopwatch.GetTimestamp();
        Check(scenario.Body(Operations));
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Operations;
    }

    static double Twice(Scenario scenario)
    {
        using var barrier = new Barrier(2);
        var (otherStart, otherEnd) = (0L, 0L);
        var other = new Thread(() =>
        {
            barrier.SignalAndWait();
            otherStart = Stopwatch.GetTimestamp();
            Check(scenario.Body(Operations));
            otherEnd = Stopwatch.GetTimestamp();
        });
        other.Start();
        barrier.SignalAndWait();
        var start = Stopwatch.GetTimestamp();
        Check(scenario.Body(Operations));
        var end = Stopwatch.GetTimestamp();
        other.Join();
        return Stopwatch.GetElapsedTime(Math.Min(start, otherStart), Math.Max(end, otherEnd)).TotalNanoseconds / (2 * Operations);
    }

    static void Check(long result)
    {
        if (result == 0) throw new InvalidOperationException("The scenario found nothing.");
    }
}
