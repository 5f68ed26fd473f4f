using System.Diagnostics;

namespace Edge.Tests.Redis;

/// <summary>For states that have no event. Yields between looks; fails after <see cref="Guard.Time"/>.</summary>
static class Eventually
{
    public static async Task Holds(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Guard.Time, "the state was not reached in time");
            await Task.Yield();
        }
    }
}
