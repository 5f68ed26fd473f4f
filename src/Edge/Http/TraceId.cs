using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Http;

/// <summary>
/// The id that joins an answer with its log lines: that of the trace where the request is traced, the one of the caller's W3C <c>traceparent</c> where
/// there is a valid one, else a fresh one. It is made only when something needs it (an error, a log line): a request that goes well pays nothing.
/// </summary>
internal static class TraceId
{
    const int Length = 32;

    public static string Of(HttpContext context)
    {
        // Kestrel's own identifiers are shorter, so the length tells whether ours has been set before.
        if (context.TraceIdentifier.Length == Length)
            return context.TraceIdentifier;
        return context.TraceIdentifier = context.Features.Get<IHttpActivityFeature>()?.Activity.TraceId.ToHexString() ?? FromCaller(context) ?? ActivityTraceId.CreateRandom().ToHexString();
    }

    static string? FromCaller(HttpContext context)
    {
        // The framework's parser takes anything for the dashes.
        if (context.Request.Headers.TraceParent is not [{ Length: >= 55 and <= 128 } header] || (header[2], header[35], header[52]) is not ('-', '-', '-'))
            return null;
        return ActivityContext.TryParse(header, null, out var caller) ? caller.TraceId.ToHexString() : null;
    }
}
