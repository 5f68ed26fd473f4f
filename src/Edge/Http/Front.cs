using System.Diagnostics;

namespace Edge.Http;

/// <summary>
/// The first and last thing that a request meets: headers that every answer has, and a problem for everything that went wrong
/// further in. One middleware instead of several, since each costs a state machine per request.
/// </summary>
/// <param name="hits">Null: nothing is cached.</param>
/// <param name="cors">Null: pages of other sites may not read our answers.</param>
internal sealed partial class Front(RequestDelegate next, CacheHits? hits, Cors? cors, Readiness readiness, OutageLog outages, FailedAnswer failed, ILogger<Front> log)
{
    public async Task Serve(HttpContext context)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var headers = context.Response.Headers;
        headers[HeaderLines.Carrier] = HeaderLines.Security;
        if (readiness.IsDraining)
            headers.Connection = "close"; // so that clients with a kept connection move to another instance before this one goes
        if (cors is not null && cors.Answers(context))
            return;

        var isBrokenOff = false;
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
            isBrokenOff = context.Response.HasStarted;
            await failed.Write(context, failure);
        }
        finally
        {
            if (OperationOf(context) is { Latency: { } latency })
                latency.Record(
                    Stopwatch.GetElapsedTime(startedAt).Ticks * TimeSpan.NanosecondsPerTick,
                    isBrokenOff || context.Response.StatusCode >= StatusCodes.Status500InternalServerError);
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

    [LoggerMessage(2, LogLevel.Warning, "{Method} {Route} ended without an answer while draining (trace {TraceId})", EventName = "CutOff")]
    static partial void CutOff(ILogger log, string traceId, string method, string? route);
}
