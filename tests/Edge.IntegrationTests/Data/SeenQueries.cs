using System.Collections.Concurrent;
using System.Diagnostics;
using Edge.Data;

namespace Edge.IntegrationTests.Data;

/// <summary>Remembers what it is told.</summary>
/// <param name="makesSpans">Whether each query gets a span.</param>
internal sealed class SeenQueries(bool makesSpans = false) : IQueryObserver
{
    readonly ConcurrentQueue<string> started = [];
    readonly ConcurrentQueue<Ending> ended = [];

    public IEnumerable<string> Started => started;

    public IEnumerable<Ending> Ended => ended;

    /// <summary>As in "Find 1 ok": query, rows, outcome.</summary>
    public IEnumerable<string> Endings =>
        ended.Select(ending => $"{ending.Query.Name["Data.".Length..]} {ending.Rows} {DatabaseFailures.OutcomeOf(ending.Failure)}");

    public void Forget()
    {
        started.Clear();
        ended.Clear();
    }

    Activity? IQueryObserver.Started(Query query)
    {
        started.Enqueue(query.Name);
        return makesSpans ? new Activity(query.Name).Start() : null;
    }

    void IQueryObserver.Ended(Query query, Activity? span, long startedAt, int rows, Exception? failure)
    {
        span?.Stop();
        ended.Enqueue(new(query, span, startedAt, rows, failure, Stopwatch.GetElapsedTime(startedAt)));
    }

    public sealed record Ending(Query Query, Activity? Span, long StartedAt, int Rows, Exception? Failure, TimeSpan Elapsed);
}
