namespace Edge.Core.Basics;

/// <summary>
/// Waits between attempts to connect: doubling from base to max, the later half of each random, so that the instances of a
/// fleet do not come back in step. The first one after a stable connection is random from zero to base.
/// </summary>
public sealed class Backoff(Random random, int baseMs, int maxMs)
{
    int _failures;

    public TimeSpan AfterLoss()
    {
        _failures = 0;
        return TimeSpan.FromMilliseconds(random.NextDouble() * baseMs);
    }

    public TimeSpan AfterFailure()
    {
        var bound = Math.Min(maxMs, baseMs * Math.Pow(2, _failures));
        _failures = Math.Min(_failures + 1, 30);
        return TimeSpan.FromMilliseconds(bound * (0.5 + random.NextDouble() / 2));
    }
}
