using Edge.Core.Basics;
using Edge.Core.Resilience;

namespace Edge.Http;

/// <summary>
/// What is refused when there is more to do than can be done. <see cref="LoadGate"/> decides; here is where a request meets it.
/// <list type="number">
/// <item>A look before anything has been spent on it, the session included (<see cref="RouteTable"/>): whether its class is let in at all.</item>
/// <item>A permit for the handler, or for the load of a cached answer. Reading a body and sending an answer take as long as the client likes, and hold
/// none.</item>
/// </list>
/// Cached answers are not refused as long as there is one, fresh or stale: they meet the gate where they would be loaded. Health and what else
/// is answered from memory never does (<see cref="Operation.IsLocal"/>). Logins and registrations wait in the bounded lane of the hashes, exports for one of
/// their places (<see cref="StreamLimits"/>): these hold no permit (<see cref="Operation.IsBoundedElsewhere"/>), but an export is looked at.
/// <para>
/// Connections are not bounded (Kestrel's MaxConcurrentConnections): one more would be closed without an answer, the balancer's health check too. An
/// idle one costs some kilobytes, and their number is the limit of open files.
/// </para>
/// </summary>
internal sealed class Shedding(LoadGate gate)
{
    /// <summary>Clients that were refused together come back over so many seconds.</summary>
    const int RetrySpreadSeconds = 4;

    long _refused;

    public LoadGate Gate => gate;

    public Problem Refusal() => Problem.Overloaded(1 + (int)(RandomSource.Mix((ulong)Interlocked.Increment(ref _refused)) % RetrySpreadSeconds));

    public WorkKind KindOf(Operation operation) => gate.KindOf(operation.Criticality);
}
