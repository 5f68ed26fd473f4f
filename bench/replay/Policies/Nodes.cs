namespace Edge.Replay.Policies;

internal sealed class Node(int key, int sizeBytes)
{
    public readonly int Key = key;
    public readonly int SizeBytes = sizeBytes;
    public Node? Newer, Older;
    public NodeQueue? Queue;
    public int Hits;
}

/// <summary>A doubly linked queue that knows its bytes.</summary>
internal sealed class NodeQueue
{
    public Node? Newest { get; private set; }
    public Node? Oldest { get; private set; }
    public long Bytes { get; private set; }
    public int Count { get; private set; }

    public void Push(Node node)
    {
        node.Queue = this;
        node.Older = Newest;
        node.Newer = null;
        if (Newest is null) Oldest = node;
        else Newest.Newer = node;
        Newest = node;
        Bytes += node.SizeBytes;
        Count++;
    }

    public void Remove(Node node)
    {
        if (node.Older is null) Oldest = node.Newer;
        else node.Older.Newer = node.Newer;
        if (node.Newer is null) Newest = node.Older;
        else node.Newer.Older = node.Older;
        node.Newer = node.Older = null;
        node.Queue = null;
        Bytes -= node.SizeBytes;
        Count--;
    }

    public void Renew(Node node)
    {
        Remove(node);
        Push(node);
    }
}
