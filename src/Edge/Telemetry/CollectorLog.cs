using OpenTelemetry;

namespace Edge.Telemetry;

/// <summary>
/// Tells the log when a collector stops taking what it is handed, and when it takes it again: the exporter tells nobody, and a line per batch
/// would be noise. Only the thread that exports comes here.
/// </summary>
/// <param name="what">Spans or metrics.</param>
internal sealed partial class CollectorLog(string what, ILogger log)
{
    long _refused;

    /// <summary>Why the latest batch was not taken.</summary>
    public string Reason { get; set; } = "unknown";

    public ExportResult Told(ExportResult result)
    {
        if (result == ExportResult.Failure)
        {
            if (_refused++ == 0)
                Refused(log, what, Reason);
        }
        else if (_refused > 0)
        {
            Taken(log, what, _refused);
            _refused = 0;
        }
        return result;
    }

    [LoggerMessage(1, LogLevel.Warning, "The collector does not take {What}: {Reason}", EventName = "CollectorDown")]
    static partial void Refused(ILogger log, string what, string reason);

    [LoggerMessage(2, LogLevel.Information, "The collector takes {What} again; {Count} batches were lost", EventName = "CollectorUp")]
    static partial void Taken(ILogger log, string what, long count);
}
