using System.Diagnostics;
using Edge.Core.Caching;
using Edge.Data;

namespace Edge.Http;

/// <summary>
/// The first and last thing that a request meets: headers that every answer has, and a problem for everything that went wrong
/// further in. One middleware instead of several, since each costs a state machine per request.
/// </summary>
/// <param name="hits">Null: nothing is cached.</param>
/// <param name="cors">Null: pages of other sites may not read our answers.</param>
internal sealed partial class Front(RequestDelegate next, CacheHits? hits, Cors? cors, Readiness readiness, OutageLog outages, ILogger<Front> log)
{
    /// <summary>What a client should wait before it asks a broken dependency again, in seconds.</summary>
    const int RetryAfterSeconds = 2;

    public async Task Serve(HttpContext context)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var headers = context.Response.Headers;
        headers[HeaderLines.Carrier] = HeaderLines.Security;
        if (readiness.IsDraining)
            headers.Connection = "close"; // so that clients with a kept connection move to another instance before this one goes
        if (cors is not null && cors.Answers(context))
            return;

        try
        {
            if (RequestLimits.Refusal(context) is { } refusal)
            {
                await ProblemWriter.Write(context, refusal);
                return;
            }
            if (hits is not null && hits.TryServe(context, out var sent))
            {
                await sent;
                return;
            }
            await next(context);
            await FillIn(context);
            if (outages.IsOpen && AsksDatabase(context) && context.Response.StatusCode < 400)
                outages.Answered();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: nobody is left to answer, and nothing is wrong. Or the end of the shutdown has cut it off.
            if (readiness.IsDraining)
                CutOff(log, TraceId.Of(context), context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText);
        }
        catch (Exception failure)
        {
            await Fail(context, failure);
        }
        finally
        {
            if (OperationOf(context) is { Latency: { } latency })
                latency.Record(Stopwatch.GetElapsedTime(startedAt).Ticks * TimeSpan.NanosecondsPerTick, context.Response.StatusCode >= StatusCodes.Status500InternalServerError);
        }
    }

    /// <summary>A status without a body (no route, wrong method) comes from the framework: it gets the body that every error has.</summary>
    static Task FillIn(HttpContext context)
    {
        var response = context.Response;
        return response.StatusCode >= 400 && !response.HasStarted && response.ContentLength is null && response.ContentType is null
            ? ProblemWriter.Write(context, Problem.OfStatus(response.StatusCode))
            : Task.CompletedTask;
    }

    /// <summary>It may still have been answered from the cache: <see cref="OutageLog"/> waits for more than one answer.</summary>
    static bool AsksDatabase(HttpContext context) => OperationOf(context) is { IsLocal: false };

    static Operation? OperationOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Operation>();

    Task Fail(HttpContext context, Exception failure)
    {
        var problem = ProblemOf(failure);
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        if (problem == Problem.Internal)
            RequestFailed(log, failure, TraceId.Of(context), context.Request.Method, route, DatabaseFailures.QueryName(failure));
        else if (problem.Status >= 500)
            outages.Failed(Classify(failure), failure, TraceId.Of(context), context.Request.Method, route);

        if (context.Response.HasStarted)
        {
            // Part of the answer is out: a reset tells the client that it is broken, a clean end would not.
            context.Abort();
            return Task.CompletedTask;
        }
        ClearAnswer(context.Response);
        return ProblemWriter.Write(context, problem);
    }

    internal static Problem ProblemOf(Exception failure) => failure switch
    {
        BadHttpRequestException bad => Problem.OfStatus(bad.StatusCode),
        _ when DatabaseFailures.IsOwnerGone(failure) => Problem.Unauthorized("The account of this session is gone."),
        _ => Classify(failure) switch
        {
            DatabaseFailure.Unavailable => Problem.Unavailable("The database cannot be reached at the moment.", RetryAfterSeconds),
            DatabaseFailure.PoolExhausted => Problem.Unavailable("All connections to the database are busy.", RetryAfterSeconds),
            DatabaseFailure.Schema => Problem.Unavailable("The database is not ready for this version yet.", RetryAfterSeconds),
            DatabaseFailure.Timeout => Problem.Unavailable("The database took too long.", RetryAfterSeconds),
            DatabaseFailure.ForeignKey => Problem.Conflict("Something that this refers to was removed at the same moment."),
            DatabaseFailure.Serialization => Problem.Unavailable("Too many changes at once.", RetryAfterSeconds),
            _ => Problem.Internal,
        },
    };

    /// <summary>What the cache loads and what is streamed comes from the database: if it does not end, that is what it waits for.</summary>
    static DatabaseFailure Classify(Exception failure) =>
        failure is LoadTimeoutException or StreamTimeoutException ? DatabaseFailure.Timeout : DatabaseFailures.Classify(failure);

    /// <summary>What a handler had set before it failed must not stand beside a problem; what the front set must.</summary>
    static void ClearAnswer(HttpResponse response)
    {
        response.Headers.ETag = default;
        response.Headers.Link = default;
        response.Headers.Location = default;
        response.Headers.CacheControl = default;
        response.ContentLength = null;
    }

    [LoggerMessage(1, LogLevel.Error, "{Method} {Route} failed (trace {TraceId}, query {Query})", EventName = "RequestFailed")]
    static partial void RequestFailed(ILogger log, Exception failure, string traceId, string method, string? route, string? query);

    [LoggerMessage(2, LogLevel.Warning, "{Method} {Route} ended without an answer while draining (trace {TraceId})", EventName = "CutOff")]
    static partial void CutOff(ILogger log, string traceId, string method, string? route);
}
