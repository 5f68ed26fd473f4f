using System.Runtime.InteropServices;

namespace Edge.Replay.Traces;

/// <summary>Collects requests and numbers their keys.</summary>
internal sealed class TraceBuilder<TKey>(string name, int maxRequests) where TKey : notnull
{
    readonly Dictionary<TKey, int> numbers = [];
    readonly List<int> keys = [];
    readonly List<int> sizes = [];

    public int Count => keys.Count;
    public bool IsFull => keys.Count >= maxRequests;

    public void Add(TKey key, int sizeBytes)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, key, out var known);
        if (!known) number = numbers.Count - 1;
        keys.Add(number);
        sizes.Add(sizeBytes);
    }

    public Trace Build() => new(name, [.. keys], [.. sizes], numbers.Count);
}
