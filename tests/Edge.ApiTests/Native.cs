using Edge.Testing;

namespace Edge.ApiTests;

/// <summary>The published binary, as a user runs it. <c>./dev test</c> publishes it and says where it is.</summary>
public sealed class Native(SeededDatabase database) : EdgeUnderTest
{
    /// <summary>Path of the binary.</summary>
    public const string Variable = "EDGE_NATIVE_BINARY";

    EdgeProcess? _process;

    public static string Binary => Environment.GetEnvironmentVariable(Variable)
        ?? throw new InvalidOperationException($"{Variable} is not set: run these through ./dev test, or leave them out with -class- '*Native*'.");

    protected override async Task<int> Start(CancellationToken cancelled)
    {
        _process = await EdgeProcess.Start(
            Binary,
            new Dictionary<string, string>
            {
                ["DATABASE_URL"] = database.Server.Url(SeededDatabase.Name),
                ["ADMIN_TOKEN"] = AdminToken,
                ["EDGE_SHUTDOWN_DELAY_SECONDS"] = "0",
            },
            cancelled);
        return _process.BaseAddress.Port;
    }

    protected override async Task Stop()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
