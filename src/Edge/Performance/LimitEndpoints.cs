using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Performance;

/// <param name="Limit">As in the settings; of keys, that of the standard plan. Null: it is off.</param>
/// <param name="ShadowRefused">Would have been refused, and was not.</param>
/// <param name="Degraded">Decided without Redis, allowed or refused.</param>
/// <param name="StoreCalls">Round trips to Redis for leases and exact limits.</param>
/// <param name="TrackedKeys">Clients that are told apart now.</param>
/// <param name="Untracked">Decisions on clients for whom there was no room.</param>
/// <param name="IsAlone">Redis cannot be asked now.</param>
internal sealed record LimitUse(
    string Name, string? Limit, bool IsShadow, long Allowed, long Refused, long ShadowRefused, long Degraded, long StoreCalls, int TrackedKeys, long Untracked, bool IsAlone);

internal sealed record LimitStats(IReadOnlyList<LimitUse> Policies);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LimitStats))]
internal sealed partial class LimitJson : JsonSerializerContext;

/// <summary>What the limits of this instance have done: for operators. Counts by policy; whose they are is nobody's business.</summary>
internal sealed class LimitEndpoints(RateLimiter limiter)
{
    public void Map(RouteTable routes) => routes.Get(
        new() { Path = "/performance/limits", Tag = "Performance", Summary = "What the rate limits of this instance have done since its start", Caching = Caching.None, Access = Access.Operator, IsLocal = true, Problems = [404] },
        static () => LimitJson.Default.LimitStats, _ => new(new LimitStats(Policies())));

    LimitUse[] Policies()
    {
        var policies = new LimitUse[LimitSettings.PolicyNames.Count];
        for (var i = 0; i < policies.Length; i++)
        {
            var policy = (LimitPolicy)i;
            var rule = limiter.Rule(policy);
            var (use, shadow) = limiter.Statistics(policy) ?? default;
            policies[i] = new(
                LimitSettings.NameOf(policy), rule is null ? null : $"{rule.Limit.Count}/{rule.Limit.PeriodSeconds}s burst {rule.Limit.Burst}", rule is { IsShadow: true },
                use.Allowed, use.Refused - shadow, shadow, use.Degraded, use.Asks, use.Tracked, use.Untracked, use.IsAlone);
        }
        return policies;
    }
}
