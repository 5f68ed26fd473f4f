using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Edge.Testing;

namespace Edge.IntegrationTests.CacheFaults;

/// <summary>One instance of the cluster, and what it says of itself.</summary>
public sealed class CacheNode(EdgeProcess process) : IAsyncDisposable
{
    const string AdminToken = "token-of-the-fault-tests";

    public HttpClient Http { get; } = process.CreateClient();

    public IReadOnlyCollection<string> Log => process.Lines;

    /// <param name="redisPort">Of Redis, or of a proxy before it.</param>
    public static async Task<CacheNode> Start(string binary, string databaseUrl, int redisPort, int cutOffMs, CancellationToken cancelled) => new(
        await EdgeProcess.Start(
            binary,
            new Dictionary<string, string>
            {
                ["DATABASE_URL"] = databaseUrl,
                ["REDIS_URL"] = Invariant($"redis://127.0.0.1:{redisPort}"),
                ["ADMIN_TOKEN"] = AdminToken,
                ["EDGE_CACHE_CUT_OFF_MS"] = Invariant($"{cutOffMs}"),
            },
            cancelled));

    /// <summary>One that belongs to no cluster, and has neither database nor Redis.</summary>
    public static async Task<CacheNode> StartAlone(string binary, CancellationToken cancelled) =>
        new(await EdgeProcess.Start(binary, new Dictionary<string, string>(), cancelled));

    public Task<HttpResponseMessage> Get(string path, CancellationToken cancelled) => Http.GetAsync(new Uri(path, UriKind.Relative), cancelled);

    public async Task<string> Body(string path, CancellationToken cancelled)
    {
        using var answer = await Get(path, cancelled);
        return await answer.Content.ReadAsStringAsync(cancelled);
    }

    /// <summary>Where an answer came from, as Cache-Status tells.</summary>
    public async Task<string> CacheStatus(string path, CancellationToken cancelled)
    {
        using var answer = await Get(path, cancelled);
        return string.Concat(answer.Headers.GetValues("Cache-Status"));
    }

    /// <summary>Null: there is no such product, or no answer.</summary>
    public async Task<int?> Stock(long id, CancellationToken cancelled)
    {
        using var answer = await Get(Invariant($"/api/products/{id}"), cancelled);
        if (!answer.IsSuccessStatusCode)
            return null;
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(cancelled)).GetProperty("stock").GetInt32();
    }

    public async Task<JsonElement> Stats(CancellationToken cancelled)
    {
        using var ask = Admin(HttpMethod.Get, "/performance/cache/stats");
        using var answer = await Http.SendAsync(ask, cancelled);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancelled);
    }

    public async Task<long> Loads(CancellationToken cancelled) => (await Stats(cancelled)).GetProperty("total").GetProperty("loads").GetInt64();

    /// <summary>Changes of rows that it has heard from the database and told the others.</summary>
    public async Task<long> ChangesDone(CancellationToken cancelled) => (await Stats(cancelled)).GetProperty("changes").GetProperty("changes").GetInt64();

    /// <summary>It shares with the others, and hears of the database's changes.</summary>
    public async ValueTask<bool> IsWhole(CancellationToken cancelled)
    {
        var stats = await Stats(cancelled);
        return stats.GetProperty("l2").GetProperty("isOpen").GetBoolean() && stats.GetProperty("changes").GetProperty("isListening").GetBoolean();
    }

    /// <param name="what">JSON, as <c>{"all":true}</c>. Returns whether all instances were told.</param>
    public async Task<bool> Clear(string what, CancellationToken cancelled)
    {
        using var ask = Admin(HttpMethod.Post, "/performance/cache/clear");
        ask.Content = new StringContent(what, System.Text.Encoding.UTF8, "application/json");
        using var answer = await Http.SendAsync(ask, cancelled);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(cancelled)).GetProperty("everywhere").GetBoolean();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await process.DisposeAsync();
    }

    internal static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static HttpRequestMessage Admin(HttpMethod method, string path) =>
        new(method, new Uri(path, UriKind.Relative)) { Headers = { Authorization = new("Bearer", AdminToken) } };
}
