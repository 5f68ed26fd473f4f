using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Edge.Testing;

namespace Edge.IntegrationTests.Servers;

/// <summary>A <c>./dev run</c> that has become ready.</summary>
sealed class ScriptRun : IAsyncDisposable
{
    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();
    readonly HttpClient _http;

    ScriptRun(ProcessStartInfo start, int port)
    {
        _http = new() { BaseAddress = new($"http://127.0.0.1:{port}") };
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has said so far, on both streams.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    public static async Task<ScriptRun> Start(ProcessStartInfo start, int port, CancellationToken cancelled)
    {
        var run = new ScriptRun(start, port);
        try
        {
            await Poll.Until(run.IsReady, "./dev run is ready", cancelled);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public Task<string> Get(string target) => _http.GetStringAsync(new Uri(target, UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>Ctrl-C: the signal goes to the whole group. Returns the exit code.</summary>
    public async Task<int> Interrupt()
    {
        await Send("INT", -_process.Id);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Kills the script, and nothing else.</summary>
    public async Task Kill()
    {
        await Send("KILL", _process.Id);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            await Send("TERM", _process.Id);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
    }

    static async Task Send(string signal, int target)
    {
        using var kill = Process.Start("kill", ["-" + signal, "--", target.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    bool IsReady() => _process.HasExited
        ? throw new InvalidOperationException($"./dev run ended with {_process.ExitCode}:\n{string.Join('\n', _lines)}")
        : _lines.Any(static line => line.StartsWith("Ctrl-C stops it", StringComparison.Ordinal));

    void Keep(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }
}
