using Edge.Hosting;
using Edge.Testing;
using Microsoft.Extensions.Configuration;

namespace Edge.ApiTests;

/// <summary>A way of running Edge. Both take the settings of an operator, by the same names, so that a fact cannot tell them apart.</summary>
internal abstract class EdgeWay : IAsyncDisposable
{
    readonly Lazy<Task<EdgeUnderTest>> _shared;

    protected EdgeWay(SeededDatabase database)
    {
        Database = database;
        // Not the first caller's token: the others would lose the instance with it.
        _shared = new(() => Start(
            new() { ["DATABASE_URL"] = database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["EDGE_PROBE_INTERVAL_SECONDS"] = "1" }, CancellationToken.None));
    }

    /// <summary>What the shared instance answers from. Facts only read it.</summary>
    public SeededDatabase Database { get; }

    /// <summary>The instance of all facts that neither change its data nor need settings of their own.</summary>
    public Task<EdgeUnderTest> Shared => _shared.Value;

    /// <summary>An instance of one's own, and ready.</summary>
    public abstract Task<EdgeUnderTest> Start(Dictionary<string, string> settings, CancellationToken cancelled);

    /// <summary>
    /// An instance of its own, with a cold cache that follows the database: what was read before it heard of changes it would read anew.
    /// </summary>
    /// <param name="more">Settings beside these.</param>
    public async Task<EdgeUnderTest> StartCached(string databaseUrl, CancellationToken cancelled, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["DATABASE_URL"] = databaseUrl, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["EDGE_PROBE_INTERVAL_SECONDS"] = "1", ["EDGE_WARM_SECONDS"] = "0",
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        var edge = await Start(settings, cancelled);
        await Poll.Until(
            async _ => (await edge.Json("/performance/cache/stats", Contract.Admin)).GetProperty("changes").GetProperty("gaps").GetInt32() > 0,
            "the instance hears of changes", cancelled);
        return edge;
    }

    public async ValueTask DisposeAsync()
    {
        if (_shared.IsValueCreated)
            await (await _shared.Value).DisposeAsync();
    }
}

/// <summary>The composition of production, in this process: breakpoints work, coverage counts.</summary>
internal sealed class InProcess(SeededDatabase database) : EdgeWay(database)
{
    public override async Task<EdgeUnderTest> Start(Dictionary<string, string> settings, CancellationToken cancelled)
    {
        // Its log would go between the lines of the test program; what it says is checked on the native binary.
        var all = new Dictionary<string, string?> { ["PORT"] = "0", ["EDGE_SHUTDOWN_DELAY_SECONDS"] = "0", ["EDGE_LOG_LEVEL"] = "error", ["OTEL_METRICS_EXPORTER"] = "none" };
        foreach (var (key, value) in EdgeProcess.WideLimits)
            all[key] = value;
        foreach (var (key, value) in settings)
            all[key] = value;
        var source = new SettingsSource(new ConfigurationBuilder().AddInMemoryCollection(all).Build());
        var read = SettingsReader.Read(source);
        Assert.Empty(source.Mistakes);

        var app = EdgeHost.Build(read, TimeProvider.System);
        await app.StartAsync(cancelled);
        var edge = new EdgeUnderTest(new Uri(app.Urls.Single()).Port, log: null, app.DisposeAsync);
        await Poll.Until(async token => (int)(await edge.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), token)).StatusCode == 200, "the instance is ready", cancelled);
        return edge;
    }
}

/// <summary>The published binary, as a user runs it. <c>./dev test</c> publishes it and says where it is.</summary>
internal sealed class Native(SeededDatabase database) : EdgeWay(database)
{
    /// <summary>Path of the binary.</summary>
    const string Variable = "EDGE_NATIVE_BINARY";

    static string Binary => Environment.GetEnvironmentVariable(Variable)
        ?? throw new InvalidOperationException($"{Variable} is not set: run these through ./dev test, or leave them out with -class- '*Native'.");

    public override async Task<EdgeUnderTest> Start(Dictionary<string, string> settings, CancellationToken cancelled)
    {
        var process = await EdgeProcess.Start(Binary, settings, cancelled);
        return new(process.BaseAddress.Port, process.Lines, process.DisposeAsync);
    }
}
