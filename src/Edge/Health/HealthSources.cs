using Edge.Core.Caching;
using Edge.Core.Resilience;
using Edge.Data;
using Edge.Http;

namespace Edge.Health;

/// <summary>What /health/detailed shows of the instance itself, from memory.</summary>
/// <param name="hashesWaiting">Registrations and logins that wait for a thread to hash on.</param>
internal sealed class HealthSources(PoolStatistics pools, EdgeCache? cache, RateLimiter limiter, LoadGate? gate, Func<int> hashesWaiting)
{
    public IReadOnlyCollection<PoolUse> Pools() => pools.Read();

    public List<BreakerHealth> Breakers()
    {
        var breakers = new List<BreakerHealth>();
        if (cache?.SecondLevel() is { } shared)
            breakers.Add(Breaker("cache", shared.IsOpen));
        for (var i = 0; i < LimitSettings.PolicyNames.Length; i++)
            if (limiter.Statistics((LimitPolicy)i) is var (use, _))
                breakers.Add(Breaker($"limit {LimitSettings.PolicyNames[i]}", !use.IsAlone));
        return breakers;
    }

    public CacheHealth? Cache()
    {
        if (cache is null)
            return null;
        var now = cache.Statistics();
        return new(now.Entries, now.Bytes, now.CapacityBytes, now.Flights);
    }

    public List<QueueHealth> Queues()
    {
        var queues = new List<QueueHealth> { new("passwords", hashesWaiting()), new("threads", ThreadPool.PendingWorkItemCount) };
        if (gate?.Statistics() is { } load)
            queues.Add(new("requests", load.Waiting));
        if (cache?.SecondLevel() is { } shared)
            queues.Add(new("invalidations", shared.Pending));
        return queues;
    }

    static BreakerHealth Breaker(string name, bool isUsed) => new(name, isUsed ? "closed" : "open");
}
