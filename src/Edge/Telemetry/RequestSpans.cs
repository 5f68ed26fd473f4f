using System.Diagnostics;
using Edge.Http;

namespace Edge.Telemetry;

/// <summary>
/// Says of what the framework traces (a span around each request, child of the caller's traceparent) which request it was, by the semantic conventions
/// for HTTP servers. Query and addresses of clients are left out: they may be somebody's. Only there where traces are on.
/// </summary>
internal sealed class RequestSpans(RequestDelegate next)
{
    const int MaxPathChars = 1024;

    static readonly string[] s_methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"];

    public Task Serve(HttpContext context) => Activity.Current is { IsAllDataRequested: true } span ? Serve(context, span) : next(context);

    async Task Serve(HttpContext context, Activity span)
    {
        try
        {
            await next(context);
        }
        finally
        {
            Describe(span, context);
        }
    }

    static void Describe(Activity span, HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        // Probes would be most of what is kept, and tell nothing. Only what asks nobody, not even for tokens: spans below it would be left alone.
        if (endpoint?.Metadata.GetMetadata<Operation>() is { IsMeasured: false, Limit: LimitGroup.Free })
        {
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }
        var (request, response) = (context.Request, context.Response);
        var method = HttpMethods.GetCanonicalizedValue(request.Method);
        // A name has few values: an unknown method is none.
        var isKnown = Array.IndexOf(s_methods, method) >= 0;
        var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText;
        var word = isKnown ? method : "HTTP";
        span.DisplayName = route is null ? word : $"{word} {route}";
        span.SetTag("http.request.method", isKnown ? method : "_OTHER");
        span.SetTag("url.scheme", request.Scheme);
        var path = request.Path.Value ?? "";
        span.SetTag("url.path", path.Length > MaxPathChars ? path[..MaxPathChars] : path);
        if (route is not null)
            span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", response.StatusCode);
        if (response.Headers.TryGetValue("Cache-Status", out var cached))
            span.SetTag("http.response.header.cache-status", (string[])[cached.ToString()]);
        if (response.StatusCode < StatusCodes.Status500InternalServerError && !context.RequestAborted.IsCancellationRequested)
            return;
        span.SetTag("error.type", response.StatusCode < 500 ? "aborted" : response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture));
        span.SetStatus(ActivityStatusCode.Error);
    }
}
