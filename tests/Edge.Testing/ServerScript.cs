using System.Diagnostics;

namespace Edge.Testing;

/// <summary>
/// One private server, started and stopped by <c>./dev servers</c>, the only place that knows how. The script is told
/// to remove the server when this process is gone, so that a killed test run leaves nothing behind.
/// </summary>
internal sealed class ServerScript
{
    readonly string kind;
    readonly string folder = Path.Combine(Path.GetTempPath(), $"edge-tests-{Environment.ProcessId}-{Guid.NewGuid():N}");
    Dictionary<string, string> values = [];

    ServerScript(string kind) => this.kind = kind;

    public string this[string key] => values[key];

    public static async Task<ServerScript> Start(string kind, CancellationToken cancel)
    {
        var script = new ServerScript(kind);
        await script.Start(cancel);
        return script;
    }

    public async Task Start(CancellationToken cancel)
    {
        var output = await Run(["start", folder, kind, "--volatile", "--until-exit", $"{Environment.ProcessId}"], cancel);
        values = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
    }

    /// <summary>Stops and starts it. Its clients know the port, so that another one is no restart.</summary>
    public async Task Restart(CancellationToken cancel)
    {
        var (portKey, port) = values.First(pair => pair.Key.EndsWith("_PORT", StringComparison.Ordinal));
        await Run(["stop", folder, kind], cancel);
        await Start(cancel);
        if (values[portKey] != port)
            throw new InvalidOperationException($"Port {port} was taken by another process while {kind} was down.");
    }

    public Task Remove() => Run(["remove", folder], CancellationToken.None);

    static async Task<string> Run(string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "dev"), ["servers", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var error = process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"./dev servers {string.Join(' ', arguments)} exited with {process.ExitCode}: {await error}");
    }
}
