using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Edge.Hosting;

/// <summary>What the container would make by reflection, at a cost in each start.</summary>
internal static class HostParts
{
    /// <summary>As <c>ILogger&lt;T&gt;</c> from the container, which would have the runtime build that type while it starts. With the console's formatters a quarter of the start's samples.</summary>
    public static ILogger<T> LogOf<T>(this IServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger<T>();
}

/// <summary>Options that never change.</summary>
internal sealed class FixedConsoleOptions(ConsoleLoggerOptions value) : IOptionsMonitor<ConsoleLoggerOptions>
{
    public ConsoleLoggerOptions CurrentValue => value;

    public ConsoleLoggerOptions Get(string? name) => value;

    public IDisposable? OnChange(Action<ConsoleLoggerOptions, string?> listener) => null;
}
