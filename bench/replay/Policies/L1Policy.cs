using Edge.Core.Caching.L1;

namespace Edge.Replay.Policies;

/// <summary>The product's own class.</summary>
internal sealed class L1Policy(L1Cache cache) : ReplayPolicy
{
    const int Digits = 12;

    readonly char[] key = new char[Digits];

    public override bool Access(int number, int sizeBytes)
    {
        number.TryFormat(key, out var length);
        if (cache.TryGet(key.AsSpan(0, length), out _)) return true;
        cache.Set(new Replayed(new string(key, 0, length), sizeBytes));
        return false;
    }

    // The trace's size is the whole size, as it is for the other policies: overhead that they do not have is taken off again.
    sealed class Replayed(string key, int sizeBytes) : L1Entry(key, Math.Max(0, sizeBytes - OverheadBytes(key)));
}
