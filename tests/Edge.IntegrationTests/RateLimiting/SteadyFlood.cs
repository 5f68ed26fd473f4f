using Edge.Core.Basics;
using Edge.Core.RateLimiting;

namespace Edge.IntegrationTests.RateLimiting;

/// <summary>As many requests as a rate has made due at each tick of a clock, whatever became of those before.</summary>
static class SteadyFlood
{
    const long Second = 1_000_000_000;

    public static long NowNs => (long)(TimeProvider.System.GetTimestamp() * (1e9 / TimeProvider.System.TimestampFrequency));

    /// <summary>
    /// Whether all that the limit allows was asked for. While this process or Redis is without a core nothing is, and what a burst does not hold is lost:
    /// of such a flood less gets through, and the limit itself holds all the same.
    /// </summary>
    public static bool IsSteady(RateLimit limit, long pauseNs) => pauseNs <= limit.FullNs;

    /// <summary>Returns when all are answered, with the longest time in which none was made or one was waiting.</summary>
    public static async Task<long> Run(int perSecond, int seconds, Admissions admissions, Func<RandomSource, Task> request, CancellationToken cancel)
    {
        var (random, pending) = (new RandomSource(1), new List<Task>());
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var startedNs = NowNs;
        var (tickNs, pauseNs) = (startedNs, 0L);
        while (pending.Count < (long)perSecond * seconds)
        {
            await ticks.WaitForNextTickAsync(cancel);
            var nowNs = NowNs;
            pauseNs = Math.Max(pauseNs, nowNs - tickNs);
            tickNs = nowNs;
            var due = Math.Min((long)perSecond * seconds, (nowNs - startedNs) * perSecond / Second);
            while (pending.Count < due)
                pending.Add(request(random));
        }
        await Task.WhenAll(pending);
        return Math.Max(pauseNs, admissions.SlowestNs);
    }
}
