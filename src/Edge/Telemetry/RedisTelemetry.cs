using System.Diagnostics;
using System.Diagnostics.Metrics;
using Edge.Redis;

namespace Edge.Telemetry;

/// <summary>Time and outcome of each command to Redis, by the verb or the script's name. Called on the loop that reads replies: see <see cref="IRedisObserver"/>.</summary>
internal sealed class RedisTelemetry(Meter meter) : IRedisObserver
{
    readonly Histogram<double> _duration = meter.CreateHistogram(
        "edge.redis.command.duration", "s", "Time of commands to Redis, from the call to its answer", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5] });

    public Activity? Started(string command) => Spans.OfCall(command, "redis");

    public void Ended(string command, Activity? span, long startedAt, RedisOutcome outcome)
    {
        var word = RedisOutcomes.Word(outcome);
        _duration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, new("redis.command", command), new("outcome", word));
        if (span is not null)
            Spans.End(span, outcome == RedisOutcome.Ok ? null : word);
    }
}
