using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Performance;

internal sealed class LimitUse
{
    public required string Name { get; init; }

    /// <summary>As in the settings; of keys, that of the standard plan. Null: it is off.</summary>
    public string? Limit { get; init; }

    public bool IsShadow { get; init; }

    public long Allowed { get; init; }

    public long Refused { get; init; }

    /// <summary>Would have been refused, and was not.</summary>
    public long ShadowRefused { get; init; }

    /// <summary>Decided without Redis, allowed or refused.</summary>
    public long Degraded { get; init; }

    /// <summary>Round trips to Redis for leases and exact limits.</summary>
    public long StoreCalls { get; init; }

    /// <summary>Clients that are told apart now.</summary>
    public int TrackedKeys { get; init; }

    /// <summary>Decisions on clients for whom there was no room.</summary>
    public long Untracked { get; init; }

    /// <summary>Redis cannot be asked now.</summary>
    public bool IsAlone { get; init; }
}

internal sealed class LimitStats
{
    public required LimitUse[] Policies { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LimitStats))]
internal sealed partial class LimitJson : JsonSerializerContext;

/// <summary>What the limits of this instance have done: for operators. Counts by policy; whose they are is nobody's business.</summary>
internal sealed class LimitEndpoints(RateLimiter limiter)
{
    public void Map(RouteTable routes) => routes.Get(
        new() { Path = "/performance/limits", Tag = "Performance", Summary = "What the rate limits of this instance have done since its start", Caching = Caching.None, Access = Access.Operator, IsLocal = true, Problems = [404] },
        static () => LimitJson.Default.LimitStats, _ => new(new LimitStats { Policies = Policies(limiter) }));

    public static LimitUse[] Policies(RateLimiter limiter)
    {
        var policies = new LimitUse[LimitSettings.PolicyNames.Length];
        for (var i = 0; i < policies.Length; i++)
        {
            var policy = (LimitPolicy)i;
            var rule = limiter.Rule(policy);
            var (use, shadow) = limiter.Statistics(policy) ?? default;
            policies[i] = new()
            {
                Name = LimitSettings.NameOf(policy),
                Limit = rule is null ? null : $"{rule.Limit.Count}/{rule.Limit.PeriodSeconds}s burst {rule.Limit.Burst}",
                IsShadow = rule is { IsShadow: true },
                Allowed = use.Allowed, Refused = use.Refused - shadow, ShadowRefused = shadow, Degraded = use.Degraded,
                StoreCalls = use.Asks, TrackedKeys = limiter.Tracked(policy), Untracked = use.Untracked, IsAlone = use.IsAlone,
            };
        }
        return policies;
    }
}
