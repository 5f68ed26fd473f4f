using System.Text.Json;

namespace Edge.Micro;

/// <summary>What bench/budgets.json allows an operation.</summary>
/// <param name="Ns">On one thread.</param>
/// <param name="TwoThreadsNs">Of all operations that two threads do together.</param>
internal sealed record OperationBudget(double Ns, double TwoThreadsNs, double AllocatedBytes)
{
    /// <summary>By the name of their section.</summary>
    public static Dictionary<string, OperationBudget> Read(string path)
    {
        using var budgets = JsonDocument.Parse(File.ReadAllText(path));
        var (hit, limiter, latency) = (budgets.RootElement.GetProperty("hit"), budgets.RootElement.GetProperty("limiter"), budgets.RootElement.GetProperty("latency"));
        return new()
        {
            ["hit"] = new(hit.GetProperty("hitNs").GetDouble(), hit.GetProperty("twoThreadsNs").GetDouble(), hit.GetProperty("allocatedBytes").GetDouble()),
            ["limiter"] = new(limiter.GetProperty("decisionNs").GetDouble(), double.PositiveInfinity, limiter.GetProperty("allocatedBytes").GetDouble()),
            ["latency"] = new(latency.GetProperty("recordNs").GetDouble(), latency.GetProperty("twoThreadsNs").GetDouble(), latency.GetProperty("allocatedBytes").GetDouble()),
        };
    }
}
