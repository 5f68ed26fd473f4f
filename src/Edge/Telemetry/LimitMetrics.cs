using System.Diagnostics.Metrics;
using Edge.Core.RateLimiting;
using Edge.Core.Resilience;
using Edge.Http;

namespace Edge.Telemetry;

/// <summary>What was refused, and why: by policy of the limiter, and by class of the work that was shed.</summary>
internal static class LimitMetrics
{
    const string Policy = "limit.policy";
    const string Outcome = "outcome";
    const string Class = "load.class";

    public static void Add(Meter meter, RateLimiter limiter)
    {
        meter.CreateObservableCounter("edge.limiter.decisions", () => Policies(limiter, Decisions), "{decision}", "Requests allowed and refused by a limit; would_refuse: by one in shadow mode");
        meter.CreateObservableCounter("edge.limiter.degraded", () => Policies(limiter, static (name, use, _) => [Of(use.Degraded, name)]), "{decision}", "Decisions made without Redis");
        meter.CreateObservableCounter("edge.limiter.store.calls", () => Policies(limiter, static (name, use, _) => [Of(use.Asks, name)]), "{call}", "Round trips to Redis for leases and exact limits");
        meter.CreateObservableCounter("edge.limiter.untracked", () => Policies(limiter, static (name, use, _) => [Of(use.Untracked, name)]), "{decision}", "Decisions on clients for whom there was no room");
        meter.CreateObservableGauge("edge.limiter.clients", () => Clients(limiter), "{client}", "Clients that are told apart");
        meter.CreateObservableGauge("edge.limiter.alone", () => Policies(limiter, static (name, use, _) => [Of(EdgeMeter.Flag(use.IsAlone), name)]), unit: null, "1: Redis cannot be asked, and the instance decides by itself");
    }

    public static void Add(Meter meter, LoadGate gate)
    {
        meter.CreateObservableCounter("edge.load.work", () => Work(gate.Statistics()), "{request}", "Work that asks the database, done and shed");
        meter.CreateObservableGauge("edge.load.cap", () => gate.Statistics().Cap, "{request}", "How much may be under way");
        meter.CreateObservableGauge("edge.load.active", () => gate.Statistics().InFlight, "{request}", "How much is");
        meter.CreateObservableGauge("edge.load.waiting", () => gate.Statistics().Waiting, "{request}", "How much waits for its turn");
        meter.CreateObservableGauge("edge.load.stretch", () => gate.Statistics().Stretch, unit: null, "How many times as long as by itself work takes");
        meter.CreateObservableGauge("edge.load.threads.delay", () => gate.Statistics().ThreadsMs / 1000, "s", "How far behind the threads of this process are");
    }

    public static void Add(Meter meter, StreamLimits exports)
    {
        meter.CreateObservableGauge("edge.exports.active", () => exports.Active, "{export}", "Exports under way");
        meter.CreateObservableCounter(
            "edge.exports",
            () => (Measurement<long>[])
            [
                new(exports.Complete, new KeyValuePair<string, object?>(Outcome, "complete")), new(exports.Broken, new KeyValuePair<string, object?>(Outcome, "broken")),
                new(exports.Refused, new KeyValuePair<string, object?>(Outcome, "refused")),
            ],
            "{export}", "Exports by how they ended; refused: for want of a place (EDGE_EXPORTS_AT_ONCE)");
    }

    static IEnumerable<Measurement<long>> Policies(RateLimiter limiter, Func<string, LimiterStatistics, long, Measurement<long>[]> read)
    {
        for (var i = 0; i < LimitSettings.PolicyNames.Length; i++)
        {
            if (limiter.Statistics((LimitPolicy)i) is not var (use, shadow))
                continue;
            foreach (var measured in read(LimitSettings.PolicyNames[i], use, shadow))
                yield return measured;
        }
    }

    static IEnumerable<Measurement<long>> Clients(RateLimiter limiter)
    {
        for (var i = 0; i < LimitSettings.PolicyNames.Length; i++)
            if (limiter.Statistics((LimitPolicy)i) is not null)
                yield return Of(limiter.Tracked((LimitPolicy)i), LimitSettings.PolicyNames[i]);
    }

    static Measurement<long>[] Decisions(string name, LimiterStatistics use, long shadow) =>
        [Of(use.Allowed, name, Outcome, "allowed"), Of(use.Refused - shadow, name, Outcome, "refused"), Of(shadow, name, Outcome, "would_refuse")];

    static Measurement<long>[] Work(LoadStatistics load) => [.. Work("critical", load.Critical), .. Work("normal", load.Normal), .. Work("sheddable", load.Sheddable)];

    static Measurement<long>[] Work(string name, ClassStatistics of) =>
        [WorkOf(of.Done, name, "done"), WorkOf(of.ShedWaited, name, "shed_waited"), WorkOf(of.ShedFull, name, "shed_full"), WorkOf(of.ShedThreads, name, "shed_threads")];

    static Measurement<long> WorkOf(long value, string name, string outcome) => new(value, new(Class, name), new(Outcome, outcome));

    static Measurement<long> Of(long value, string policy) => new(value, new KeyValuePair<string, object?>(Policy, policy));

    static Measurement<long> Of(long value, string policy, string label, string word) => new(value, new(Policy, policy), new(label, word));
}
