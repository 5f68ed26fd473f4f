using System.Diagnostics;
using System.Net;
using Edge.Core.Basics;

namespace Edge.IntegrationTests.CacheFaults;

/// <summary>What came of requests of one kind.</summary>
internal sealed class Tally
{
    readonly Lock _gate = new();

    public int Count { get; private set; }

    public int Ok { get; private set; }

    /// <summary>503 with Retry-After.</summary>
    public int Unavailable { get; private set; }

    public int Others => Count - Ok - Unavailable;

    /// <summary>What the first of the others was, with all that it said.</summary>
    public string? Other { get; private set; }

    public double SlowestMs { get; private set; }

    /// <summary>What was slowest, and how Cache-Status tells of it.</summary>
    public string Slowest { get; private set; } = "";

    /// <param name="said">Of an answer its body, else why there is none.</param>
    public void Add(string path, double tookMs, HttpResponseMessage? answer, string said)
    {
        lock (_gate)
        {
            Count++;
            if (tookMs > SlowestMs)
                (SlowestMs, Slowest) = (tookMs, $"{path}: {answer?.Headers.ToString().Split('\n').FirstOrDefault(static line => line.StartsWith("Cache-Status", StringComparison.Ordinal))}");
            if (answer?.StatusCode == HttpStatusCode.OK)
                Ok++;
            else if (answer?.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null)
                Unavailable++;
            else
                Other ??= $"{answer?.StatusCode} {answer?.Headers} {said}";
        }
    }
}

/// <summary>
/// Requests at a fixed pace, however long the answers take: warm products by Zipf's law on every instance, a trickle of products that nobody has
/// asked for yet, and beside each warm read, of the same instance, <c>/health</c>, which needs neither cache nor database and so tells how slow the machine
/// itself is just now.
/// </summary>
internal sealed class ReadLoad : IAsyncDisposable
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    const int TicksPerCold = 10;

    readonly CacheCluster _cluster;
    readonly CancellationTokenSource _stop = new();
    readonly List<Task> _reads = [];
    readonly WeightedSampler _sampler = WeightedSampler.Zipf(CacheCluster.WarmProducts, 1);
    readonly RandomSource _random = new(7);
    readonly Task _running;

    public ReadLoad(CacheCluster cluster)
    {
        _cluster = cluster;
        _running = Run();
    }

    /// <summary>Reads of products that every instance had in memory.</summary>
    public Tally Warm { get; } = new();

    /// <summary>The same of those that were changed while it ran.</summary>
    public Tally Changed { get; } = new();

    /// <summary>Reads of products that nobody had read.</summary>
    public Tally Cold { get; } = new();

    /// <summary>
    /// Requests that touch neither cache nor database, as long as they took from when they were due: where this process itself is without a core, none is made
    /// that could tell of it, and reads that are under way have to wait for it all the same.
    /// </summary>
    public Tally Control { get; } = new();

    /// <summary>Lets it run on for a while.</summary>
    public static async Task For(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it, and waits for the answers that are still under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Task.WhenAll(_reads);
    }

    async Task Run()
    {
        using var timer = new PeriodicTimer(Tick);
        var nodes = _cluster.Nodes;
        var last = Stopwatch.GetTimestamp();
        for (var tick = 0; !_stop.IsCancellationRequested; tick++)
        {
            var lateMs = Math.Max(0, (Stopwatch.GetElapsedTime(last) - Tick).TotalMilliseconds);
            last = Stopwatch.GetTimestamp();
            foreach (var node in nodes)
            {
                var id = _sampler.Next(_random) + 1;
                _reads.Add(Read(node, CacheNode.Invariant($"/api/products/{id}"), id > CacheCluster.ChangedProducts ? Warm : Changed));
                _reads.Add(Read(node, "/health", Control, lateMs));
            }
            if (tick % TicksPerCold == 0)
                _reads.Add(Read(nodes[tick / TicksPerCold % nodes.Count], CacheNode.Invariant($"/api/products/{_cluster.Unread()}"), Cold));
            await timer.WaitForNextTickAsync();
        }
    }

    static async Task Read(CacheNode node, string path, Tally tally, double lateMs = 0)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var answer = await node.Get(path, CancellationToken.None);
            var tookMs = lateMs + Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            tally.Add(path, tookMs, answer, await answer.Content.ReadAsStringAsync(CancellationToken.None));
        }
        catch (HttpRequestException failure)
        {
            tally.Add(path, lateMs + Stopwatch.GetElapsedTime(started).TotalMilliseconds, null, failure.Message);
        }
    }
}
