using System.Diagnostics;
using System.Text.RegularExpressions;
using Edge.IntegrationTests.Cli;
using Edge.Testing;

namespace Edge.IntegrationTests.Ops;

/// <summary>Everything that an instance measures, by name, kind and labels: what dashboards and alerts of others are built on.</summary>
public sealed partial class MetricsSnapshotTests
{
    /// <summary>Set by <c>./dev approve</c>: what differs is rewritten instead of refused.</summary>
    const string Approve = "APPROVE";

    const string AdminToken = "0123456789abcdef0123456789abcdef";

    /// <summary>
    /// Each label and all that it may hold: a few words, names that the code has, or numbers of a small range. A label that is not here could be a key, an
    /// address or an id, and would make a series of each.
    /// </summary>
    static readonly Dictionary<string, string> Bounds = new()
    {
        ["cache_kind"] = "^[a-z_]+(\\.[a-z_]+)*$",
        ["cache_result"] = "^(hit|shared|stale|miss|failed)$",
        ["db_client_connection_pool_name"] = "^(primary|exports)$",
        ["db_client_connection_state"] = "^(idle|used)$",
        ["db_query"] = "^[A-Z][A-Za-z]+\\.[A-Z][A-Za-z]+$",
        ["dependency"] = "^(postgres|redis)$",
        ["gc_heap_generation"] = "^(gen[012]|loh|poh)$",
        ["cpu_mode"] = "^(user|system)$",
        ["error_type"] = "^[A-Za-z0-9_.]+$",
        ["framework"] = "^\\.NET [0-9.]+$",
        ["http_request_method"] = "^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|_OTHER)$",
        ["http_response_status_code"] = "^[1-5][0-9][0-9]$",
        ["http_route"] = "^/[a-z0-9./{}_-]*$",
        ["le"] = "^([0-9.]+|\\+Inf)$",
        ["limit_policy"] = "^(public|user|key|writes|exports|login|login-email)$",
        ["load_class"] = "^(critical|normal|sheddable)$",
        ["native"] = "^(true|false)$",
        ["network_protocol_name"] = "^http$",
        ["network_protocol_version"] = "^(1\\.[01]|2)$",
        ["network_transport"] = "^(tcp|unix)$",
        ["network_type"] = "^ipv[46]$",
        ["outcome"] = "^[a-z_]+$",
        ["redis_command"] = "^([A-Z]+|[a-z_]+\\.[a-z_]+)$",
        ["version"] = "^[0-9A-Za-z.+-]+$",
        // One of each per process: of the resource, which OTEL_RESOURCE_ATTRIBUTES adds to.
        ["service_instance_id"] = "^[0-9a-f-]+$",
        ["service_name"] = "^edge$",
        ["service_version"] = "^[0-9A-Za-z.+-]+$",
        ["telemetry_sdk_language"] = "^dotnet$",
        ["telemetry_sdk_name"] = "^opentelemetry$",
        ["telemetry_sdk_version"] = "^[0-9.]+$",
        // Of the server's own port and address.
        ["server_address"] = "^(\\[::\\]|::|0\\.0\\.0\\.0|127\\.0\\.0\\.1|::1|localhost|::ffff:127\\.0\\.0\\.1)$",
        ["server_port"] = "^[0-9]+$",
    };

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_and_its_labels_are_as_approved_and_every_label_is_bounded()
    {
        var text = await Scraped();
        var scraped = ScrapedMetrics.Parse(text);
        Assert.All(scraped.Values, static label =>
        {
            Assert.True(Bounds.TryGetValue(label.Key, out var bound), $"{label.Key} has no bound: it holds {string.Join(", ", label.Value.Take(5))}");
            Assert.All(label.Value, value => Assert.Matches(bound, value));
        });
        // A histogram is one metric, of three names.
        await Compare(Declared().Matches(text).Select(declared =>
        {
            var (name, kind) = (declared.Groups[1].Value, declared.Groups[2].Value);
            return new Measured(name, kind, scraped.Labels.TryGetValue(name, out var own) ? own : scraped.Labels[name + "_count"], IsAlways: true);
        }));
    }

