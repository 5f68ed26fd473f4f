using System.Text.Json.Serialization.Metadata;
using Edge.Core.Caching;

namespace Edge.Http;

/// <summary>
/// Where features put their routes. Each is declared by an <see cref="Operation"/> and answered by a named handler; nothing about a
/// route is found by reflection.
/// </summary>
/// <param name="Cache">Null: nothing is cached, every call runs its handler.</param>
/// <param name="Operations">Gathers what is declared, for the documentation.</param>
internal sealed record RouteTable(IEndpointRouteBuilder Endpoints, List<Operation> Operations, CursorCodec Cursors, AdminGate Admins, EdgeCache? Cache = null)
{
    /// <summary>What is loaded before an instance is ready, by path.</summary>
    public List<KeyValuePair<string, Func<CancellationToken, Task<bool>>>> Warmed { get; init; } = [];

    static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>What every valid request gets in place of its handler's answer; null: the handlers answer.</summary>
    public Problem? Refusal { get; init; }

    /// <summary>A read: GET, and HEAD with the same headers and no body.</summary>
    /// <param name="shows">
    /// Where it is cached, the tags of what it will show, beside its rule's: see <see cref="CachedRoute{T}"/>. Its handler says what it did show
    /// (<see cref="Answer{T}.Shown"/>).
    /// </param>
    public void Get<T>(Operation operation, JsonTypeInfo<T> json, Func<Call, ValueTask<Answer<T>>> handler, Func<Call, ValueTask<string[]>>? shows = null)
    {
        operation = operation with { Json = json };
        Operations.Add(operation);
        if (Cache is null || Refusal is not null || operation.Cache is not { } rule)
        {
            Map(operation, context => Serve(context, operation, json, handler));
            return;
        }
        var cached = new CachedRoute<T>(operation, rule, json, handler, shows, Cache, Cursors);
        if (rule.IsWarmed)
            Warmed.Add(new(operation.Path, cached.Warm));
        Map(operation, cached.Serve);
    }

    /// <summary>An action with a JSON body.</summary>
    public void Post<TBody, T>(Operation operation, JsonTypeInfo<TBody> body, JsonTypeInfo<T> json, Func<Call, TBody, ValueTask<Answer<T>>> handler)
        where TBody : class
    {
        operation = operation with { Method = HttpMethods.Post, Body = body, Json = json, Caching = Caching.None };
        Operations.Add(operation);
        Map(operation, context => Serve(context, operation, json, async call =>
        {
            var read = await JsonBody.Read(context, body);
            return read.Problem is { } problem ? problem : await handler(call, read.Value!);
        }));
    }

    /// <summary>A read of JSON that needs no rendering.</summary>
    public void Get(Operation operation, Func<byte[]> body)
    {
        Operations.Add(operation);
        Map(operation, context => Call.TryRead(context, operation, Cursors, out _, out var problem)
            ? JsonAnswer.Send(context, body(), operation.Caching, StatusCodes.Status200OK)
            : ProblemWriter.Write(context, problem));
    }

    void Map(Operation operation, RequestDelegate serve)
    {
        // Routing takes any case and a slash at the end. One resource has one address here, or caches would keep it under several.
        var path = new ExactPath(operation.Path);
        RequestDelegate exactly = context => path.Matches(context.Request.Path.Value) ? serve(context) : ProblemWriter.Write(context, Problem.NoRoute);
        Endpoints.MapMethods(operation.Path, operation.Method == HttpMethods.Get ? Reads : [operation.Method], exactly).WithMetadata(operation);
    }

    Task Serve<T>(HttpContext context, Operation operation, JsonTypeInfo<T> json, Func<Call, ValueTask<Answer<T>>> handler)
    {
        if (operation.IsAdmin && Admins.Refusal(context.Request) is { } refusal)
            return ProblemWriter.Write(context, refusal);
        if (!Call.TryRead(context, operation, Cursors, out var call, out var problem))
            return ProblemWriter.Write(context, problem);
        return Refusal is null ? Run(context, call, operation, json, handler) : ProblemWriter.Write(context, Refusal);
    }

    static async Task Run<T>(HttpContext context, Call call, Operation operation, JsonTypeInfo<T> json, Func<Call, ValueTask<Answer<T>>> handler)
    {
        var answer = await handler(call);
        if (answer.Problem is { } problem)
        {
            await ProblemWriter.Write(context, problem);
            return;
        }
        if (answer.Value is IPage { NextCursor: { } next })
            context.Response.Headers.Link = $"<{call.NextLink(next)}>; rel=\"next\"";
        await JsonAnswer.Write(context, answer.Value!, json, operation.Caching, answer.Status);
    }
}
