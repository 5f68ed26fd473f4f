using Edge.Core.Caching;
using Edge.Data;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Http;

/// <summary>What a client gets for an answer that could not be made, and what the log says of it: the same whether it was thrown or handed on as a value.</summary>
/// <param name="log">The front's, where whatever was thrown ends.</param>
internal sealed partial class FailedAnswer(OutageLog outages, ILogger<Front> log)
{
    /// <summary>What a client should wait before it asks a broken dependency again, in seconds.</summary>
    const int RetryAfterSeconds = 2;

    public Task Write(HttpContext context, Exception failure)
    {
        var problem = ProblemOf(failure);
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        if (problem == Problem.Internal)
            RequestFailed(log, failure, TraceId.Of(context), context.Request.Method, route, DatabaseFailures.QueryName(failure));
        else if (problem.Status >= 500)
            outages.Failed(Classify(failure), failure, TraceId.Of(context), context.Request.Method, route);

        if (context.Response.HasStarted)
        {
            // Part of the answer is out: a reset tells the client that it is broken, a clean end would not. Its status was 200 by then, so that
            // http.server.request.duration says otherwise that it failed.
            context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("error.type", "aborted"));
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
}
