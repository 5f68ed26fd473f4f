using System.Diagnostics;

namespace Edge.Data;

/// <summary>What the observer is to be told of one attempt. Without an observer it is empty, and nothing is timed.</summary>
internal struct QueryObservation
{
    readonly IQueryObserver? _observer;
    readonly Query _query;
    readonly Activity? _span;
    long _startedAt;

    QueryObservation(IQueryObserver observer, Query query)
    {
        _observer = observer;
        _query = query;
        _span = observer.Started(query);
        _startedAt = Stopwatch.GetTimestamp();
    }

    public static QueryObservation Start(IQueryObserver? observer, Query query) => observer is null ? default : new(observer, query);

    /// <summary>The time of the query itself begins.</summary>
    public void Connected()
    {
        if (_observer is not null)
            _startedAt = Stopwatch.GetTimestamp();
    }

    /// <param name="at">Timestamp of <see cref="Stopwatch"/>; 0: nobody has noted it.</param>
    public void Connected(long at)
    {
        if (at != 0)
            _startedAt = at;
    }

    /// <summary>It went well. The rows are counted for the observer only.</summary>
    public readonly void End<TResult>(TResult result, Func<TResult, int> rowsOf) =>
        _observer?.Ended(_query, _span, _startedAt, rowsOf(result), failure: null);

    public readonly void End(Exception? failure, int rows = 0) => _observer?.Ended(_query, _span, _startedAt, rows, failure);
}
