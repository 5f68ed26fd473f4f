using Edge.Data.Changes;

namespace Edge.Http;

/// <summary>
/// What a handler returns: a value, or the problem that stands in its place. The type is the route's contract; how it is rendered,
/// tagged and sent is not the handler's business.
/// </summary>
internal readonly struct Answer<T>
{
    public Answer()
    {
    }

    Answer(T? value, Problem? problem) => (Value, Problem) = (value, problem);

    /// <summary>Null where <see cref="Problem"/> or <see cref="Rendered"/> is not.</summary>
    public T? Value { get; }

    /// <summary>The value's JSON, of which the handler needed or kept the very bytes.</summary>
    public byte[]? Rendered { get; init; }

    /// <summary>This is what an earlier call with the same <c>Idempotency-Key</c> was answered.</summary>
    public bool IsReplayed { get; init; }

    public Problem? Problem { get; }

    /// <summary>200 unless said otherwise; of a problem, see there.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Where what was made can be read, as <c>/api/orders/42</c>; null: nothing was.</summary>
    public string? Location { get; init; }

    /// <summary>
    /// What the handler has committed: public answers that show it are invalid everywhere before the client hears of it. (The database tells it
    /// too, a moment later; and alone, where this process dies in between.)
    /// </summary>
    public IReadOnlyList<RowChange> Changes { get; init; } = [];

    /// <summary>
    /// Of a cached route that says beforehand what it will show (<see cref="RouteTable.Get{T}"/>): what it does show. If that differs, the
    /// answer is for its callers only.
    /// </summary>
    public string[]? Shown { get; init; }

    /// <summary>
    /// When it stops being true by itself, UTC: what is cached of it is used until then, whatever the route's lifetimes say. Of a route whose
    /// <see cref="CacheRule.HasEnds"/> says so. Null: it may stay true.
    /// </summary>
    public DateTime? EndsAt { get; init; }

    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Problem problem) => new(default, problem);
}

/// <summary>The value where there is nothing to say: 204.</summary>
internal sealed class NoContent
{
    public static NoContent Value { get; } = new();
}
