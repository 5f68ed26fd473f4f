using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Edge.Http;

/// <summary>
/// The route of each cached answer. Hits are answered before routing, and would count for no route otherwise. Filled while routes are mapped, only read
/// afterwards.
/// </summary>
internal sealed class CachedEndpoints
{
    // By reference: a rule is the same only if it is the same object.
    readonly Dictionary<object, Endpoint> _byRule = new(ReferenceEqualityComparer.Instance);

    /// <summary>Of two paths for one and the same, hits count for the first.</summary>
    public void Add(Operation operation, CacheRule rule) => _byRule.TryAdd(rule, new RouteEndpoint(
        static _ => Task.CompletedTask, RoutePatternFactory.Parse(operation.Path), order: 0, new(operation, new Route(operation.Path)), operation.Path));

    /// <summary>Null: of a rule that belongs to no route of this instance.</summary>
    public Endpoint? Of(CacheRule rule) => _byRule.GetValueOrDefault(rule);

    /// <summary>What the framework's metrics take for http.route.</summary>
    sealed record Route(string Pattern) : IRouteDiagnosticsMetadata
    {
        string IRouteDiagnosticsMetadata.Route => Pattern;
    }
}
