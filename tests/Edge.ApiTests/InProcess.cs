using Edge.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Edge.ApiTests;

/// <summary>The composition of production, in this process: breakpoints work, coverage counts.</summary>
public sealed class InProcess(SeededDatabase database) : EdgeUnderTest
{
    WebApplication? _app;

    protected override async Task<int> Start(CancellationToken cancelled)
    {
        var settings = new EdgeSettings
        {
            Database = database.Options,
            Port = 0,
            AdminToken = AdminToken,
            LogLevel = Microsoft.Extensions.Logging.LogLevel.Warning,
            ShutdownDelaySeconds = 0,
        };
        _app = EdgeHost.Build(settings, TimeProvider.System);
        await _app.StartAsync(cancelled);
        return new Uri(_app.Urls.Single()).Port;
    }

    protected override async Task Stop()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }
}
