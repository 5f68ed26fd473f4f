using System.Globalization;

namespace Edge.Testing;

/// <summary>A private Redis on a port of its own, removed when disposed or when this process ends. It saves nothing unless it is told to SAVE: what is killed is empty again.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    readonly ServerScript script;

    RedisServer(ServerScript script) => this.script = script;

    /// <summary>TCP port on 127.0.0.1. Stays the same over <see cref="Restart"/>.</summary>
    public int Port => int.Parse(script["REDIS_PORT"], CultureInfo.InvariantCulture);

    /// <summary>As a <c>REDIS_URL</c>.</summary>
    public string Url => script["REDIS_URL"];

    int ProcessId => int.Parse(script["REDIS_PID"], CultureInfo.InvariantCulture);

    public static async Task<RedisServer> Start(CancellationToken cancel) => new(await ServerScript.Start("redis", cancel));

    /// <summary>Ends it as a power cut would: no goodbye to anybody.</summary>
    public Task Kill(CancellationToken cancel) => ProcessTree.Kill(ProcessId, cancel);

    /// <summary>Freezes it: connections stay open and get no answer until <see cref="Resume"/>.</summary>
    public void Pause() => ProcessTree.Pause(ProcessId);

    public void Resume() => ProcessTree.Resume(ProcessId);

    /// <summary>Starts it again on the same port, empty or as it was at the last SAVE, after stopping it if it runs.</summary>
    public Task Restart(CancellationToken cancel) => script.Restart(cancel);

    public async ValueTask DisposeAsync() => await script.Remove();
}
