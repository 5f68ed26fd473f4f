using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Tests.Caching.Cases;

namespace Edge.Tests.Caching;

/// <summary>What only real threads can show. Everything that can be stated step by step is in Cases.</summary>
public sealed class ThreadedCacheTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // Case 29
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1_000)]
    public async Task Any_number_of_callers_on_a_cold_key_share_one_load(int callers)
    {
        await using var cache = new EdgeCache(new() { BudgetBytes = 4 << 20 }, TimeProvider.System, new RandomSource(1));
        var places = cache.PlacesOf("tag");
        var (calls, called, gate) = (0, NewSignal(), NewSignal());
        var reads = Enumerable.Range(0, callers).Select(_ => Task.Run(
            () => cache.GetOrLoad(
                "key", new CacheKind<int>(CacheBench.Policy with { LoadTimeoutMs = 60_000, DurationMs = 60_000 }), places, 0,
                async (_, _) =>
                {
                    var number = Interlocked.Increment(ref calls);
                    called.TrySetResult();
                    await gate.Task;
                    return new Loaded<int>(number, 8);
                },
                Cancelled).AsTask(),
            Cancelled)).ToArray();
        await called.Task;
        gate.SetResult();
        Assert.All(await Task.WhenAll(reads), static answer => Assert.Equal(1, answer.Value));
        Assert.Equal(1, calls);
    }

    /// <summary>A read that starts after an invalidation has returned never sees what was before it.</summary>
    [Fact]
    public async Task Under_any_interleaving_no_read_is_older_than_the_last_invalidation_before_it()
    {
        var (version, floor, tooOld, reads) = (0, 0, 0, 0);
        await using var cache = new EdgeCache(new() { BudgetBytes = 4 << 20 }, TimeProvider.System, new RandomSource(7));
        var places = cache.PlacesOf("tag");
        var policy = CacheBench.Policy with { LoadTimeoutMs = 60_000, DurationMs = 3, EarlyRefresh = 1 };
        var writer = Task.Run(
            async () =>
            {
                // Until there were reads enough for the schedules to vary; each turn is an invalidation.
                for (var i = 1; Volatile.Read(ref reads) < 20_000; i++)
                {
                    Volatile.Write(ref version, i);
                    await cache.InvalidateTags(["tag"]);
                    Volatile.Write(ref floor, i);
                    if (i % 7 == 0)
                        await Task.Yield();
                }
            },
            Cancelled);
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                while (!writer.IsCompleted)
                {
                    var atLeast = Volatile.Read(ref floor);
                    var answer = await cache.GetOrLoad(
                        "key", new CacheKind<int>(policy), places, 0,
                        async (_, _) =>
                        {
                            var read = Volatile.Read(ref version);
                            await Task.Yield();
                            return new Loaded<int>(read, 8);
                        },
                        Cancelled);
                    Interlocked.Increment(ref reads);
                    if (answer.Failure is not null || answer.Value < atLeast)
                        Interlocked.Increment(ref tooOld);
                }
            },
            Cancelled));
        await Task.WhenAll([writer, .. readers]);
        Assert.Equal(0, tooOld);
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
