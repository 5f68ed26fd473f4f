using System.Diagnostics;

namespace Edge.Redis.Connections;

/// <summary>What the observer is to be told of one command. Without an observer it is empty.</summary>
readonly struct CommandObservation
{
    readonly IRedisObserver? _observer;
    readonly string _command;
    readonly Activity? _span;
    readonly long _startedAt;

    CommandObservation(IRedisObserver observer, string command, long startedAt)
    {
        _observer = observer;
        _command = command;
        _startedAt = startedAt;
        // To start a span makes it current. The caller goes on before this one ends, so what it starts next is no part of it.
        var current = Activity.Current;
        _span = observer.Started(command);
        if (_span is not null) Activity.Current = current;
    }

    public static CommandObservation Start(IRedisObserver? observer, string command, long startedAt) =>
        observer is null ? default : new(observer, command, startedAt);

    public void End(RedisOutcome outcome)
    {
        if (_observer is null) return;
        if (_span is null)
        {
            _observer.Ended(_command, null, _startedAt, outcome);
            return;
        }

        // To end a span makes the one around it current: the caller's, on the read loop.
        var current = Activity.Current;
        _observer.Ended(_command, _span, _startedAt, outcome);
        Activity.Current = current;
    }
}
