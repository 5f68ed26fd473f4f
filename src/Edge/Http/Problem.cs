namespace Edge.Http;

/// <summary>One field that was refused: what the client wrote wrong and what to write instead.</summary>
internal sealed record FieldError(string Field, string Text)
{
    /// <summary>Most characters of a name that the client made up.</summary>
    const int NameLimit = 64;

    /// <summary>An error of a field that the client named itself: the name is cut where it is absurd.</summary>
    public static FieldError OfClientsOwn(ReadOnlySpan<char> name, string text) =>
        new(name.Length <= NameLimit ? name.ToString() : string.Concat(name[..NameLimit], "…"), text);
}

/// <summary>
/// The client's half of an error, sent as <c>application/problem+json</c> (RFC 9457). It never holds an exception's text,
/// SQL, a host name or a stack: those go to the log, and <c>traceId</c> joins the two.
/// </summary>
internal sealed record Problem(int Status, string Kind, string Title, string Detail)
{
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>Seconds for <c>Retry-After</c>; 0: the header is not sent.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>Name of the limit that is reached; null elsewhere.</summary>
    public string? Policy { get; init; }

    /// <summary>Value of <c>WWW-Authenticate</c>, which a 401 must carry (RFC 9110 section 11.6.1); null elsewhere.</summary>
    public string? Challenge { get; init; }

    /// <summary>What it takes in memory. Kinds and titles are there anyway.</summary>
    public int SizeBytes
    {
        get
        {
            var sum = OwnBytes + Rendered.TextBytes(Detail);
            foreach (var error in Errors)
                sum += ErrorBytes + Rendered.TextBytes(error.Field) + Rendered.TextBytes(error.Text);
            return sum;
        }
    }

    const int OwnBytes = 72;

    /// <summary>The error's fields, and its place in the list.</summary>
    const int ErrorBytes = 40;

    public static Problem Invalid(params IReadOnlyList<FieldError> errors) =>
        new(400, "invalid-request", "The request is not valid", "See errors: each names the field and what to write.") { Errors = errors };

    public static Problem NotFound(string what) => new(404, "not-found", "Not found", $"There is no such {what}.");

    public static Problem NoRoute { get; } = new(404, "not-found", "Not found", "No route has this path. See /openapi.json for those there are.");

    public static Problem Unauthorized(string detail) => new(401, "unauthorized", "Not signed in", detail) { Challenge = "Bearer" };

    public static Problem Forbidden(string detail) => new(403, "forbidden", "Not allowed", detail);

    /// <summary>What is asked for contradicts what there is.</summary>
    public static Problem Conflict(string detail) => new(409, "conflict", "Conflict", detail);

    public static Problem KeyReused { get; } = new(
        422, "idempotency-key-reused", "Idempotency-Key used before", "Something else was asked for with this Idempotency-Key. Use a new key for each order, and the same only to ask again.");

    public static Problem PreconditionFailed { get; } = new(
        412, "precondition-failed", "Changed meanwhile", "If-Match does not name the current ETag: somebody has changed it since. Read it again, and send your change with the new ETag.");

    public static Problem MethodNotAllowed { get; } =
        new(405, "method-not-allowed", "Method not allowed", "This path does not take that method. The Allow header lists those it takes.");

    public static Problem HeaderTooLarge(string header, int limit) =>
        OversizedHead("A header is too long.") with { Errors = [FieldError.OfClientsOwn(header, $"at most {limit} characters")] };

    public static Problem HeadersTooLarge(string largest, int limit) =>
        OversizedHead($"The headers together are longer than {limit} characters.") with
        {
            Errors = [FieldError.OfClientsOwn(largest, "is the largest of them")],
        };

    public static Problem TooManyHeaders(int limit) => OversizedHead($"There are more than {limit} headers.");

    static Problem OversizedHead(string detail) => new(431, "header-too-large", "Request header too large", detail);

    public static Problem TargetTooLong(int limit) =>
        new(414, "target-too-long", "Request target too long", $"Path and query together are longer than {limit} characters.");

    public static Problem QueryTooLong(int limit) =>
        new(414, "query-too-long", "Query too long", $"The query string is longer than {limit} characters.");

    /// <param name="policy">Its name in the headers <c>RateLimit</c> and <c>RateLimit-Policy</c>.</param>
    public static Problem LimitReached(string policy, int retryAfterSeconds) =>
        new(429, "limit-reached", "Too many requests", $"The limit \"{policy}\" is reached. Wait as long as Retry-After says.") { RetryAfterSeconds = retryAfterSeconds, Policy = policy };

    /// <summary>For a dependency that cannot answer now: worth a retry, and not the client's fault.</summary>
    public static Problem Unavailable(string detail, int retryAfterSeconds) =>
        new(503, "unavailable", "Temporarily unavailable", detail) { RetryAfterSeconds = retryAfterSeconds };

    /// <summary>This instance has more to do than it can: see <see cref="Shedding"/>.</summary>
    public static Problem Overloaded(int retryAfterSeconds) =>
        new(503, "overloaded", "Overloaded", "There is more to do here than can be done. Come back when Retry-After says.") { RetryAfterSeconds = retryAfterSeconds };

    public static Problem NoDatabase { get; } = Unavailable("This instance has no database, so it cannot answer this.", retryAfterSeconds: 30);

    public static Problem Internal { get; } =
        new(500, "internal", "Internal error", "Something went wrong on our side. Quote the traceId when you report it.");

    /// <summary>A status that the framework chose (a bad request line, a body that could not be read).</summary>
    public static Problem OfStatus(int status) => status switch
    {
        401 => Unauthorized("Sign in first."),
        403 => Forbidden("This is not yours to do."),
        404 => NoRoute,
        405 => MethodNotAllowed,
        409 => Conflict("It contradicts what there is."),
        412 => PreconditionFailed,
        408 => new(408, "request-timeout", "Request timeout", "The request did not arrive in time."),
        413 => new(413, "body-too-large", "Body too large", "The request's body is larger than this route takes."),
        414 => TargetTooLong(RequestLimits.TargetLimit),
        415 => new(415, "unsupported-media-type", "Unsupported media type", "Send the body as application/json."),
        422 => KeyReused,
        429 => LimitReached("public", retryAfterSeconds: 1),
        431 => OversizedHead("The headers are too large."),
        503 => Unavailable("Try again in a moment.", retryAfterSeconds: 2),
        < 500 => new(status, "bad-request", "Bad request", "The request could not be understood."),
        _ => Internal with { Status = status },
    };
}
