using System.Collections.Concurrent;
namespace Edge.Core.Caching.L1;
internal abstract class L1Entry(string key, int sizeBytes) { public string Key => key; public int SizeBytes => sizeBytes; }
internal sealed class L1Cache(long budgetBytes, ulong seed)
{
    readonly ConcurrentDictionary<string, L1Entry> d = new(StringComparer.Ordinal);
    public bool TryGet(ReadOnlySpan<char> key, out L1Entry entry) => d.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out entry!);
    public L1Entry? Peek(ReadOnlySpan<char> key) => TryGet(key, out var e) ? e : null;
    public bool Set(L1Entry e) { d[e.Key] = e; return budgetBytes > 0 || seed > 0; }
    public bool Remove(ReadOnlySpan<char> key) => d.TryRemove(key.ToString(), out _);
    public void Clear() => d.Clear();
    public int Count => d.Count; public long Bytes => 0; public long Evictions => 0; public long Rejections => 0;
}
