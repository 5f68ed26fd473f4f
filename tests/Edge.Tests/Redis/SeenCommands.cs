using System.Collections.Concurrent;
using System.Diagnostics;
using Edge.Redis;

namespace Edge.Tests.Redis;

/// <summary>Remembers what it is told.</summary>
/// <param name="makesSpans">Whether each command gets a span.</param>
sealed class SeenCommands(bool makesSpans = false) : IRedisObserver
{
    readonly ConcurrentQueue<string> _started = [];
    readonly ConcurrentQueue<Ending> _ended = [];

    public IEnumerable<string> Started => _started;

    public IEnumerable<Ending> Ended => _ended;

    /// <summary>As in "GET ok".</summary>
    public IEnumerable<string> Endings => _ended.Select(ending => $"{ending.Command} {RedisOutcomes.Word(ending.Outcome)}");

    Activity? IRedisObserver.Started(string command)
    {
        _started.Enqueue(command);
        return makesSpans ? new Activity(command).Start() : null;
    }

    void IRedisObserver.Ended(string command, Activity? span, long startedAt, RedisOutcome outcome)
    {
        span?.Stop();
        _ended.Enqueue(new(command, span, startedAt, outcome));
    }

    public readonly record struct Ending(string Command, Activity? Span, long StartedAt, RedisOutcome Outcome);
}
