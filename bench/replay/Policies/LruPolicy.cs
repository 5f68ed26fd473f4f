namespace Edge.Replay.Policies;

/// <summary>Least recently used, by bytes.</summary>
internal sealed class LruPolicy(long capacityBytes, int keyCount) : ReplayPolicy
{
    readonly Node?[] nodes = new Node?[keyCount];
    readonly NodeQueue queue = new();

    public override bool Access(int key, int sizeBytes)
    {
        if (nodes[key] is { } known)
        {
            queue.Renew(known);
            return true;
        }
        if (sizeBytes > capacityBytes) return false;
        while (queue.Bytes + sizeBytes > capacityBytes)
        {
            nodes[queue.Oldest!.Key] = null;
            queue.Remove(queue.Oldest);
        }
        queue.Push(nodes[key] = new Node(key, sizeBytes));
        return false;
    }
}
