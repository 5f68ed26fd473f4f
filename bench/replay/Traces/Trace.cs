namespace Edge.Replay.Traces;

/// <summary>Requests in order. Keys are numbered 0 … <see cref="KeyCount"/> − 1 by first appearance.</summary>
internal sealed record Trace(string Name, int[] Keys, int[] SizesBytes, int KeyCount)
{
    public int Count => Keys.Length;

    public long TotalBytes
    {
        get
        {
            var sum = 0L;
            foreach (var size in SizesBytes) sum += size;
            return sum;
        }
    }
}
