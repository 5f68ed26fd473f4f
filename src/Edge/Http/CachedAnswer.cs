using System.Globalization;
using Edge.Core.Caching;

namespace Edge.Http;

/// <summary>How a route's answers are cached.</summary>
/// <param name="TagsOf">The tags of the answer to a call; asked on a miss only.</param>
internal sealed record CacheRule(CachePolicy Policy, Func<Call, string[]> TagsOf)
{
    /// <summary>For answers whose tags are always the same.</summary>
    public static CacheRule Tagged(CachePolicy policy, params string[] tags) => new(policy, _ => tags);

    /// <summary>Loaded before an instance is ready: the answer that the route gives without any parameter.</summary>
    public bool IsWarmed { get; init; }

    /// <summary>Whoever sends a session gets another answer, past the cache (<see cref="Access.OptionalSession"/>).</summary>
    public bool IsForAnonymous { get; init; }

    /// <summary>Answers may end before their lifetimes do (<see cref="Answer{T}.EndsAt"/>), and clients are told so.</summary>
    public bool HasEnds { get; init; }

    public CacheKind<Rendered> Kind => field ??= new(Policy, new RenderedCodec(this));

    /// <summary>The policy in the words of RFC 9111 and RFC 5861, for clients and CDNs.</summary>
    public string CacheControl { get; } = Words(Policy.DurationMs, Policy.RevalidateMs, Policy.FailSafeMs);

    /// <summary>
    /// The same of an answer that nobody may use for longer than <paramref name="keepMs"/>, stale or not. Clients count from its load, by its Age,
    /// which is told in whole seconds: hence one second less.
    /// </summary>
    public string CacheControlFor(long ageMs, long keepMs)
    {
        var freshMs = Math.Clamp(keepMs, 0, Policy.DurationMs);
        var staleMs = keepMs > Policy.DurationMs ? Math.Max(0, ageMs + keepMs - Policy.DurationMs - 1000) : 0;
        return Words(freshMs, Math.Min(Policy.RevalidateMs, staleMs), Math.Min(Policy.FailSafeMs, staleMs));
    }

    static string Words(long freshMs, long revalidateMs, long failSafeMs) => string.Create(
        CultureInfo.InvariantCulture, $"public, max-age={freshMs / 1000}, stale-while-revalidate={revalidateMs / 1000}, stale-if-error={failSafeMs / 1000}");
}

/// <summary>Sends a rendered answer from memory: prebuilt headers, stored bytes, or 304.</summary>
internal static class CachedAnswer
{
    // Ages and lifetimes in seconds that are in everyday use have their texts made once.
    const int KeptTexts = 3600;

    static readonly string?[] AgeTexts = new string?[KeptTexts];
    static readonly string?[] HitTexts = new string?[KeptTexts];

    public static Task Write(HttpContext context, in CacheAnswer<Rendered> answer, CacheRule rule)
    {
        var rendered = answer.Value;
        var response = context.Response;
        var headers = response.Headers;
        headers["Cache-Status"] = Status(answer);
        if (rendered.Problem is { } problem)
            return ProblemWriter.Write(context, problem);

        var variant = rendered.For(AcceptEncoding.Read(context.Request.Headers.AcceptEncoding));
        headers.CacheControl = rule.HasEnds ? rule.CacheControlFor(answer.AgeMs, answer.KeepMs) : rule.CacheControl;
        headers.Vary = rule.IsForAnonymous
            ? Cors.Beside(headers.Vary, "Accept-Encoding, Authorization", "Origin, Accept-Encoding, Authorization")
            : Cors.Beside(headers.Vary, "Accept-Encoding", "Origin, Accept-Encoding");
        headers.Age = Age(answer.AgeMs / 1000);
        headers.ETag = variant.ETag;
        if (rendered.Link is not null)
            headers.Link = rendered.Link;
        if (JsonAnswer.IsKnownToClient(context, variant.ETag))
            return Task.CompletedTask;

        if (variant.Encoding is not null)
            headers.ContentEncoding = variant.Encoding;
        headers.ContentType = JsonAnswer.ContentType;
        headers.ContentLength = variant.Body.Length;
        return JsonAnswer.SendBody(context, variant.Body.Span);
    }

    /// <summary>RFC 9211. The key is left out: it is nobody's business.</summary>
    static string Status(in CacheAnswer<Rendered> answer)
    {
        // Rounded up: an entry that is still fresh has at least a second.
        var ttl = answer.FreshMs >= 0 ? (answer.FreshMs + 999) / 1000 : answer.FreshMs / 1000;
        return answer.Source switch
        {
            CacheSource.Hit when ttl is >= 0 and < KeptTexts => HitTexts[ttl] ??= HitText(ttl),
            CacheSource.Hit => HitText(ttl),
            CacheSource.Stale => string.Create(CultureInfo.InvariantCulture, $"edge; hit; ttl={ttl}; detail=stale"),
            CacheSource.Shared => string.Create(CultureInfo.InvariantCulture, $"edge; hit; ttl={ttl}; detail=l2"),
            _ => string.Create(CultureInfo.InvariantCulture, $"edge; fwd=miss; stored; ttl={ttl}"),
        };
    }

    static string HitText(long ttl) => string.Create(CultureInfo.InvariantCulture, $"edge; hit; ttl={ttl}; detail=l1");

    static string Age(long seconds) => seconds is >= 0 and < KeptTexts
        ? AgeTexts[seconds] ??= seconds.ToString(CultureInfo.InvariantCulture)
        : seconds.ToString(CultureInfo.InvariantCulture);
}
