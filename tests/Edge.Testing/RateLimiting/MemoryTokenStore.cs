using Edge.Core.RateLimiting;

namespace Edge.Testing.RateLimiting;

/// <summary>
/// The buckets as a dictionary around <see cref="TokenGrant.Of"/>: what the adapter for Redis is held against by one suite. Its clock is in
/// microseconds, as that of Redis is. Thread-safe; it answers at once.
/// </summary>
public sealed class MemoryTokenStore(TimeProvider clock) : ITokenStore
{
    readonly Lock _gate = new();
    readonly Dictionary<UInt128, long> _tats = [];

    public long NowNs => clock.GetUtcNow().Subtract(DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond * 1000;

    /// <summary>When the key's bucket will be full; 0: never seen.</summary>
    public long this[UInt128 key]
    {
        get
        {
            lock (_gate) return _tats.GetValueOrDefault(key);
        }

        set
        {
            lock (_gate) _tats[key] = value;
        }
    }

    public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs)
    {
        lock (_gate)
        {
            var tat = _tats.GetValueOrDefault(request.Key);
            var grant = TokenGrant.Of(request, ref tat, NowNs);
            _tats[request.Key] = tat;
            return new(grant);
        }
    }
}
