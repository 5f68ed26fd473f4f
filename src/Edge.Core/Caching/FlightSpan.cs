using System.Diagnostics;

namespace Edge.Core.Caching;

/// <summary>
/// A span around a flight that somebody traced began. Flights are detached from their callers, so the caller's context goes with them by hand: what
/// a flight asks of the second level and of the origin is part of the caller's trace, however late it comes. Without a listener this is one
/// read of a field per flight, and nothing on a hit.
/// </summary>
static class FlightSpan
{
    static readonly ActivitySource Source = new(EdgeCache.SpanSource);

    /// <summary>Whoever is about to begin a flight. Default: nobody who is traced.</summary>
    public static ActivityContext Caller => Source.HasListeners() && Activity.Current is { } caller ? caller.Context : default;

    /// <summary>To be called on the flight's own way, where it becomes current.</summary>
    public static Activity? Start(string kind, ActivityContext caller)
    {
        if (caller == default || Source.StartActivity("cache " + kind, ActivityKind.Internal, caller) is not { } span)
            return null;
        span.SetTag("cache.kind", kind);
        return span;
    }

    /// <param name="isAhead">Nobody waits for it: a refresh ahead of expiry.</param>
    public static async ValueTask End(Activity? span, Flight flight, bool isAhead)
    {
        if (span is null)
            return;
        var source = flight.Done.IsCompleted ? (await flight.Done).Source : CacheSource.Failed;
        span.SetTag("cache.result", source switch { CacheSource.Shared => "shared", CacheSource.Failed => "failed", _ => "loaded" });
        if (isAhead)
            span.SetTag("cache.early", true);
        if (source == CacheSource.Failed)
            span.SetStatus(ActivityStatusCode.Error);
        span.Dispose();
    }
}
