using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Edge.Testing;

namespace Edge.IntegrationTests.Cli;

/// <summary>A run of <c>edge serve</c> on a free port, from the moment that it listens.</summary>
sealed class EdgeServer : IAsyncDisposable
{
    readonly EdgeRun _run;

    EdgeServer(EdgeRun run, int port)
    {
        (_run, Port) = (run, port);
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        Http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
    }

    public int Port { get; }

    public HttpClient Http { get; }

    /// <summary>The log so far.</summary>
    public IEnumerable<JsonElement> Log => _run.Output.Select(static line => JsonDocument.Parse(line).RootElement);

    /// <summary>Returns when it listens, which is before it is ready. No delay at the end unless the test sets one.</summary>
    public static async Task<EdgeServer> Start(Dictionary<string, string> settings, CancellationToken cancelled, string? appSettings = null)
    {
        var all = new Dictionary<string, string>(settings) { ["PORT"] = "0" };
        all.TryAdd("EDGE_SHUTDOWN_DELAY_SECONDS", "0");
        var run = EdgeRun.Start([], all, appSettings);
        try
        {
            var line = JsonDocument.Parse(await run.Line("\"event\":\"Serving\"", cancelled)).RootElement;
            return new(run, new Uri(line.GetProperty("addresses").GetString()!).Port);
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public static async Task<EdgeServer> StartReady(Dictionary<string, string> settings, CancellationToken cancelled)
    {
        var server = await Start(settings, cancelled);
        await Poll.Until(async token => await server.Status("/health/ready", token) == HttpStatusCode.OK, "it is ready", cancelled);
        return server;
    }

    public async Task<HttpStatusCode> Status(string path, CancellationToken cancelled)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative), cancelled);
        return answer.StatusCode;
    }

    /// <summary>Status, and the <c>status</c> member of a health route.</summary>
    public async Task<(HttpStatusCode Status, string? Word)> Health(string path, CancellationToken cancelled)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative), cancelled);
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancelled)).RootElement;
        return (answer.StatusCode, json.GetProperty("status").GetString());
    }

    public void ChangeSettings(string appSettings) => _run.ChangeSettings(appSettings);

    public void Send(PosixSignal signal) => _run.Send(signal);

    /// <summary>Waits for the first event of this name in the log.</summary>
    public async Task<JsonElement> Event(string name, CancellationToken cancelled) =>
        JsonDocument.Parse(await _run.Line($"\"event\":\"{name}\"", cancelled)).RootElement;

    /// <summary>Sends a first signal, and returns when it has been noticed.</summary>
    public async Task Drain(PosixSignal signal, CancellationToken cancelled)
    {
        _run.Send(signal);
        await Event("Draining", cancelled);
    }

    public Task<Ended> End(CancellationToken cancelled) => _run.End(cancelled);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _run.DisposeAsync();
    }
}
