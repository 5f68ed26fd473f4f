namespace Edge.Replay.Policies;

/// <summary>
/// S3-FIFO (Yang and others, SOSP 2023) by bytes: a small queue of a tenth, a main queue with second chances, and a ghost
/// queue of keys that were pushed out of the small one, as long (in bytes remembered) as the main queue.
/// </summary>
internal sealed class S3FifoPolicy(long capacityBytes, int keyCount) : ReplayPolicy
{
    const double SmallShare = 0.1;
    const int MaxHits = 3;

    readonly long smallBytes = (long)(capacityBytes * SmallShare);
    readonly Node?[] nodes = new Node?[keyCount];
    readonly Node?[] ghosts = new Node?[keyCount];
    readonly NodeQueue small = new(), main = new(), ghost = new();

    public override bool Access(int key, int sizeBytes)
    {
        if (nodes[key] is { } known)
        {
            known.Hits = Math.Min(MaxHits, known.Hits + 1);
            return true;
        }
        if (sizeBytes > capacityBytes) return false;
        while (small.Bytes + main.Bytes + sizeBytes > capacityBytes)
        {
            if (small.Bytes > smallBytes || main.Count == 0) EvictFromSmall();
            else EvictFromMain();
        }
        var node = nodes[key] = new Node(key, sizeBytes);
        if (ghosts[key] is { } ghosted)
        {
            Forget(ghosted);
            main.Push(node);
        }
        else
        {
            small.Push(node);
        }
        return false;
    }

    void EvictFromSmall()
    {
        var node = small.Oldest!;
        small.Remove(node);
        if (node.Hits > 1)
        {
            node.Hits = 0;
            main.Push(node);
            return;
        }
        nodes[node.Key] = null;
        while (ghost.Count > 0 && ghost.Bytes + node.SizeBytes > capacityBytes - smallBytes) Forget(ghost.Oldest!);
        ghosts[node.Key] = node;
        ghost.Push(node);
    }

    void EvictFromMain()
    {
        var node = main.Oldest!;
        if (node.Hits > 0)
        {
            node.Hits--;
            main.Renew(node);
            return;
        }
        main.Remove(node);
        nodes[node.Key] = null;
    }

    void Forget(Node node)
    {
        ghost.Remove(node);
        ghosts[node.Key] = null;
    }
}
