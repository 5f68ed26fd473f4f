using System.Text.Json;

namespace Edge.Micro;

/// <summary>What bench/budgets.json allows the rate limiter.</summary>
internal sealed record LimiterBudgets(double DecisionNs, double AllocatedBytes, double BytesPerKey)
{
    public static LimiterBudgets Read(string path)
    {
        using var budgets = JsonDocument.Parse(File.ReadAllText(path));
        var limiter = budgets.RootElement.GetProperty("limiter");
        return new(limiter.GetProperty("decisionNs").GetDouble(), limiter.GetProperty("allocatedBytes").GetDouble(), limiter.GetProperty("bytesPerKey").GetDouble());
    }
}
