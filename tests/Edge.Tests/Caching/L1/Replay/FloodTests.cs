using System.Diagnostics;
using System.Globalization;
using Edge.Replay.Commands;

namespace Edge.Tests.Caching.L1.Replay;

/// <summary>Resident memory is a property of a process, so the flood has its own: the replay tool, built beside these tests.</summary>
public sealed class FloodTests
{
    const double MostOfBudget = 1.2;
    // Under the JIT the collector's regions cost some 15 MiB whatever the budget; in native code 5 (1.09 of 64 MiB).
    const string Budget = "128MiB";
    // The collector sizes its first generation by the processor's last-level cache; on a large server that alone
    // exceeds the slack. Hexadecimal, bytes: 4 MiB.
    const string FirstGenerationBytes = "400000";

    [Fact]
    public async Task Under_a_flood_of_ten_budgets_resident_memory_stays_within_a_fifth_above_the_budget()
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "Edge.Replay");
        var start = new ProcessStartInfo(tool, ["flood", "--budget", Budget, "--times", "10"])
        {
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_GCgen0size"] = FirstGenerationBytes },
        };
        using var flood = Process.Start(start)!;
        var text = await flood.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await flood.WaitForExitAsync(TestContext.Current.CancellationToken);

        var verdict = text.Split('\n').Single(line => line.StartsWith(FloodCommand.Verdict, StringComparison.Ordinal));
        var peak = double.Parse(verdict[FloodCommand.Verdict.Length..], CultureInfo.InvariantCulture);
        Assert.True(peak is > 0.5 and <= MostOfBudget, text);
    }
}
