using System.Buffers;
using System.Collections.ObjectModel;
using Edge.Core.Caching;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Http;

/// <summary>
/// The short way to a fresh answer: the path as it came is looked up as a key, before routing, parameters and handlers. That is right
/// because a key is the canonical spelling of its request, and a path that is not canonical has no entry and goes the long way. A path can
/// hold what stands for the query's beginning in a key only if the client escaped it; such a path goes the long way too.
/// </summary>
/// <param name="limiter">Null: nothing is limited.</param>
/// <param name="endpoints">Whose answers these are, for those who count them by route.</param>
internal sealed class CacheHits(EdgeCache cache, RateLimiter? limiter, CachedEndpoints endpoints)
{
    static readonly SearchValues<char> NotInPaths = SearchValues.Create("?#");

    /// <summary>False: the long way.</summary>
    public bool TryServe(HttpContext context, out Task sent)
    {
        sent = Task.CompletedTask;
        var request = context.Request;
        var path = request.Path.Value.AsSpan();
        if (request.QueryString.HasValue || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || path.ContainsAny(NotInPaths)
            || !cache.TryGet<Rendered>(path, out var hit) || (hit.Value.Rule.IsForAnonymous && request.Headers.Authorization.Count > 0))
            return false;
        context.SetEndpoint(endpoints.Of(hit.Value.Rule));
        context.Features.Set<IItemsFeature>(NoItems.Instance);
        Problem? reached = null;
        var pending = limiter?.Admit(context, LimitGroup.Reads, cost: 1, caller: null, out reached);
        sent = pending is null ? Send(context, hit, reached) : SendLater(context, hit, pending);
        return true;
    }

    static Task Send(HttpContext context, in CacheAnswer<Rendered> hit, Problem? reached) =>
        reached is null ? CachedAnswer.Write(context, hit, hit.Value.Rule) : ProblemWriter.Write(context, reached);

    /// <summary>
    /// The framework looks for an endpoint of before among a request's items when it measures it, and would make a dictionary for that: half a hundred bytes that nobody
    /// else asks for on this way.
    /// </summary>
    sealed class NoItems : IItemsFeature
    {
        public static readonly NoItems Instance = new();

        public IDictionary<object, object?> Items { get => ReadOnlyDictionary<object, object?>.Empty; set => throw new NotSupportedException(); }
    }

    static async Task SendLater(HttpContext context, CacheAnswer<Rendered> hit, Task<Problem?> pending) => await Send(context, hit, await pending);
}
