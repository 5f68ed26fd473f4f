using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Edge.Core.RateLimiting;
using Edge.Redis.Protocol;

namespace Edge.Redis.RateLimiting;

/// <summary>
/// The buckets in Redis. A call is one script and one round trip, so it is atomic by itself; the clock is the server's, so that instances need not
/// agree on one.
///
/// <para><b>Keys.</b> <c>{edge}:t:HEX</c>, 32 digits of the hash of policy and key, a string: when the bucket will be full, in nanoseconds since 1970.
/// Redis keeps a number of that size without a second allocation. It expires when the bucket is full, which is what a key
/// that is not there means: who is idle costs nothing, and a Redis that was emptied has full buckets.</para>
///
/// <para><b>Bounds when something is wrong.</b> A server whose clock steps back, a failover to one whose clock is behind, and a bucket of another
/// limit leave a state that is too far ahead: it counts as empty, no more, and is written back as that, so it is full again after the time that
/// its limit says. A clock that steps forward fills buckets, and no more than once. Redis replicates what a script wrote, not the script, and
/// expiry as a time of day. A replica that was promoted before it had everything has forgotten so many grants. A read-only replica and one out of
/// memory refuse, which is right, and cannot grant: null.</para>
///
/// <para><b>Two limits on one key at the same time</b>, as while instances change over from one setting to the next: each reads the bucket as
/// its own. The one that fills sooner may then cut down what the other holds against its key.</para>
/// </summary>
public sealed class RedisTokenStore : ITokenStore
{
    const int HexDigits = 32;

    static readonly RedisReplyReader<TokenGrant> s_grant = static (ref RespReader reply, out TokenGrant value) =>
    {
        value = default;
        if (!reply.TryReadArray(out var parts) || parts != 2 || !reply.TryReadInteger(out var granted) || !reply.TryReadInteger(out var aheadNs))
            return false;
        value = new((int)granted, aheadNs);
        return granted is >= 0 and <= int.MaxValue && aheadNs >= 0;
    };

    readonly RedisClient _client;
    readonly byte[] _prefix;

    /// <param name="client">Not disposed here.</param>
    /// <param name="prefix">What all keys begin with: one per service and environment that share a Redis. Not empty, no braces.</param>
    public RedisTokenStore(RedisClient client, string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        if (prefix.AsSpan().ContainsAny('{', '}')) throw new ArgumentException("The prefix becomes a hash tag: it has no braces.", nameof(prefix));
        _client = client;
        _prefix = Encoding.UTF8.GetBytes($"{{{prefix}}}:t:");
    }

    /// <inheritdoc/>
    public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs)
    {
        var (limit, length) = (request.Limit, _prefix.Length + HexDigits);
        // A call copies its words before it returns.
        var key = ArrayPool<byte>.Shared.Rent(length);
        _prefix.CopyTo(key, 0);
        request.Key.TryFormat(key.AsSpan(_prefix.Length), out _, "x32", CultureInfo.InvariantCulture);
        // 0 would be the client's own deadline, not "no time left".
        var reply = _client.Eval(
            TokenScript.Take,
            [new ReadOnlyMemory<byte>(key, 0, length)],
            // More than all is all, and keeps the product exact.
            [request.Needed, request.Wanted, request.LifeNs, Math.Min(request.Spent, limit.Burst), limit.IntervalNs, limit.FullNs],
            s_grant, CancellationToken.None, Math.Max(1, timeoutMs));
        ArrayPool<byte>.Shared.Return(key);
        return Outcome(reply);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    static async ValueTask<TokenGrant?> Outcome(ValueTask<RedisResult<TokenGrant>> reply) =>
        (await reply).TryGet(out var grant, out _) ? grant : null;
}
