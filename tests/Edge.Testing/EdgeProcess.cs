using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Edge.Testing;

/// <summary>A started edge binary (or any server that reads PORT and answers <c>/health/ready</c>) on a free port of 127.0.0.1.</summary>
public sealed class EdgeProcess : IAsyncDisposable
{
    const int PortAttempts = 5;

    /// <summary>Limits that no test reaches by accident, and time to wait where a hundred requests come at once on a busy machine: as settings.</summary>
    public static readonly IReadOnlyDictionary<string, string> WideLimits = new Dictionary<string, string>
    {
        ["EDGE_LIMIT_PUBLIC"] = "1000000/s", ["EDGE_LIMIT_USER"] = "1000000/s", ["EDGE_LIMIT_WRITES"] = "1000000/s", ["EDGE_LIMIT_EXPORTS"] = "1000000/s",
        ["EDGE_LIMIT_LOGIN"] = "1000000/s", ["EDGE_LIMIT_LOGIN_EMAIL"] = "1000000/s", ["EDGE_SHED_QUEUE_MS"] = "60000",
    };

    readonly Process process;
    readonly ConcurrentQueue<string> lines = new();

    EdgeProcess(Process process, int port)
    {
        this.process = process;
        BaseAddress = new Uri($"http://127.0.0.1:{port}");
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri BaseAddress { get; }

    /// <summary>What it wrote to stdout and stderr so far, line by line. Complete after <see cref="WaitForExit"/>.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>
    /// Starts <paramref name="binary"/> and waits until it is ready. Nothing is inherited of DATABASE_URL, REDIS_URL
    /// and EDGE_*: only <paramref name="environment"/> counts. Limits are on, and far away unless it says otherwise: a test calls more in a second
    /// than anybody else from one address.
    /// </summary>
    /// <exception cref="InvalidOperationException">It ended before it was ready; the message has its output.</exception>
    public static async Task<EdgeProcess> Start(string binary, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var edge = Launch(binary, environment);
            try
            {
                await edge.WaitUntilReady(cancel);
                return edge;
            }
            catch (InvalidOperationException) when (attempt < PortAttempts && edge.LostItsPort)
            {
                // Between choosing a free port and binding it, another process may take it.
                await edge.DisposeAsync();
            }
            catch
            {
                await edge.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>A client for <see cref="BaseAddress"/>. It does not follow redirects.</summary>
    public HttpClient CreateClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = BaseAddress };

    public void Send(Signal signal) => ProcessTree.Send(process.Id, signal);

    /// <summary>Waits for its end and returns its exit code; 128 + signal when a signal ended it.</summary>
    public async Task<int> WaitForExit(CancellationToken cancel)
    {
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    /// <summary>Kills it if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    bool LostItsPort => lines.Any(line => line.Contains("address already in use", StringComparison.OrdinalIgnoreCase));

    static EdgeProcess Launch(string binary, IReadOnlyDictionary<string, string> environment)
    {
        var port = FreePort.Of();
        var start = new ProcessStartInfo(binary) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToArray())
            start.Environment.Remove(name);
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["EDGE_SHUTDOWN_DELAY_SECONDS"] = "0";
        // There is one port for scrapes, and many instances: those that want to be scraped say so.
        start.Environment["OTEL_METRICS_EXPORTER"] = "none";
        foreach (var (name, value) in WideLimits)
            start.Environment[name] = value;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new EdgeProcess(Process.Start(start)!, port);
    }

    static bool IsSetting(string name) =>
        name is "DATABASE_URL" or "REDIS_URL" or "ADMIN_TOKEN" || name.StartsWith("EDGE_", StringComparison.Ordinal) || name.StartsWith("DB_", StringComparison.Ordinal) || name.StartsWith("OTEL_", StringComparison.Ordinal);

    async Task WaitUntilReady(CancellationToken cancel)
    {
        using var client = CreateClient();
        await Poll.Until(token => IsReady(client, token), $"{process.StartInfo.FileName} is ready at {BaseAddress}", cancel);
    }

    async ValueTask<bool> IsReady(HttpClient client, CancellationToken cancel)
    {
        if (process.HasExited)
        {
            var code = await WaitForExit(cancel);
            throw new InvalidOperationException($"{process.StartInfo.FileName} exited with {code}:\n{string.Join('\n', lines)}");
        }

        try
        {
            using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancel);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    void Keep(string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}
