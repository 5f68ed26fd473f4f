namespace Edge.Core.RateLimiting;

/// <summary>
/// Keys that the store is being asked about, and what others wait on meanwhile. A handful at a time, so lists in a few slots do; a dictionary by
/// <see cref="UInt128"/> would bring all of that type's text and numbers into the binary.
/// </summary>
internal sealed class AskedKeys
{
    const int Slots = 64;

    readonly Lock _lock = new();
    readonly Asked?[] _slots = new Asked?[Slots];

    public Asked Add(UInt128 key)
    {
        var asked = new Asked(key);
        lock (_lock)
        {
            ref var slot = ref _slots[SlotOf(key)];
            asked.Next = slot;
            slot = asked;
        }
        return asked;
    }

    /// <summary>Completes when the store has answered, or will not; null: it is not being asked about this key.</summary>
    public Task? Find(UInt128 key)
    {
        lock (_lock)
        {
            for (var asked = _slots[SlotOf(key)]; asked is not null; asked = asked.Next)
                if (asked.Key == key)
                    return asked.Done.Task;
            return null;
        }
    }

    /// <summary>Wakes who waits.</summary>
    public void Remove(Asked asked)
    {
        lock (_lock)
        {
            ref var at = ref _slots[SlotOf(asked.Key)];
            while (at is not null && at != asked)
                at = ref at.Next;
            if (at is not null)
                at = asked.Next;
        }
        asked.Done.SetResult();
    }

    static int SlotOf(UInt128 key) => (int)((ulong)(key >> 64) % Slots);

    internal sealed class Asked(UInt128 key)
    {
        public readonly UInt128 Key = key;

        public readonly TaskCompletionSource Done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Asked? Next;
    }
}
