using System.Diagnostics;
using System.Globalization;
using Edge.Redis;

namespace Edge.RedisLoad;

/// <summary>Runs every scenario on both sides in turns, so that what disturbs the machine disturbs both.</summary>
sealed class Comparison(RedisClient client, RedisOptions options, int rounds, int commands)
{
    // redis-benchmark without -r uses this very key.
    const string Key = "key:__rand_int__";

    readonly record struct Sample(double PerSecond, double BytesPerCommand, double CpuMicroseconds);

    public async Task Run()
    {
        Console.WriteLine(
            $"{Environment.ProcessorCount} processors, .NET {Environment.Version}, "
            + $"{rounds} rounds of {commands:N0} commands (one caller: a tenth of them)");
        Console.WriteLine(
            $"{"",-11}{"ours",-15}{"redis-benchmark",-17}{"ours /s",11}{"theirs /s",11}   {"ratio (low–high)",-20}"
            + $"{"B/cmd",7}{"µs CPU/cmd",12}");
        var began = Stopwatch.StartNew();
        for (var i = 0; i < Scenario.All.Length; i++)
        {
            var scenario = Scenario.All[i];
            await Prepare(scenario);
            var ours = new Sample[rounds];
            var theirs = new double[rounds];
            await Measure(scenario, Math.Max(1_000, commands / 10));
            for (var round = 0; round < rounds; round++)
            {
                ours[round] = await Measure(scenario, Count(scenario));
                theirs[round] = await RedisBenchmark(scenario, Count(scenario));
                Progress(began, i * rounds + round + 1);
            }

            Print(scenario, ours, theirs);
        }
    }

    int Count(Scenario scenario) => scenario.Width == 1 ? Math.Max(1_000, commands / 10) : commands;

    async Task Prepare(Scenario scenario)
    {
        var written = await client.Set(Key, new byte[scenario.PayloadBytes]);
        if (written.Failure is { } failure) throw new InvalidOperationException(failure.InternalText);
    }

    async Task<Sample> Measure(Scenario scenario, int count)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var watch = Stopwatch.StartNew();
        if (scenario.Shape == Shape.Batch) await Batches(scenario, count);
        else await Callers(scenario, count);
        var seconds = watch.Elapsed.TotalSeconds;
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        process.Refresh();
        return new Sample(count / seconds, (double)allocated / count, (process.TotalProcessorTime - cpu).TotalMicroseconds / count);
    }

    async Task Callers(Scenario scenario, int count)
    {
        var callers = new Task[scenario.Width];
        for (var i = 0; i < callers.Length; i++)
        {
            var share = count / callers.Length + (i < count % callers.Length ? 1 : 0);
            callers[i] = Task.Run(() => Caller(scenario, share));
        }

        await Task.WhenAll(callers);
    }

    async Task Caller(Scenario scenario, int count)
    {
        var value = new byte[scenario.PayloadBytes];
        for (var i = 0; i < count; i++)
        {
            switch (scenario.Command)
            {
                case "GET":
                    Expect((await client.Get(Key)).Failure);
                    break;
                case "SET":
                    Expect((await client.Set(Key, value)).Failure);
                    break;
                default:
                    Expect((await client.Ping()).Failure);
                    break;
            }
        }
    }

    async Task Batches(Scenario scenario, int count)
    {
        var value = new byte[scenario.PayloadBytes];
        var gets = new ValueTask<RedisResult<byte[]?>>[scenario.Width];
        var sets = new ValueTask<RedisResult<bool>>[scenario.Width];
        for (var done = 0; done < count; done += scenario.Width)
        {
            var width = Math.Min(scenario.Width, count - done);
            if (scenario.Command == "GET")
            {
                for (var i = 0; i < width; i++) gets[i] = client.Get(Key);
                for (var i = 0; i < width; i++) Expect((await gets[i]).Failure);
            }
            else
            {
                for (var i = 0; i < width; i++) sets[i] = client.Set(Key, value);
                for (var i = 0; i < width; i++) Expect((await sets[i]).Failure);
            }
        }
    }

    async Task<double> RedisBenchmark(Scenario scenario, int count)
    {
        string[] arguments =
        [
            "-h", options.Host, "-p", Number(options.Port), "-n", Number(count),
            "-c", Number(scenario.Clients), "-P", Number(scenario.Pipeline), "-d", Number(Math.Max(1, scenario.PayloadBytes)),
            "-t", scenario.Command == "PING" ? "ping_mbulk" : scenario.Command.ToLowerInvariant(), "--csv",
        ];
        using var process = Process.Start(new ProcessStartInfo("redis-benchmark", arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        // "test","rps",… then "GET","123456.78",…
        var line = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        return double.Parse(line.Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
    }

    static void Expect(RedisFailure? failure)
    {
        if (failure is not null) throw new InvalidOperationException(failure.InternalText);
    }

    static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    static void Print(Scenario scenario, Sample[] ours, double[] theirs)
    {
        var ratios = ours.Zip(theirs, (mine, other) => mine.PerSecond / other).ToArray();
        var ratio = $"{Median(ratios):0.00} ({ratios.Min():0.00}–{ratios.Max():0.00})";
        Console.WriteLine(
            $"{scenario.Name,-11}{scenario.Ours,-15}{scenario.Theirs,-17}"
            + $"{Median(ours.Select(s => s.PerSecond)),11:N0}{Median(theirs),11:N0}   {ratio,-20}"
            + $"{Median(ours.Select(s => s.BytesPerCommand)),7:N1}{Median(ours.Select(s => s.CpuMicroseconds)),12:N2}");
    }

    void Progress(Stopwatch began, int done)
    {
        if (Console.IsErrorRedirected) return;
        var total = Scenario.All.Length * rounds;
        var left = began.Elapsed.TotalSeconds / done * (total - done);
        Console.Error.Write($"\r{done}/{total} turns, about {left:0} s left   \r");
    }

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
