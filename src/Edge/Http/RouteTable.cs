using System.Text.Json.Serialization.Metadata;
using Edge.Core.Caching;
using Edge.Core.Metrics;
using Edge.Core.Resilience;
using Edge.Data.Changes;

namespace Edge.Http;

/// <summary>
/// Where features put their routes. Each is declared by an <see cref="Operation"/> and answered by a named handler; nothing about a
/// route is found by reflection.
/// <para>
/// A call, as numbered in the code: (1) who calls, whether it is within their limits, and whether they may; (2) its parameters, all mistakes at once; (3) its body; (4) the
/// handler, when it is its turn (<see cref="Shedding"/>); (5) what it changed is made invalid in every cache; (6) the answer. Cached reads stop between (2) and (4) (<see cref="CachedRoute{T}"/>).
/// </para>
/// </summary>
/// <param name="Cache">Null: nothing is cached, every call runs its handler.</param>
/// <param name="Operations">Gathers what is declared, for the documentation.</param>
/// <param name="Sessions">Null: nobody is signed in here.</param>
internal sealed record RouteTable(
    IEndpointRouteBuilder Endpoints, List<Operation> Operations, CursorCodec Cursors, AdminGate Admins, ISessions? Sessions = null, EdgeCache? Cache = null)
{
    /// <summary>What is loaded before an instance is ready, by path.</summary>
    public List<KeyValuePair<string, Func<CancellationToken, Task<bool>>>> Warmed { get; init; } = [];

    /// <summary>Null: nothing is limited.</summary>
    public RateLimiter? Limiter { get; init; }

    /// <summary>Tells how long is left of answers that end.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>What every valid request gets in place of its handler's answer; null: the handlers answer.</summary>
    public Problem? Refusal { get; init; }

    /// <summary>Null: nobody counts how long calls take.</summary>
    public Latencies? Latencies { get; init; }

    /// <summary>Learns whose the answers in the cache are.</summary>
    public CachedEndpoints Cached { get; init; } = new();

    /// <summary>Null: nothing is shed.</summary>
    public Shedding? Shedding { get; init; }

    /// <summary>Answers where the load of a cached answer failed; null: nothing is cached.</summary>
    public FailedAnswer? Failed { get; init; }

    /// <summary>The tags that a change makes invalid.</summary>
    public Func<RowChange, string[]> TagsOf { get; init; } = static _ => [];

    /// <summary>A read: GET, and HEAD with the same headers and no body.</summary>
    /// <param name="shows">
    /// Where it is cached, the tags of what it will show, beside its rule's: see <see cref="CachedRoute{T}"/>. Its handler says what it did show
    /// (<see cref="Answer{T}.Shown"/>).
    /// </param>
    public void Get<T>(Operation operation, Func<JsonTypeInfo<T>> json, Func<Call, ValueTask<Answer<T>>> handler, Func<Call, ValueTask<string[]>>? shows = null)
    {
        operation = Declare(operation with { Json = json });
        if (Cache is null || Refusal is not null || operation.Cache is not { } rule)
        {
            Map(operation, json, handler);
            return;
        }
        var work = WorkOf(operation);
        Cached.Add(operation, rule);
        var cached = new CachedRoute<T>(operation, rule, json, handler, shows, Cache, Cursors, Clock, Failed!, Shedding, work);
        if (rule.IsWarmed)
            Warmed.Add(new(operation.Path, cached.Warm));
        var personal = Runs(operation, json, handler, work);
        var open = Limited(operation, cached.Serve);
        Map(operation, operation.Access == Access.Anyone ? cached.Serve : context => context.Request.Headers.Authorization.Count == 0 ? open(context) : personal(context));
    }

    /// <summary>A read of JSON that was rendered once.</summary>
    public void Get(Operation operation, Func<Rendered> body)
    {
        operation = Declare(operation);
        Map(operation, context => Call.TryRead(context, operation, Cursors, caller: null, out _, out var problem)
            ? JsonAnswer.Send(context, body())
            : ProblemWriter.Write(context, problem));
    }

    /// <summary>A read of rows that are sent while they come, as a file: without length or tag, and kept by nobody. See <see cref="StreamedAnswer"/>.</summary>
    /// <param name="rows">The token ends with the client's interest, and with the deadline.</param>
    public void Stream<T>(Operation operation, RowFormat<T> format, StreamLimits limits, Func<Call, CancellationToken, IAsyncEnumerable<T>> rows)
    {
        operation = Declare(operation with
        {
            ContentType = format.ContentType, Caching = Caching.Private, Criticality = Criticality.Sheddable, IsBoundedElsewhere = true,
        });
        Map(
            operation,
            context => Serve(context, operation, (served, call) => StreamedAnswer.Write(served, operation.FileName!, format, limits, cancelled => rows(call, cancelled))),
            WorkOf(operation));
    }

    /// <summary>An action with a JSON body, by the operation's method.</summary>
    public void Write<TBody, T>(Operation operation, Func<JsonTypeInfo<TBody>> body, Func<JsonTypeInfo<T>> json, Func<Call, TBody, ValueTask<Answer<T>>> handler)
        where TBody : class
    {
        operation = Declare(operation with { Body = body, Json = json, Caching = Caching.None });
        Map(operation, json, call => handler(call, (TBody)call.Body!), async (call, request) =>
        {
            // (3)
            var read = await JsonBody.Read(request, body());
            call.Body = read.Value;
            return read.Problem;
        });
    }

    /// <summary>An action without a body.</summary>
    public void Write<T>(Operation operation, Func<JsonTypeInfo<T>> json, Func<Call, ValueTask<Answer<T>>> handler)
    {
        operation = Declare(operation with { Json = json, Caching = Caching.None });
        Map(operation, json, handler);
    }

    /// <summary>An action that has neither a body nor anything to say: 204.</summary>
    public void Write(Operation operation, Func<Call, ValueTask<Answer<NoContent>>> handler)
    {
        operation = Declare(operation with { Status = StatusCodes.Status204NoContent, Caching = Caching.None });
        Map(operation, json: null, handler);
    }

    Operation Declare(Operation operation)
    {
        // Nothing personal under a public key: what is cached is public, or has a public half that only those without a session get.
        if (operation.Cache is { } rule && (operation.Access is not (Access.Anyone or Access.OptionalSession) || rule.IsForAnonymous != (operation.Access == Access.OptionalSession)))
            throw new InvalidOperationException($"{operation.Path} is for {operation.Access} and has the cache rule {rule.Policy.Name}, which is not.");
        // A hit is answered before anybody knows which route it is of (CacheHits), and takes 1.
        if (operation is { Cache: not null, Cost: > 1 } && !Array.Exists(operation.Parameters, static parameter => parameter is { Required: true, Place: ParameterPlace.Query }))
            throw new InvalidOperationException($"{operation.Path} can be answered by its path alone from the cache, and so costs 1.");
        if (operation.Access is not (Access.Anyone or Access.OptionalSession or Access.Operator) && operation.Caching == Caching.Revalidate)
            operation = operation with { Caching = Caching.Private };
        if (operation.IsMeasured)
            operation = operation with { Latency = Latencies?.OfRoute($"{operation.Method} {operation.Path}") };
        Operations.Add(operation);
        return operation;
    }

    void Map<T>(
        Operation operation, Func<JsonTypeInfo<T>>? json, Func<Call, ValueTask<Answer<T>>> handler, Func<Call, HttpContext, ValueTask<Problem?>>? readBody = null)
    {
        var work = WorkOf(operation);
        Map(operation, Runs(operation, json, handler, operation.IsBoundedElsewhere ? null : work, readBody), work);
    }

    WorkKind? WorkOf(Operation operation) => operation.IsLocal ? null : Shedding?.KindOf(operation);

    /// <param name="work">What is looked at before it is served; null: nothing, as where the cache may have an answer.</param>
    void Map(Operation operation, RequestDelegate serve, WorkKind? work = null)
    {
        // Routing takes any case and a slash at the end. One resource has one address here, or caches would keep it under several.
        if (operation.Access == Access.Anyone)
            serve = Limited(operation, serve);
        var path = new ExactPath(operation.Path);
        RequestDelegate exactly = context =>
            !path.Matches(context.Request.Path.Value) ? ProblemWriter.Write(context, Problem.NoRoute)
            : work is not null && !Shedding!.Gate.Admits(work) ? ProblemWriter.Write(context, Shedding.Refusal())
            : serve(context);
        var endpoint = Endpoints.MapMethods(operation.Path, operation.Method == HttpMethods.Get ? Reads : [operation.Method], exactly).WithMetadata(operation);
        if (!operation.IsMeasured)
            endpoint.DisableHttpMetrics();
    }

    /// <summary>For those whose limit does not depend on a session; <see cref="ServeCaller"/> is for the others.</summary>
    RequestDelegate Limited(Operation operation, RequestDelegate serve)
    {
        if (Limiter is not { } limiter || operation.LimitGroup == LimitGroup.Free)
            return serve;
        return context =>
        {
            var pending = limiter.Admit(context, operation.LimitGroup, operation.Cost, caller: null, out var reached);
            return pending is not null ? ServeLater(context, pending, serve)
                : reached is not null ? ProblemWriter.Write(context, reached)
                : serve(context);
        };

        static async Task ServeLater(HttpContext context, Task<Problem?> pending, RequestDelegate serve) =>
            await (await pending is { } reached ? ProblemWriter.Write(context, reached) : serve(context));
    }

    /// <param name="work">Null: its handler takes no permit.</param>
    RequestDelegate Runs<T>(
        Operation operation, Func<JsonTypeInfo<T>>? json, Func<Call, ValueTask<Answer<T>>> handler, WorkKind? work, Func<Call, HttpContext, ValueTask<Problem?>>? readBody = null)
    {
        Func<HttpContext, Call, Task> run = (context, call) => Run(context, call, operation, json, handler, work, readBody);
        return context => Serve(context, operation, run);
    }

    Task Serve(HttpContext context, Operation operation, Func<HttpContext, Call, Task> run)
    {
        // (1)
        if (operation.Access == Access.Operator && Admins.Refusal(context.Request) is { } refusal)
            return ProblemWriter.Write(context, refusal);
        return operation.Access is Access.Anyone or Access.Operator ? Serve(context, operation, caller: null, run) : ServeCaller(context, operation, run);
    }

    async Task ServeCaller(HttpContext context, Operation operation, Func<HttpContext, Call, Task> run)
    {
        Caller? caller = null;
        Problem? refusal = null;
        // Nobody can be known where sessions are not kept: that is the instance's trouble, not the caller's.
        if (Refusal is null)
        {
            var isSent = BearerToken.TryRead(context.Request, out var token);
            if (isSent && Sessions is not null && !Sessions.TryFind(token!, out caller))
            {
                var lookup = Limiter is null ? RateLimiter.PaidLookup.Free : await Limiter.PayForLookup(context);
                if (lookup.Refusal is { } reached)
                {
                    await ProblemWriter.Write(context, reached);
                    return;
                }
                try
                {
                    caller = await Sessions.Find(token!, context.RequestAborted);
                }
                finally
                {
                    lookup.GiveBack();
                }
            }
            refusal = isSent && caller is null
                ? Problem.Unauthorized("There is no such session, or it has ended. Sign in again.")
                : RefusalOf(operation.Access, caller);
        }
        // Whoever is refused pays too: tokens could be guessed for nothing otherwise.
        if (Limiter is not null)
            refusal = await Reached(Limiter, context, operation, caller) ?? refusal;
        await (refusal is not null ? ProblemWriter.Write(context, refusal) : Serve(context, operation, caller, run));
    }

    static ValueTask<Problem?> Reached(RateLimiter limiter, HttpContext context, Operation operation, Caller? caller)
    {
        var pending = limiter.Admit(context, operation.LimitGroup, operation.Cost, caller, out var reached);
        return pending is null ? new(reached) : new(pending);
    }

    static Problem? RefusalOf(Access access, Caller? caller) => (access, caller) switch
    {
        (Access.OptionalSession, _) => null,
        (_, null) => Problem.Unauthorized("Send the token of POST /auth/login as Authorization: Bearer …."),
        (Access.Author, { Role: < Role.Author }) => Problem.Forbidden("Only authors and admins may do this."),
        (Access.Admin, { Role: < Role.Admin }) => Problem.Forbidden("Only admins may do this."),
        _ => null,
    };

    Task Serve(HttpContext context, Operation operation, Caller? caller, Func<HttpContext, Call, Task> run)
    {
        // (2)
        if (!Call.TryRead(context, operation, Cursors, caller, out var call, out var problem))
            return ProblemWriter.Write(context, problem);
        return Refusal is null ? run(context, call) : ProblemWriter.Write(context, Refusal);
    }

    async Task Run<T>(
        HttpContext context, Call call, Operation operation, Func<JsonTypeInfo<T>>? json, Func<Call, ValueTask<Answer<T>>> handler, WorkKind? work,
        Func<Call, HttpContext, ValueTask<Problem?>>? readBody)
    {
        if (readBody is not null && await readBody(call, context) is { } unreadable)
        {
            await ProblemWriter.Write(context, unreadable);
            return;
        }
        // (4)
        if (work is not null && !await Shedding!.Gate.Enter(work, call.Cancelled))
        {
            await ProblemWriter.Write(context, Shedding.Refusal());
            return;
        }
        var sinceNs = work is null ? 0 : Shedding!.Gate.NowNs;
        Answer<T> answer;
        var isDone = false;
        try
        {
            answer = await handler(call);
            isDone = true;
        }
        finally
        {
            if (work is not null)
                Shedding!.Gate.Leave(work, sinceNs, isDone);
        }
        // (5)
        if (Cache is not null && answer.Changes.Count > 0)
            await Cache.InvalidateTags([.. answer.Changes.SelectMany(TagsOf).Distinct(StringComparer.Ordinal)]);
        // (6)
        if (answer.Problem is { } problem)
        {
            await ProblemWriter.Write(context, problem);
            return;
        }
        if (answer.Value is IPage { NextCursor: { } next })
            context.Response.Headers.Link = $"<{call.NextLink(next)}>; rel=\"next\"";
        if (answer.Location is not null)
            context.Response.Headers.Location = answer.Location;
        if (answer.IsReplayed)
            context.Response.Headers["Idempotency-Replayed"] = "true";
        var caching = call.Caller is not null && operation.Caching == Caching.Revalidate ? Caching.Versioned : operation.Caching;
        var status = answer.Status == StatusCodes.Status200OK ? operation.Status : answer.Status;
        await (answer.Rendered is not null ? JsonAnswer.Send(context, answer.Rendered, caching, status) : JsonAnswer.Write(context, answer.Value!, json?.Invoke(), caching, status));
    }
}
