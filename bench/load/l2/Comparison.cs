using System.Diagnostics;
using System.Globalization;
using Edge.Core.Caching.L2;
using Edge.Load;
using Edge.Redis;
using Edge.Redis.Caching;

namespace Edge.L2Load;

/// <summary>Runs every scenario with both calls in turns, so that what disturbs the machine disturbs both.</summary>
sealed class Comparison(RedisClient client, int rounds, int calls)
{
    const int LongMs = 3_600_000;
    const string Plain = "{l2-load}:plain";
    const string Key = "/api/products/12345";

    // The whole, the key's own and one tag: what an answer of the service depends on.
    static readonly int[] s_places = [0, 20_002, 30_002];

    readonly RedisSecondLevel _store = new(client, "l2-load");

    readonly record struct Sample(double PerSecond, double BytesPerCall, double ServerMicroseconds);

    public async Task Run()
    {
        Console.WriteLine(
            $"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {rounds} rounds of {calls:N0} calls (one caller: a tenth of them)");
        Console.WriteLine();
        Console.WriteLine("| entry | callers | GET /s | fetch /s | fetch / GET (low–high) | B/fetch | server µs/GET | server µs/fetch |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var kilobytes in new[] { 1, 16 })
        {
            await Prepare(kilobytes * 1024);
            foreach (var callers in new[] { 1, 16, 64 })
            {
                var count = callers == 1 ? Math.Max(1_000, calls / 10) : calls;
                await Measure(Get, callers, count / 10);
                await Measure(Fetch, callers, count / 10);
                var gets = new Sample[rounds];
                var fetches = new Sample[rounds];
                for (var round = 0; round < rounds; round++)
                {
                    gets[round] = await Measure(Get, callers, count);
                    fetches[round] = await Measure(Fetch, callers, count);
                }
                Print(kilobytes, callers, gets, fetches);
            }
        }
    }

    async Task Prepare(int bytes)
    {
        var body = new byte[bytes];
        Expect((await client.Set(Plain, body)).Failure);
        await _store.Invalidate(s_places, null, LoadProgram.TimeoutMs);
        var fetch = (await _store.Fetch(Key, s_places, default, LoadProgram.TimeoutMs)).Value;
        var stored = await _store.Store(new(Key, s_places, fetch.Position.Epoch, fetch.At, null, body, 0, LongMs, LongMs), LoadProgram.TimeoutMs);
        if (stored is not { IsOk: true, Value: L2Stored.Stored }) throw new InvalidOperationException(stored.Failure);
    }

    async Task Get(int count)
    {
        for (var i = 0; i < count; i++) Expect((await client.Get(Plain)).Failure);
    }

    async Task Fetch(int count)
    {
        var wish = new L2Wish("token", LongMs, 0);
        for (var i = 0; i < count; i++)
        {
            var fetch = await _store.Fetch(Key, s_places, wish, LoadProgram.TimeoutMs);
            if (fetch.Value.Entry is null) throw new InvalidOperationException(fetch.Failure ?? "no entry");
        }
    }

    async Task<Sample> Measure(Func<int, Task> caller, int callers, int count)
    {
        GC.Collect();
        var server = await ServerMicroseconds();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => caller(count / callers))));
        var seconds = watch.Elapsed.TotalSeconds;
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return new(count / seconds, (double)allocated / count, (await ServerMicroseconds() - server) / count);
    }

    async Task<double> ServerMicroseconds()
    {
        var info = await client.Execute(["INFO", "cpu"], Replies.Text);
        Expect(info.Failure);
        return info.Value!.Split("\r\n")
            .Where(static line => line.StartsWith("used_cpu_sys:", StringComparison.Ordinal) || line.StartsWith("used_cpu_user:", StringComparison.Ordinal))
            .Sum(static line => double.Parse(line.AsSpan(line.IndexOf(':') + 1), CultureInfo.InvariantCulture)) * 1e6;
    }

    static void Print(int kilobytes, int callers, Sample[] gets, Sample[] fetches)
    {
        var ratios = gets.Zip(fetches, static (get, fetch) => fetch.PerSecond / get.PerSecond).Order().ToArray();
        Console.WriteLine(
            $"| {kilobytes} KiB | {callers} | {Median(gets, static s => s.PerSecond):N0} | {Median(fetches, static s => s.PerSecond):N0} "
            + $"| {ratios[ratios.Length / 2]:0.00} ({ratios[0]:0.00}–{ratios[^1]:0.00}) | {Median(fetches, static s => s.BytesPerCall):N0} "
            + $"| {Median(gets, static s => s.ServerMicroseconds):0.0} | {Median(fetches, static s => s.ServerMicroseconds):0.0} |");
    }

    static double Median(Sample[] samples, Func<Sample, double> of) => samples.Select(of).Order().ElementAt(samples.Length / 2);

    static void Expect(RedisFailure? failure)
    {
        if (failure is not null) throw new InvalidOperationException(failure.InternalText);
    }
}
