namespace Edge.Tests.Basics;

/// <summary>What a piece of code that runs on the calling thread allocates on it once it is warm.</summary>
static class Allocated
{
    const int Rounds = 5;

    /// <summary>
    /// Bytes, the least of five rounds after one that is not counted. What the code itself allocates is in each of them. The runtime allocates on
    /// this thread too, now and then: when it replaces a method by its optimized form, on a busy machine at any time (7,608 bytes in one round, once).
    /// </summary>
    public static long By(Action work)
    {
        work();
        return Enumerable.Range(0, Rounds).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }
}
