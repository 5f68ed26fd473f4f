using Microsoft.Extensions.Logging;

namespace Edge.Testing;

/// <summary>Keeps what is logged, for tests that read it.</summary>
public sealed class LogRecorder<T> : ILogger<T>
{
    public List<LoggedEvent> Events { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = (IReadOnlyList<KeyValuePair<string, object?>>)state!;
        lock (Events)
            Events.Add(new(logLevel, eventId.Name, formatter(state, exception), exception, values.ToDictionary()));
    }
}

public sealed record LoggedEvent(LogLevel Level, string? Name, string Text, Exception? Exception, Dictionary<string, object?> Values)
{
    public object? this[string name] => Values[name];
}
