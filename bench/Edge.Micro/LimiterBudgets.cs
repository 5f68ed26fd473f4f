using System.Text.Json;

namespace Edge.Micro;

/// <summary>What bench/budgets.json allows the rate limiter's keys.</summary>
internal sealed record LimiterBudgets(double BytesPerKey)
{
    public static LimiterBudgets Read(string path)
    {
        using var budgets = JsonDocument.Parse(File.ReadAllText(path));
        return new(budgets.RootElement.GetProperty("limiter").GetProperty("bytesPerKey").GetDouble());
    }
}
