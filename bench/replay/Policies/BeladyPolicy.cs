using Edge.Replay.Traces;

namespace Edge.Replay.Policies;

/// <summary>
/// Belady's optimum: knows the future, and keeps what is used soonest. It does not look at sizes: with equal sizes nothing
/// can beat it; with unequal ones (where the optimum is NP-hard) a policy that prefers small entries may have more hits.
/// What never comes again, or comes later than everything kept, is not kept at all.
/// </summary>
internal sealed class BeladyPolicy : ReplayPolicy
{
    const int Never = int.MaxValue;

    readonly long capacityBytes;
    readonly int[] nextUse;
    readonly int[] nextOf, sizeOf;
    // Farthest first. Entries whose next use has changed stay behind until they surface.
    readonly PriorityQueue<(int Key, int NextUse), int> farthest = new();
    long bytes;
    int now;

    public BeladyPolicy(long capacityBytes, Trace trace)
    {
        this.capacityBytes = capacityBytes;
        nextUse = new int[trace.Count];
        nextOf = new int[trace.KeyCount];
        sizeOf = new int[trace.KeyCount];
        Array.Fill(nextOf, Never);
        for (var i = trace.Count - 1; i >= 0; i--)
        {
            nextUse[i] = nextOf[trace.Keys[i]];
            nextOf[trace.Keys[i]] = i;
        }
        Array.Fill(nextOf, Never);
    }

    public override bool Access(int key, int sizeBytes)
    {
        var next = nextUse[now];
        var hit = nextOf[key] == now++;
        if (hit) Drop(key);
        if (next == Never || sizeBytes > capacityBytes) return hit;
        bytes += sizeBytes;
        nextOf[key] = next;
        sizeOf[key] = sizeBytes;
        farthest.Enqueue((key, next), -next);
        while (bytes > capacityBytes)
        {
            var (last, use) = farthest.Dequeue();
            if (nextOf[last] == use) Drop(last);
        }
        return hit;
    }

    void Drop(int key)
    {
        bytes -= sizeOf[key];
        nextOf[key] = Never;
    }
}
