using Edge.Core.Resilience;
using Edge.Http;

namespace Edge.Performance;

/// <summary>How much is under way and what is shed: for operators.</summary>
/// <param name="gate">Null: nothing is shed.</param>
internal sealed class LoadEndpoints(LoadGate? gate)
{
    public void Map(RouteTable routes) => routes.Get(
        new()
        {
            Path = "/performance/load", Tag = "Performance", Summary = "How much this instance has under way, how much it may, and what it has shed since its start",
            Caching = Caching.None, Access = Access.Operator, IsLocal = true, Problems = [404],
        },
        static () => CacheJson.Default.LoadStatistics, Load);

    ValueTask<Answer<LoadStatistics>> Load(Call call) =>
        new(gate is null ? Problem.NotFound("load shedding on this instance (EDGE_SHED is 0)") : gate.Statistics());
}
