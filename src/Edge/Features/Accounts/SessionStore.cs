using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Edge.Core.Caching;
using Edge.Core.Caching.L2;
using Edge.Data;
using Edge.Http;

namespace Edge.Features.Accounts;

/// <summary>
/// Who has which session. A token is 256 random bits; the database and the caches know its SHA-256 only, so that nobody who reads them can
/// call in somebody's name.
/// <para>
/// A session is kept in memory and in Redis under the tag of its own hash. Whatever ends it (logout, psql, the end of its account) makes that
/// tag invalid on all instances; its own end is checked at each use. Without Postgres whoever is in a cache stays signed in for
/// <see cref="AccountCache.Session"/>'s fail-safe time, unless an invalidation was heard of.
/// </para>
/// </summary>
/// <param name="cache">Null: every request asks the database.</param>
/// <param name="renewals">Told of each use.</param>
internal sealed class SessionStore(Database database, EdgeCache? cache, SessionRenewals renewals, TimeProvider clock) : ISessions
{
    const int TokenBytes = 32;

    static readonly int TokenChars = Base64Url.GetEncodedLength(TokenBytes);

    /// <summary>A new token, and the hash under which it is stored.</summary>
    public static (string Token, byte[] Hash) NewToken()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        return (token, HashOf(token));
    }

    public bool TryFind(string token, out Caller? caller)
    {
        caller = null;
        // What cannot be a token of ours is not worth a key.
        if (token.Length != TokenChars || !Base64Url.IsValid(token))
            return true;
        Span<char> key = stackalloc char[AccountCache.SessionKeyChars];
        AccountCache.WriteSessionKey(HashOf(token), key);
        if (cache is null || !cache.TryGet<CachedSession>(key, out var answer))
            return false;
        caller = Living(answer.Value);
        return true;
    }

    public async ValueTask<Caller?> Find(string token, CancellationToken cancelled)
    {
        if (token.Length != TokenChars || !Base64Url.IsValid(token))
            return null;
        var hash = HashOf(token);
        var key = Convert.ToHexStringLower(hash);
        if (cache is null)
            return Used((await Load(hash, key, cancelled)).Value.Caller);

        var answer = await cache.GetOrLoad(
            AccountCache.SessionKey(key), AccountCache.Session, cache.PlacesOf(AccountCache.OneSession(key), AccountCache.EachSession), (this, hash, key),
            static (state, _) => state.Item1.Load(state.hash, state.key, CancellationToken.None), cancelled);
        answer.Failure?.Throw();
        return Living(answer.Value);
    }

    Caller? Living(CachedSession session) => session.Caller is { } caller && caller.ExpiresAt > Now ? Used(caller) : null;

    Caller? Used(Caller? caller)
    {
        if (caller is not null)
            renewals.Used(caller);
        return caller;
    }

    static byte[] HashOf(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    DateTime Now => clock.GetUtcNow().UtcDateTime;

    async ValueTask<Loaded<CachedSession>> Load(byte[] hash, string key, CancellationToken cancelled)
    {
        var now = Now;
        if (await AccountQueries.SessionByHash(database, hash, now, cancelled) is not { } row)
            return new(new(null), AccountCache.SessionBytes, IsNegative: true);
        // Not fresh beyond its own end: by then it may have been extended. At least 1, since 0 stands for the policy's.
        var freshMs = (int)Math.Clamp((row.ExpiresAt - now).TotalMilliseconds, 1, AccountCache.Session.Policy.DurationMs);
        return new(new(new Caller(key, row.UserId, row.Username, row.Role, row.ExpiresAt)), AccountCache.SessionBytes, DurationMs: freshMs);
    }
}

/// <param name="Caller">Null: there is no such session.</param>
internal sealed record CachedSession(Caller? Caller);

/// <summary>
/// A session on its way to the other instances, little endian: user u64, end in ticks i64, role u8, hash 32 bytes, user name in UTF-8.
/// </summary>
internal sealed class SessionCodec : ICacheCodec<CachedSession>
{
    const int RoleAt = 16;
    const int HashAt = 17;
    const int NameAt = HashAt + SHA256.HashSizeInBytes;

    public ushort Format => 1;

    public bool TryWrite(CachedSession value, IBufferWriter<byte> to)
    {
        if (value.Caller is not { } caller)
            return false;
        var bytes = to.GetSpan(NameAt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, caller.UserId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], caller.ExpiresAt.Ticks);
        bytes[RoleAt] = (byte)caller.Role;
        Convert.FromHexString(caller.SessionKey, bytes[HashAt..NameAt], out _, out _);
        to.Advance(NameAt);
        Encoding.UTF8.GetBytes(caller.Username, to);
        return true;
    }

    public bool TryRead(ReadOnlyMemory<byte> bytes, [MaybeNullWhen(false)] out CachedSession value, out int sizeBytes)
    {
        (value, sizeBytes) = (null, AccountCache.SessionBytes);
        var span = bytes.Span;
        if (span.Length <= NameAt || span[RoleAt] > (byte)Role.Admin)
            return false;
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(span[8..]);
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            return false;
        value = new(new Caller(
            Convert.ToHexStringLower(span[HashAt..NameAt]), BinaryPrimitives.ReadInt64LittleEndian(span), Encoding.UTF8.GetString(span[NameAt..]),
            (Role)span[RoleAt], new DateTime(ticks, DateTimeKind.Utc)));
        return true;
    }
}
