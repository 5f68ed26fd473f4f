namespace Edge.Core.Caching.L1;

/// <summary>
/// What the in-process level keeps: a key, an accounted size, and the policy's own fields. The engine derives from it and
/// adds the body; to the policy it is opaque. Key and size never change, so an entry may be shared with readers freely;
/// a new value is a new entry.
/// </summary>
internal abstract class L1Entry
{
    // Measured, not guessed: object header and method table 16, fields of this class 48.
    const int OwnBytes = 64;
    // Header, method table, length, terminator; rounded up to 8 with the characters.
    const int StringBytes = 22;
    /// <summary>Header, method table and length of an array. For those who compute a payload.</summary>
    internal const int ArrayOverheadBytes = 24;

    // Set on unlinking to tell a reader who stands on the entry that the chain goes on elsewhere (see EntryTable).
    internal L1Entry? Next;
    internal L1Entry? Before, After;
    internal uint Hash;
    /// <summary>Hits since the hand passed last, at most <see cref="EvictionPolicy.MaxHits"/>. Written by readers without a lock.</summary>
    internal byte Hits;
    internal L1Place Place;

    /// <param name="key">Not empty.</param>
    /// <param name="payloadBytes">
    /// All that the derived class adds: its fields, and the arrays and strings that only it refers to, headers included.
    /// </param>
    protected L1Entry(string key, int payloadBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        Key = key;
        SizeBytes = (int)Math.Min(int.MaxValue, (long)payloadBytes + OverheadBytes(key));
    }

    public string Key { get; }

    /// <summary>What the entry costs of the budget: key, payload, overhead.</summary>
    public int SizeBytes { get; }

    internal static int OverheadBytes(string key) => OwnBytes + ((StringBytes + key.Length * sizeof(char) + 7) & ~7);
}

internal enum L1Place : byte
{
    Outside,
    Window,
    Main,
}
