using System.Diagnostics;

namespace Edge.Telemetry;

/// <summary>
/// Spans of queries and commands, each a part of what somebody asked for: where nothing is traced around it there is none, so that what an instance
/// does by itself (probes, news, leases) makes no traces of one span each.
/// </summary>
internal static class Spans
{
    public const string Name = "Edge";

    /// <summary>What is heard: requests by the framework, loads by the cache, and ours.</summary>
    public static readonly string[] Sources = ["Microsoft.AspNetCore", Core.Caching.EdgeCache.SpanSource, Name];

    static readonly ActivitySource Source = new(Name);

    /// <summary>Null: not traced.</summary>
    /// <param name="system">As semantic conventions name it: db.system.name.</param>
    public static Activity? OfCall(string name, string system)
    {
        if (!Source.HasListeners() || Activity.Current is null || Source.StartActivity(name, ActivityKind.Client) is not { } span)
            return null;
        span.SetTag("db.system.name", system);
        return span;
    }

    /// <param name="error">Null: it went well.</param>
    public static void End(Activity span, string? error)
    {
        if (error is not null)
        {
            span.SetTag("error.type", error);
            span.SetStatus(ActivityStatusCode.Error);
        }
        span.Dispose();
    }
}
