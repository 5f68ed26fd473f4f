namespace Edge.Core.Caching.L2;

/// <summary>
/// What the instances of a service share: entries, the generations that entries depend on, leases to load, and news of each other's
/// invalidations. One adapter speaks to Redis; another, in memory, is the model that tests run the engine on.
///
/// <para><b>Generations.</b> Numbered places, each with a number that only grows. An invalidation moves some places on. Everything is
/// counted: <see cref="L2Position.Version"/> moves by one with each invalidation, and <see cref="L2Position.Epoch"/> names this life of the store.
/// A store that has lost its memory has another epoch, and nothing kept from before can be compared with it. Even places are hard
/// (an entry read before is not to be used), odd ones soft (it is stale, and may be used where nothing better is to be had).</para>
///
/// <para><b>A store that goes back</b> in time, to an earlier position, does not know it, and its entries pass for current. Whoever knows of a
/// later position has it begin another epoch, in which none of them counts.</para>
///
/// <para><b>Guarantees.</b> Each call is atomic. A fetch tells the generations as of the moment it looked for the entry. An entry whose
/// hard places have moved since it was stored is never fetched. An entry is stored only if none of its places has moved since the fetch
/// that granted its lease and the lease is still held: a load that was overtaken changes nothing.</para>
///
/// <para><b>Failure.</b> No call throws for what network and server do, and each ends by its deadline (<c>timeoutMs</c>). A call that
/// failed may have run. A store that refuses to write refuses to be compared (<see cref="ReadGenerations"/>), too: who asks finds out.</para>
/// </summary>
public interface ISecondLevel
{
    /// <summary>Looks for an entry, and takes the lease to load it where there is none that is fresh enough.</summary>
    /// <param name="places">What the entry depends on.</param>
    ValueTask<L2Result<L2Fetch>> Fetch(string key, int[] places, L2Wish wish, int timeoutMs);

    /// <summary>Stores an entry, gives back the lease, and tells those who wait for it.</summary>
    ValueTask<L2Result<L2Stored>> Store(L2Entry entry, int timeoutMs);

    /// <summary>Gives back a lease whose load failed, and tells those who wait. False: it was not held any more.</summary>
    ValueTask<L2Result<bool>> Release(string key, string token, int timeoutMs);

    /// <summary>Moves places on and tells all instances. Returns where those places stand now.</summary>
    /// <param name="changeId">
    /// Names one change that several instances report; the second report of the same within a minute moves nothing. Null: always moves.
    /// </param>
    ValueTask<L2Result<L2Generations>> Invalidate(int[] places, string? changeId, int timeoutMs);

    /// <summary>All places that have ever moved.</summary>
    ValueTask<L2Result<L2Generations>> ReadGenerations(int timeoutMs);

    /// <summary>Begins another epoch unless <paramref name="seen"/> has ended already, and tells all instances. Returns as <see cref="ReadGenerations"/>.</summary>
    ValueTask<L2Result<L2Generations>> EndEpoch(string seen, int timeoutMs);

    /// <summary>News from all instances, this one included, in the order in which the store made them. Ends when cancelled.</summary>
    IAsyncEnumerable<L2Event> Listen(CancellationToken cancelled);
}

/// <summary>A reply, or for the log the reason why there is none.</summary>
public readonly record struct L2Result<T>(T Value, string? Failure)
{
    public bool IsOk => Failure is null;
}

/// <param name="Epoch">Not empty. In ordinal order, a later one comes after those before it.</param>
/// <param name="Version">Number of invalidations in this epoch.</param>
public readonly record struct L2Position(string Epoch, long Version);

/// <param name="At">The generation of each of <paramref name="Places"/>.</param>
/// <param name="IsRepeat">Of an invalidation: its change had been reported before, so that it moved nothing.</param>
public readonly record struct L2Generations(L2Position Position, int[] Places, uint[] At, bool IsRepeat = false);

/// <summary>What a fetch wants beside a look.</summary>
/// <param name="Token">Names the lease if it is taken; unique for each fetch. Null: no lease is wanted.</param>
/// <param name="LeaseMs">How long the lease lasts if it is not given back: the load's own deadline and some more.</param>
/// <param name="FreshForMs">The lease is taken unless the entry stays fresh for longer than this. 0: it is fresh now.</param>
public readonly record struct L2Wish(string? Token, int LeaseMs, long FreshForMs);

/// <param name="At">Generations of the places asked for, in their order.</param>
/// <param name="Entry">Null: there is none that may be used.</param>
/// <param name="IsSuspect">A soft place has moved since it was stored: stale, whatever its time says.</param>
/// <param name="AgeMs">Since it was loaded, by the store's clock.</param>
/// <param name="FreshMs">How long it stays fresh; negative: since when it has not been.</param>
/// <param name="Lease">Whether the caller is the one to load.</param>
/// <param name="LeaseWaitMs">Where another has the lease: after this it has run out.</param>
public readonly record struct L2Fetch(
    L2Position Position, uint[] At, byte[]? Entry, bool IsSuspect, long AgeMs, long FreshMs, L2Lease Lease, int LeaseWaitMs);

public enum L2Lease
{
    /// <summary>The entry is fresh enough, or no lease was wanted.</summary>
    NotNeeded,

    /// <summary>The caller loads.</summary>
    Granted,

    /// <summary>Somebody else loads. <see cref="L2EventKind.Filled"/> will tell the end of it, or LeaseWaitMs will pass.</summary>
    Refused,
}

/// <param name="Token">The lease; null where there was none (bulk): then only the generations decide.</param>
/// <param name="Epoch">As told by the fetch before the load; so is <paramref name="At"/>.</param>
/// <param name="AgeMs">How long ago the load ended.</param>
/// <param name="FreshMs">How long it is fresh from now on.</param>
/// <param name="KeepMs">How long the store keeps it: the end of fail-safe.</param>
public readonly record struct L2Entry(
    string Key, int[] Places, string Epoch, uint[] At, string? Token, ReadOnlyMemory<byte> Bytes, long AgeMs, long FreshMs, long KeepMs);

public enum L2Stored
{
    Stored,

    /// <summary>A place has moved, or the epoch is another: what was loaded may be old.</summary>
    Outdated,

    /// <summary>The lease had run out, whether or not another has it now.</summary>
    LeaseLost,
}

public enum L2EventKind
{
    /// <summary>From here on nothing is missed, until <see cref="Lost"/>.</summary>
    Connected,

    /// <summary>What happens from here on may be missed.</summary>
    Lost,

    /// <summary>Places have moved.</summary>
    Invalidated,

    /// <summary>The lease of a key was given back, with or without an entry.</summary>
    Filled,
}

/// <param name="Moved">Of Invalidated: the places, where they stand, and the position after it. No places: another epoch has begun.</param>
/// <param name="Key">Of Filled.</param>
/// <param name="ChangeId">Of Invalidated: what was reported, where it was named.</param>
public readonly record struct L2Event(L2EventKind Kind, L2Generations Moved = default, string? Key = null, string? ChangeId = null);
