using System.Text.Json.Serialization.Metadata;
using Edge.Core.Caching;
using Edge.Core.Resilience;

namespace Edge.Http;

/// <summary>
/// A route whose answers are kept rendered. What <see cref="CacheHits"/> did not answer comes here: requests with a query, spelled in another
/// way, or not in memory.
/// <para>
/// <b>Tags that the request does not tell</b>, as those of the products that a list happens to show. The generations of an answer's tags are noted
/// before it is loaded, or an invalidation could be overtaken; so these tags must be known before. They come from what decides them (which
/// products), cached by itself: <c>shows</c> has it and tells the tags, then they are noted, then the handler asks for it again and
/// loads. What it gets is no older than any invalidation before the noting, and mostly the same; where it is not, the answer shows something whose
/// generation nobody has noted, and goes to those who wait for it and no further.
/// </para>
/// <para>
/// <b>Its turn.</b> A load takes a permit, not those who wait for it: one slow key that a thousand ask for is one load. Where it is refused they get the stale
/// answer if there is one.
/// </para>
/// </summary>
/// <param name="shows">Null: the rule knows all tags.</param>
/// <param name="failed">Answers where a load failed. Its failure is handed on as a value: in an outage that is every request, and a throw costs more than all else about it.</param>
internal sealed class CachedRoute<T>(
    Operation operation, CacheRule rule, Func<JsonTypeInfo<T>> json, Func<Call, ValueTask<Answer<T>>> handler, Func<Call, ValueTask<string[]>>? shows, EdgeCache cache,
    CursorCodec cursors, TimeProvider clock, FailedAnswer failed, Shedding? shedding = null, WorkKind? work = null)
{
    public Task Serve(HttpContext context)
    {
        return Call.TryRead(context, operation, cursors, caller: null, out var call, out var problem)
            ? Answer(context, call)
            : ProblemWriter.Write(context, problem);
    }

    /// <summary>Has the answer without any parameter in the cache. False: it could not be loaded.</summary>
    public async Task<bool> Warm(CancellationToken cancelled) =>
        (await GetOrLoad(Call.WithoutParameters(operation, cursors, cancelled))).Failure is null;

    async Task Answer(HttpContext context, Call call)
    {
        var answer = await GetOrLoad(call);
        await (answer.Failure is { SourceException: var failure } ? WriteFailed(context, failure) : CachedAnswer.Write(context, answer, rule));
    }

    Task WriteFailed(HttpContext context, Exception failure) =>
        failure is OverloadedException ? ProblemWriter.Write(context, shedding!.Refusal()) : failed.Write(context, failure);

    ValueTask<CacheAnswer<Rendered>> GetOrLoad(Call call) => shows is null ? GetOrLoad(call, []) : GetOrLoadShown(call, shows);

    async ValueTask<CacheAnswer<Rendered>> GetOrLoadShown(Call call, Func<Call, ValueTask<string[]>> shows) => await GetOrLoad(call, await shows(call));

    ValueTask<CacheAnswer<Rendered>> GetOrLoad(Call call, string[] shown) =>
        cache.GetOrLoad(call.Key(), rule.Kind, cache.PlacesOf([.. rule.TagsOf(call), .. shown]), (this, call, shown), Load, call.Cancelled);

    /// <summary>
    /// The load's deadline is not handed to the queries: the cache answers its callers and frees the key without them, a late value is still
    /// worth keeping, and the database's own timeouts end them. Told to cancel, Npgsql asks the server to, over a new connection and
    /// blocking the thread of whoever cancels: a frozen server then took so many threads of the pool that even health waited for seconds.
    /// </summary>
    static ValueTask<Loaded<Rendered>> Load((CachedRoute<T> Route, Call Call, string[] Shown) state, CancellationToken deadline) =>
        state.Route.Render(state.Call.Detached(CancellationToken.None), state.Shown);

    async ValueTask<Loaded<Rendered>> Render(Call call, string[] shown)
    {
        if (work is not null && (!shedding!.Gate.Admits(work) || !await shedding.Gate.Enter(work, call.Cancelled)))
            return new(null!, SizeBytes: 0) { Refusal = OverloadedException.Instance };
        var sinceNs = work is null ? 0 : shedding!.Gate.NowNs;
        Answer<T> answer;
        var isDone = false;
        try
        {
            answer = await handler(call);
            isDone = true;
        }
        finally
        {
            if (work is not null)
                shedding!.Gate.Leave(work, sinceNs, isDone);
        }
        if (answer.Problem is { } problem)
        {
            var negative = Rendered.Of(rule, problem);
            return new(negative, negative.SizeBytes, IsNegative: true);
        }
        var link = answer.Value is IPage { NextCursor: { } next } ? $"<{call.NextLink(next)}>; rel=\"next\"" : null;
        var rendered = Rendered.Of(rule, JsonAnswer.Render(answer.Value!, json()), link);
        // At least 1, since 0 stands for no end.
        var endsInMs = answer.EndsAt is { } end ? Math.Max(1, (long)(end - clock.GetUtcNow().UtcDateTime).TotalMilliseconds) : 0;
        var isAsNoted = answer.Shown is null || answer.Shown.AsSpan().SequenceEqual(shown);
        return new(rendered, rendered.SizeBytes, DurationMs: isAsNoted ? 0 : -1, EndsInMs: endsInMs);
    }
}
