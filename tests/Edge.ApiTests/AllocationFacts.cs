using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

/// <summary>Facts that count what the whole process does run when nothing else does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>
/// What a cached request costs the garbage collector, in process, counted over all threads. The client allocates nothing: it sends the same
/// bytes and reads as many as the first answer had.
/// </summary>
[Collection(Alone.Name)]
public sealed class AllocationFacts(TestBed bed) : Facts(bed.InProcess)
{
    const int Warming = 2_000;
    const int Counted = 5_000;

    public static TheoryData<string> Requests => [.. Budgets().EnumerateObject().Select(static budget => budget.Name)];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_stays_within_its_budget(string request)
    {
        await using var edge = await Way.StartCached(Database.Url, Cancelled);
        var least = await LeastBytes(edge, request);
        var budget = Budgets().GetProperty(request).GetDouble();
        Assert.True(least <= budget, string.Create(CultureInfo.InvariantCulture, $"{request} allocated {least:0.0} B, and may {budget}"));
    }

    async Task<double> LeastBytes(EdgeUnderTest edge, string request)
    {
        var target = request.Split(' ')[1];
        using var first = await edge.Get(target);
        var condition = request.EndsWith("If-None-Match", StringComparison.Ordinal) ? $"If-None-Match: {first.Header("ETag")}\r\n" : "";
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(IPAddress.Loopback, edge.Http.BaseAddress!.Port);
        var bytes = Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: edge\r\n{condition}\r\n");
        var answer = new byte[1 << 20];

        // The least of several runs: a timer of the runtime that falls into one is not the request's.
        var least = double.MaxValue;
        Exchange(client, bytes, answer, Warming);
        for (var run = 0; run < 3; run++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Exchange(client, bytes, answer, Counted);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Counted);
        }
        return least;
    }

    internal static void Exchange(Socket client, byte[] request, byte[] answer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            client.Send(request);
            var length = client.Receive(answer);
            var end = answer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) + 4;
            // Not an assertion: those box what they compare.
            if (end < 5)
                throw new InvalidDataException("The head of an answer came in pieces.");
            var left = BodyLength(answer.AsSpan(0, end)) - (length - end);
            while (left > 0)
                left -= client.Receive(answer, 0, left, SocketFlags.None);
        }
    }

    static int BodyLength(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0)
            return 0;
        var digits = head[(at + "Content-Length: ".Length)..];
        return int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }

    static JsonElement Budgets() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "bench", "budgets.json"))).RootElement.GetProperty("allocatedBytesPerRequest");
}

/// <summary>
/// The same of the native binary, with all that is measured by default, and scraped: by its own count of what it has allocated.
/// </summary>
[Collection(Alone.Name)]
public sealed class AllocationNative(TestBed bed) : Facts(bed.Native)
{
    const int Counted = 100_000;

    /// <summary>Bytes per request. The smallest object has 24; what is left are timers, and that the runtime counts by blocks of 8 KB.</summary>
    const double Most = 16;

    [Fact]
    public async Task A_cached_request_that_is_measured_allocates_nothing()
    {
        var port = FreePort.Of();
        await using var edge = await Way.Start(
            new()
            {
                ["DATABASE_URL"] = Database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["OTEL_METRICS_EXPORTER"] = "prometheus",
                ["OTEL_EXPORTER_PROMETHEUS_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            },
            Cancelled);
        using var metrics = new HttpClient();
        var scrape = new Uri($"http://localhost:{port}/metrics");
        await Poll.Until(async token => await ScrapedEdge.IsScraped(metrics, scrape, token), "it is scraped", Cancelled);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(IPAddress.Loopback, edge.Http.BaseAddress!.Port);
        var bytes = "GET /api/products/1 HTTP/1.1\r\nHost: edge\r\n\r\n"u8.ToArray();
        var answer = new byte[1 << 20];
        AllocationFacts.Exchange(client, bytes, answer, Counted / 10);
        // What asking takes. The least of several too: what else the instance does would be taken off what the requests allocate.
        var asking = long.MaxValue;
        for (var run = 0; run < 5; run++)
            asking = Math.Min(asking, -await Allocated(edge) + await Allocated(edge));
        var least = double.MaxValue;
        for (var run = 0; run < 3; run++)
        {
            var before = await Allocated(edge);
            AllocationFacts.Exchange(client, bytes, answer, Counted);
            least = Math.Min(least, (await Allocated(edge) - before - asking) / (double)Counted);
        }
        Assert.InRange(least, -1, Most);
        // It was measured, and as a call of its route.
        Assert.Matches("http_server_request_duration_seconds_count\\{.*http_route=\"/api/products/\\{id\\}\".*\\} [0-9]{6}", await metrics.GetStringAsync(scrape, Cancelled));
    }

    /// <summary>Collecting what the start allocates took a quarter of it (StartMemory). What it asks for itself, at its beginning and two seconds later, is of all generations.</summary>
    [Fact]
    public async Task What_the_start_allocates_is_not_collected_before_it_has_answered()
    {
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = Database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken }, Cancelled);
        using var first = await edge.Get("/api/products/1");
        var collections = (await edge.Json("/performance/metrics", Admin)).GetProperty("gc").GetProperty("collections").EnumerateArray().Select(static count => count.GetInt32()).ToList();
        // Those of a generation are those of the older ones, too.
        Assert.Equal(collections[^1], collections[0]);
    }

    static async Task<long> Allocated(EdgeUnderTest edge) => (await edge.Json("/performance/metrics", Admin)).GetProperty("gc").Whole("allocatedBytes");
}
