using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Edge.Testing;

namespace Edge.IntegrationTests.Cli;

/// <summary>How a run ended.</summary>
sealed record Ended(int ExitCode, string Output, string Errors);

/// <summary>
/// One run of the program in a folder of its own, with no other settings than the test's. EDGE_NATIVE_BINARY names the published binary
/// (<c>./dev test</c> sets it); without it the same program runs on the runtime, from beside the tests.
/// </summary>
sealed class EdgeRun : IAsyncDisposable
{
    static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly DirectoryInfo _folder;
    readonly ConcurrentQueue<string> _output = new();
    readonly ConcurrentQueue<string> _errors = new();

    EdgeRun(ProcessStartInfo start, DirectoryInfo folder)
    {
        _folder = folder;
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static string Binary { get; } =
        Environment.GetEnvironmentVariable("EDGE_NATIVE_BINARY") ?? Path.Combine(AppContext.BaseDirectory, "edge");

    /// <summary>Standard output so far, by line.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>Whether a thread of it waits for standard input.</summary>
    public bool Reads => Directory.EnumerateDirectories($"/proc/{_process.Id}/task").Any(IsReading);

    /// <param name="appSettings">Content of appsettings.json in the working folder; null: there is none.</param>
    /// <param name="onTerminal">Behind a pseudo-terminal, as if a person had typed it.</param>
    /// <param name="prepare">Puts more into the working folder.</param>
    public static EdgeRun Start(
        string[] arguments, Dictionary<string, string>? settings = null, string? appSettings = null, bool onTerminal = false, Action<DirectoryInfo>? prepare = null)
    {
        var folder = Directory.CreateTempSubdirectory("edge-run-");
        prepare?.Invoke(folder);
        if (appSettings is not null)
            WriteSettings(folder, appSettings);
        var start = onTerminal
            ? new ProcessStartInfo("script", ["--quiet", "--return", "--command", $"'{Binary}' {string.Join(' ', arguments)}", "/dev/null"])
            : new ProcessStartInfo(Binary, arguments);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError, start.WorkingDirectory) = (true, true, true, folder.FullName);
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToArray())
            start.Environment.Remove(name);
        start.Environment["TERM"] = "xterm";
        start.Environment["OTEL_METRICS_EXPORTER"] = "none";
        foreach (var (name, value) in settings ?? [])
            start.Environment[name] = value;
        return new(start, folder);
    }

    /// <summary>Replaces appsettings.json in one step, as an editor or a mounted volume does.</summary>
    public void ChangeSettings(string appSettings) => WriteSettings(_folder, appSettings);

    /// <summary>Starts it and waits for its end.</summary>
    /// <param name="input">All of its standard input.</param>
    public static async Task<Ended> Of(
        string[] arguments, Dictionary<string, string>? settings = null, string? appSettings = null, string input = "", Action<DirectoryInfo>? prepare = null)
    {
        await using var run = Start(arguments, settings, appSettings, prepare: prepare);
        try
        {
            await run._process.StandardInput.WriteAsync(input);
            run._process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code and its words say whether that was right.
        }
        return await run.End(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for a prompt on the terminal, and answers it.</summary>
    public async Task Type(string prompt, string keys, CancellationToken cancelled)
    {
        await Line(prompt, cancelled);
        await _process.StandardInput.WriteAsync(keys.AsMemory(), cancelled);
        await _process.StandardInput.FlushAsync(cancelled);
    }

    /// <summary>Waits for a line of standard output that holds the text.</summary>
    public async Task<string> Line(string text, CancellationToken cancelled)
    {
        string? Find() => _output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
        await Poll.Until(() => Find() is not null || _process.HasExited, $"a line with {text}", cancelled);
        // Its last lines may still be in the pipe when it has ended.
        if (_process.HasExited)
            await End(cancelled);
        return Find() ?? throw new InvalidOperationException($"It ended without a line with {text}:\n{Text(_output)}{Text(_errors)}");
    }

    public void Send(PosixSignal signal)
    {
        var number = signal switch
        {
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGTERM => 15,
            _ => throw new ArgumentOutOfRangeException(nameof(signal)),
        };
        Assert.True(SendSignal(_process.Id, number) == 0, $"{signal} could not be sent: has it ended?");
    }

    /// <exception cref="TimeoutException">It did not end in a minute.</exception>
    public async Task<Ended> End(CancellationToken cancelled)
    {
        await _process.WaitForExitAsync(cancelled).WaitAsync(EndTimeout, cancelled);
        return new(_process.ExitCode, Text(_output), Text(_errors));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>By what the kernel tells: the number of read, which is 0 on x64 and 63 on arm64, and its descriptor, which is a copy of 0.</summary>
    bool IsReading(string thread)
    {
        try
        {
            var call = File.ReadAllText(Path.Combine(thread, "syscall")).Split(' ');
            return call is ["0" or "63", ['0', 'x', .. var descriptor], ..]
                && File.ResolveLinkTarget($"/proc/{_process.Id}/fd/{Convert.ToInt32(descriptor, 16)}", returnFinalTarget: false)?.Name
                    == File.ResolveLinkTarget($"/proc/{_process.Id}/fd/0", returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            // It has ended since.
            return false;
        }
    }

    static bool IsSetting(string name) =>
        name is "DATABASE_URL" or "PORT" or "ADMIN_TOKEN" or "NO_COLOR"
        || Array.Exists((string[])["EDGE_", "DB_", "REDIS_", "OTEL_"], prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }

    static string Text(ConcurrentQueue<string> lines) => string.Concat(lines.Select(static line => line + '\n'));

    [DllImport("libc", EntryPoint = "kill")]
    static extern int SendSignal(int pid, int signal);

    static void WriteSettings(DirectoryInfo folder, string appSettings)
    {
        var written = Path.Combine(folder.FullName, "appsettings.new");
        File.WriteAllText(written, appSettings);
        File.Move(written, Path.Combine(folder.FullName, "appsettings.json"), overwrite: true);
    }
}
