using System.Text.Json.Serialization.Metadata;
using Edge.Core.Metrics;
using Edge.Core.Resilience;

namespace Edge.Http;

/// <summary>Who may keep an answer, and how its freshness is checked.</summary>
internal enum Caching
{
    /// <summary>Anyone may keep it, and asks with <c>If-None-Match</c> before each use.</summary>
    Revalidate,

    /// <summary>Nobody keeps it: live state.</summary>
    None,

    /// <summary>Nobody keeps it: it is for one person.</summary>
    Private,

    /// <summary>As <see cref="Private"/>, with the ETag of what may be changed under <c>If-Match</c>.</summary>
    Versioned,
}

/// <summary>
/// The declaration of one route. It is at once what requests are checked against and what /openapi.json says, so that the two
/// cannot differ.
/// </summary>
internal sealed record Operation
{
    /// <summary>Route template, as in <c>/api/products/{id}</c>.</summary>
    public required string Path { get; init; }

    /// <summary>GET (and with it HEAD) unless <see cref="RouteTable"/> says otherwise.</summary>
    public string Method { get; init; } = HttpMethods.Get;

    /// <summary>
    /// Schema source of the request's body; null: none is read. A function, like <see cref="Json"/>: what is not asked for is not set up, which
    /// took a sixth of the start (the serializer looks for attributes on each type by reflection).
    /// </summary>
    public Func<JsonTypeInfo>? Body { get; init; }

    /// <summary>Group in the documentation, the feature's name.</summary>
    public required string Tag { get; init; }

    /// <summary>One line for a list of routes.</summary>
    public required string Summary { get; init; }

    /// <summary>In canonical order. Query parameters not named here are refused.</summary>
    public Parameter[] Parameters { get; init; } = [];

    /// <summary>Problems that the handler itself may answer with, beside those of every route (400, 414, 431, 500, 503) and of its access (401, 403).</summary>
    public int[] Problems { get; init; } = [];

    /// <summary>How clients may keep an answer that <see cref="Cache"/> does not speak for.</summary>
    public Caching Caching { get; init; } = Caching.Revalidate;

    /// <summary>How its answers are cached here and by clients; null: each call runs the handler.</summary>
    public CacheRule? Cache { get; init; }

    /// <summary>An example of the request's JSON for the documentation; null: none.</summary>
    public string? BodyExample { get; init; }

    /// <summary>An example of the answer for the documentation, JSON unless <see cref="ContentType"/> says otherwise; null: none.</summary>
    public string? Example { get; init; }

    public Access Access { get; init; }

    /// <summary>What success is called: 200, 201 where something was made, 204 where there is nothing to say.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>
    /// Most round trips to Postgres that a call makes: each is time that its caller waits. A batch is one, however many statements it has; COMMIT is
    /// one. Looking up its session is not counted, which is in memory as a rule; nor is opening a connection. A test counts.
    /// </summary>
    public int RoundTrips { get; init; } = 1;

    /// <summary>What is shed first where there is more to do than can be done; <see cref="IsLocal"/> never is.</summary>
    public Criticality Criticality { get; init; } = Criticality.Normal;

    /// <summary>
    /// Its handler waits in a bounded line of its own, where it may stay for seconds: it holds no place among the work in flight, whose times
    /// tell how much of it there may be.
    /// </summary>
    public bool IsBoundedElsewhere { get; init; }

    /// <summary>Tokens that a call takes of its caller's limit: 1 for a read that is cheap or cached, more for what makes the database work. See <see cref="RateLimiter"/>.</summary>
    public int Cost { get; init; } = 1;

    /// <summary>The limit that it shares with others like it, beside that of whoever calls.</summary>
    public LimitGroup Limit { get; init; }

    /// <summary>What <see cref="LimitGroup.Usual"/> means for it.</summary>
    public LimitGroup LimitGroup => Limit != LimitGroup.Usual ? Limit
        : Access == Access.Operator ? LimitGroup.Free
        : Method == HttpMethods.Get ? LimitGroup.Reads
        : LimitGroup.Writes;

    /// <summary>Answered from this process's memory, whatever state its dependencies are in.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Type of an answer that is streamed, and so has no schema; set by <see cref="RouteTable"/>. Null: JSON.</summary>
    public string? ContentType { get; init; }

    /// <summary>What a browser calls the file of an answer that is streamed.</summary>
    public string? FileName { get; init; }

    /// <summary>Schema source and serializer of the answer to what succeeded; set by <see cref="RouteTable"/>. Null: any object.</summary>
    public Func<JsonTypeInfo>? Json { get; init; }

    /// <summary>Other status codes under which the same answer comes (readiness: 503).</summary>
    public int[] AlsoStatus { get; init; } = [];

    /// <summary>Its calls count among the requests. Not those of probes: they are many and tell nothing.</summary>
    public bool IsMeasured { get; init; } = true;

    /// <summary>How long its calls take; set by <see cref="RouteTable"/>. Null: nobody counts.</summary>
    public LatencyStatistics? Latency { get; init; }

    /// <summary>Needs a session.</summary>
    public bool IsPersonal => Access is Access.Session or Access.Author or Access.Admin;

    public bool IsPaged => Array.IndexOf(Parameters, Http.Parameters.Cursor) >= 0;
}
