using Edge.Data;

namespace Edge.Http;

/// <summary>
/// The log of requests that the database left without their answer. An outage fails thousands of them a second for one and the same
/// reason, of which an operator needs a handful of lines. A server that freezes is a timeout first, then a full pool, then not there: these are one
/// outage, and each line says what it is by now. For that, and for each other kind of failure:
/// <para>(1) The first is written at once.</para>
/// <para>(2) Further ones are counted. At most every <see cref="IntervalSeconds"/> the latest is written, with how many there were since.</para>
/// <para>
/// (3) When a request is answered and none has failed for <see cref="IntervalSeconds"/>, one line says so, with how many had failed. The
/// quiet is asked for because in half an outage (a full pool) answers and failures alternate, and each failure would be a first one.
/// </para>
/// While nothing is broken an answered request pays for reading <see cref="IsOpen"/>. Thread-safe.
/// </summary>
internal sealed partial class OutageLog(TimeProvider clock, ILogger<OutageLog> log)
{
    /// <summary>Least time between two lines about one kind of failure, and from the last failure to the end of the outage, in seconds.</summary>
    public const int IntervalSeconds = 10;

    readonly Lock _lock = new();
    readonly Dictionary<DatabaseFailure, Outage> _outages = [];
    volatile bool _isOpen;

    /// <summary>Whether <see cref="Answered"/> has anything to do.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>A request failed for want of the database.</summary>
    public void Failed(DatabaseFailure kind, Exception failure, string traceId, string method, string? route)
    {
        long unwritten;
        double seconds;
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var key = OutageOf(kind);
            if (!_outages.TryGetValue(key, out var outage))
                _outages[key] = outage = new() { Began = now };
            _isOpen = true;
            outage.Kind = kind;
            outage.Failures++;
            outage.Unwritten++;
            outage.FailedAt = now;
            seconds = clock.GetElapsedTime(outage.WrittenAt, now).TotalSeconds;
            if (outage.Failures > 1 && seconds < IntervalSeconds)
                return;
            unwritten = outage.Failures == 1 ? 0 : outage.Unwritten;
            (outage.Unwritten, outage.WrittenAt) = (0, now);
        }

        var (query, reason) = (DatabaseFailures.QueryName(failure), DatabaseFailures.Reason(failure));
        if (unwritten > 0)
            StillFailing(log, unwritten, seconds, traceId, method, route, query, failure.GetType().Name, reason);
        else if (kind == DatabaseFailure.Schema)
            // A mistake of ours as well, but one that ends by itself when somebody migrates.
            SchemaMissing(log, failure, traceId, method, route, query);
        else
            DependencyFailed(log, traceId, method, route, query, failure.GetType().Name, reason);
    }

    /// <summary>A request that asks the database was answered.</summary>
    public void Answered()
    {
        List<(DatabaseFailure Kind, long Failures, double Seconds)>? ended = null;
        lock (_lock)
        {
            foreach (var (key, outage) in _outages)
            {
                if (clock.GetElapsedTime(outage.FailedAt).TotalSeconds < IntervalSeconds)
                    continue;
                (ended ??= []).Add((outage.Kind, outage.Failures, clock.GetElapsedTime(outage.Began, outage.FailedAt).TotalSeconds));
                _outages.Remove(key);
            }
            _isOpen = _outages.Count > 0;
        }
        if (ended is null)
            return;
        foreach (var (kind, failures, seconds) in ended)
            AnsweredAgain(log, failures, seconds, kind);
    }

    static DatabaseFailure OutageOf(DatabaseFailure kind) =>
        kind is DatabaseFailure.PoolExhausted or DatabaseFailure.Timeout ? DatabaseFailure.Unavailable : kind;

    sealed class Outage
    {
        /// <summary>Of the latest failure.</summary>
        public DatabaseFailure Kind { get; set; }

        public long Began { get; init; }

        public long FailedAt { get; set; }

        public long WrittenAt { get; set; }

        public long Failures { get; set; }

        /// <summary>Failures since the last line.</summary>
        public long Unwritten { get; set; }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Method} {Route} could not be answered (trace {TraceId}, query {Query}): {Failure}: {Reason}", EventName = "DependencyFailed")]
    static partial void DependencyFailed(ILogger log, string traceId, string method, string? route, string? query, string failure, string reason);

    [LoggerMessage(2, LogLevel.Error, "{Method} {Route} failed (trace {TraceId}, query {Query}): is the database migrated?", EventName = "SchemaMissing")]
    static partial void SchemaMissing(ILogger log, Exception failure, string traceId, string method, string? route, string? query);

    [LoggerMessage(3, LogLevel.Warning,
        "{Count} more requests could not be answered in the last {Seconds:0} s, the latest {Method} {Route} (trace {TraceId}, query {Query}): {Failure}: {Reason}",
        EventName = "DependencyStillFailing")]
    static partial void StillFailing(
        ILogger log, long count, double seconds, string traceId, string method, string? route, string? query, string failure, string reason);

    [LoggerMessage(4, LogLevel.Information, "Requests are answered again: {Count} were not, within {Seconds:0} s ({Kind})", EventName = "AnsweredAgain")]
    static partial void AnsweredAgain(ILogger log, long count, double seconds, DatabaseFailure kind);
}
