using Edge.Core.Basics;
using Edge.Core.Caching.L1;

namespace Edge.Replay.Policies;

/// <summary>
/// W-TinyLFU as Caffeine has it, by bytes: an LRU window of 1 %, a segmented LRU behind it, a sketch that counts every
/// access. A candidate must be asked for more often than all the victims together that it would push out
/// ("aggregated victims", Einziger and others 2021).
/// </summary>
internal sealed class WTinyLfuPolicy(long capacityBytes, int keyCount) : ReplayPolicy
{
    const double WindowShare = 0.01;
    const double ProtectedShare = 0.8;
    const int BytesPerSketchWord = 512;

    readonly long windowBytes = (long)(capacityBytes * WindowShare);
    readonly long mainBytes = capacityBytes - (long)(capacityBytes * WindowShare);
    readonly Node?[] nodes = new Node?[keyCount];
    readonly NodeQueue window = new(), probation = new(), kept = new();
    readonly FrequencySketch sketch = new((int)(capacityBytes / BytesPerSketchWord));
    readonly List<Node> victims = [];

    public override bool Access(int key, int sizeBytes)
    {
        sketch.Add(Hash(key), 1, window.Count + probation.Count + kept.Count);
        if (nodes[key] is { } known)
        {
            Touch(known);
            return true;
        }
        if (sizeBytes > mainBytes) return false;
        window.Push(nodes[key] = new Node(key, sizeBytes));
        while (window.Bytes > windowBytes)
        {
            var candidate = window.Oldest!;
            window.Remove(candidate);
            if (Admit(candidate)) probation.Push(candidate);
            else nodes[candidate.Key] = null;
        }
        return false;
    }

    void Touch(Node node)
    {
        if (node.Queue != probation)
        {
            node.Queue!.Renew(node);
            return;
        }
        probation.Remove(node);
        kept.Push(node);
        while (kept.Bytes > mainBytes * ProtectedShare)
        {
            var demoted = kept.Oldest!;
            kept.Remove(demoted);
            probation.Push(demoted);
        }
    }

    bool Admit(Node candidate)
    {
        var missing = probation.Bytes + kept.Bytes + candidate.SizeBytes - mainBytes;
        var frequency = sketch.Estimate(Hash(candidate.Key));
        victims.Clear();
        for (var victim = probation.Oldest ?? kept.Oldest; missing > 0; victim = Next(victim))
        {
            if (victim is null || (frequency -= sketch.Estimate(Hash(victim.Key))) <= 0)
            {
                foreach (var spared in victims) spared.Queue!.Renew(spared);
                return false;
            }
            missing -= victim.SizeBytes;
            victims.Add(victim);
        }
        foreach (var victim in victims)
        {
            victim.Queue!.Remove(victim);
            nodes[victim.Key] = null;
        }
        return true;
    }

    Node? Next(Node victim) => victim.Newer ?? (victim.Queue == probation ? kept.Oldest : null);

    static uint Hash(int key) => (uint)RandomSource.Mix((ulong)key + 1);
}