    [Fact]
    public async Task Promtool_has_nothing_against_them_but_names_of_conventions()
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(await Scraped());
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(Cancel) + await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        // Gauges that semantic conventions call .count, and a gauge of the runtime up to .NET 9 that it declares as a counter.
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, static line => Assert.Matches("^(db_client_connection|dotnet_assembly|dotnet_process_cpu|dotnet_timer)_count non-histogram and non-summary metrics should not have \"_count\" suffix$", line));
    }

    /// <summary>Of an instance that has done a little of everything.</summary>
    static async Task<string> Scraped()
    {
        var database = await SmallDatabase.WithData(Cancel);
        var redis = await SharedServers.Redis(Cancel);
        await using var edge = await ScrapedEdge.Start(
            EdgeRun.Binary,
            new Dictionary<string, string>
            {
                ["DATABASE_URL"] = database.Url, ["REDIS_URL"] = FormattableString.Invariant($"redis://127.0.0.1:{redis.Port}"), ["ADMIN_TOKEN"] = AdminToken,
                ["EDGE_CACHE_PREFIX"] = "metrics",
            },
            Cancel);
        await edge.Call(["/api/products/1", "/api/products/1", "/api/products/search?q=a", "/no/such/route?id=1", "/api/orders/1", "/health/ready"], Cancel);
        using (var refused = await edge.Http.PostAsync(new Uri("/auth/login", UriKind.Relative), new StringContent("""{"email":"nobody@example.com","password":"wrong-wrong"}"""), Cancel))
            Assert.InRange((int)refused.StatusCode, 400, 499);
        // A connection is measured when it ends.
        using (var other = new HttpClient { BaseAddress = edge.Http.BaseAddress })
            await other.GetStringAsync(new Uri("/health", UriKind.Relative), Cancel);
        await edge.ScrapeWith(
            [
                "http_server_request_duration_seconds_count", "kestrel_connection_duration_seconds_count", "edge_db_query_duration_seconds_count", "edge_db_query_rows_total",
                "edge_redis_command_duration_seconds_count", "db_client_operation_duration_seconds_count",
            ],
            Cancel);
        return await edge.Scrape(Cancel);
    }

    /// <summary>What is always there must be there, and what is there must be in the file, with no other labels.</summary>
    static async Task Compare(IEnumerable<Measured> measured)
    {
        // Beside the tests runs a later framework than the native binary's: its own meters tell other things.
        var isNative = EdgeRun.Binary == Environment.GetEnvironmentVariable("EDGE_NATIVE_BINARY");
        bool IsCompared(Measured metric) => isNative || metric.Name.StartsWith("edge_", StringComparison.Ordinal);
        var path = Path.Combine(Repository.Root, "tests", "Edge.IntegrationTests", "Snapshots", "metrics.txt");
        var approved = (File.Exists(path) ? await File.ReadAllLinesAsync(path, Cancel) : []).Select(Measured.Parse).Where(IsCompared).ToDictionary(static metric => metric.Name);
        var now = measured.Where(IsCompared).ToDictionary(static metric => metric.Name);
        var faults = now.Values.Where(metric => !approved.TryGetValue(metric.Name, out var known) || known.Kind != metric.Kind || !known.Labels.IsSupersetOf(metric.Labels))
            .Select(static metric => $"new: {metric}").Concat(approved.Values.Where(metric => metric.IsAlways && !now.ContainsKey(metric.Name)).Select(static metric => $"gone: {metric}")).ToList();
        if (faults.Count == 0)
            return;
        Assert.True(isNative && Environment.GetEnvironmentVariable(Approve) == "1", $"{string.Join('\n', faults)}\n./dev approve MetricsSnapshot, and read the diff");
        foreach (var metric in now.Values)
            approved[metric.Name] = approved.TryGetValue(metric.Name, out var known) ? metric with { Labels = [.. known.Labels, .. metric.Labels], IsAlways = known.IsAlways } : metric;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllLinesAsync(
            path, approved.Values.Where(metric => now.ContainsKey(metric.Name) || !metric.IsAlways).OrderBy(static metric => metric.Name, StringComparer.Ordinal).Select(static metric => metric.ToString()), Cancel);
    }

    /// <param name="IsAlways">False, and marked by a question mark in the file: it is there once something has happened, as a failure.</param>
    sealed record Measured(string Name, string Kind, SortedSet<string> Labels, bool IsAlways)
    {
        public static Measured Parse(string line)
        {
            var words = line.Split(' ');
            return new(words[0].TrimEnd('?'), words[1], new(words.Length > 2 ? words[2].Split(',') : [], StringComparer.Ordinal), !words[0].EndsWith('?'));
        }

        public override string ToString() => $"{Name}{(IsAlways ? "" : "?")} {Kind} {string.Join(',', Labels)}".TrimEnd();
    }

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Declared();
}
