using Microsoft.Extensions.Primitives;

namespace Edge.Http;

/// <summary>
/// Lets pages of other sites read answers (Fetch standard, "CORS protocol"). On every answer, refusals and failures too, since a browser
/// hides from its page whatever comes without; so it is done first.
/// <para>
/// Credentials in the sense of that standard are cookies, of which there are none here: tokens are sent by the page itself. So
/// <c>Access-Control-Allow-Credentials</c> is never said, and <c>*</c> gives a foreign page nothing that curl would not get.
/// </para>
/// <para>
/// Caches keep public answers for all: where these depend on who asks, every answer says <c>Vary: Origin</c>, those to nobody in particular too.
/// With <c>*</c> they do not depend on it.
/// </para>
/// </summary>
/// <param name="origins">As browsers send them; or * alone. At least one.</param>
internal sealed class Cors(string[] origins)
{
    public const string Vary = "Origin";

    const string Methods = "GET, HEAD, POST, PUT, PATCH, DELETE";

    const string Sent = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-API-Key, traceparent";

    const string Shown =
        "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit, RateLimit-Policy, Retry-After, ETag, Link, Location, Cache-Status, Age, Content-Disposition, Idempotency-Replayed, Server-Timing";

    /// <summary>Two hours: browsers keep it no longer.</summary>
    const string MaxAgeSeconds = "7200";

    readonly bool _isForAll = origins is ["*"];

    /// <summary>True: it was a browser's question whether it may ask, and is answered.</summary>
    public bool Answers(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (!_isForAll)
            headers.Vary = Vary;
        var origin = context.Request.Headers.Origin;
        var isAllowed = _isForAll || (origin.Count == 1 && Array.IndexOf(origins, origin[0]) >= 0);
        if (isAllowed)
        {
            headers.AccessControlAllowOrigin = _isForAll ? "*" : origin;
            headers.AccessControlExposeHeaders = Shown;
        }
        if (origin.Count == 0 || !HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
            return false;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        if (isAllowed)
        {
            headers.AccessControlExposeHeaders = default;
            headers.AccessControlAllowMethods = Methods;
            headers.AccessControlAllowHeaders = Sent;
            headers.AccessControlMaxAge = MaxAgeSeconds;
        }
        return true;
    }

    /// <summary>What an answer varies by, beside what <see cref="Answers"/> has said.</summary>
    public static StringValues Beside(StringValues said, string own, string both) => said.Count == 0 ? own : both;
}
