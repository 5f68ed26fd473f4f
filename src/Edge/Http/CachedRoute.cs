using System.Runtime.ExceptionServices;
using System.Text.Json.Serialization.Metadata;
using Edge.Core.Caching;

namespace Edge.Http;

/// <summary>
/// A route whose answers are kept rendered. A hit goes from the path's text to the stored bytes: no call object, no handler, no
/// serializer, no string.
/// </summary>
internal sealed class CachedRoute<T>(
    Operation operation, CacheRule rule, JsonTypeInfo<T> json, Func<Call, ValueTask<Answer<T>>> handler, EdgeCache cache, CursorCodec cursors)
{
    readonly KeyTemplate? _template = KeyTemplate.Of(operation);

    public Task Serve(HttpContext context)
    {
        if (_template is not null && !context.Request.QueryString.HasValue)
        {
            Span<char> key = stackalloc char[KeyTemplate.MaxChars];
            if (_template.TryWrite(context, key, out var length) && cache.TryGet<Rendered>(key[..length], out var hit))
                return CachedAnswer.Write(context, hit, rule);
        }
        return Call.TryRead(context, operation, cursors, out var call, out var problem)
            ? Load(context, call)
            : ProblemWriter.Write(context, problem);
    }

    /// <summary>Has the answer without any parameter in the cache. False: it could not be loaded.</summary>
    public async Task<bool> Warm(CancellationToken cancelled) =>
        (await Answer(Call.WithoutParameters(operation, cursors, cancelled))).Failure is null;

    async Task Load(HttpContext context, Call call)
    {
        var answer = await Answer(call);
        if (answer.Failure is not null)
            ExceptionDispatchInfo.Throw(answer.Failure);
        await CachedAnswer.Write(context, answer, rule);
    }

    ValueTask<CacheAnswer<Rendered>> Answer(Call call) => cache.GetOrLoad(
        call.Key(), rule.Kind, cache.PlacesOf(rule.TagsOf(call)), (route: this, call),
        static (state, deadline) => state.route.Render(state.call.Detached(deadline)), call.Cancelled);

    async ValueTask<Loaded<Rendered>> Render(Call call)
    {
        var answer = await handler(call);
        if (answer.Problem is { } problem)
            return new(Rendered.Of(problem), SizeBytes: 0, IsNegative: true);
        var link = answer.Value is IPage { NextCursor: { } next } ? $"<{call.NextLink(next)}>; rel=\"next\"" : null;
        var rendered = Rendered.Of(JsonAnswer.Render(answer.Value!, json), link);
        return new(rendered, rendered.SizeBytes);
    }
}
