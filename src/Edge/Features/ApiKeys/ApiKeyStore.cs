using System.Security.Cryptography;
using Edge.Core.Caching;
using Edge.Http;

namespace Edge.Features.ApiKeys;

/// <summary>
/// Which key is whose, two levels deep as sessions are (SessionStore), from the cheapest question to the dearest:
/// (1) What is not written like a key is refused by its checksum (<see cref="ApiKeyText"/>): no hash, no lookup.
/// (2) A key in memory is the answer: no allocation, no await.
/// (3) Otherwise Redis, then the database; everybody who asks for the same key meanwhile waits for one lookup.
/// <para>
/// <b>Revocation</b> is a change of the row, whoever made it: the feed makes the key's tag invalid on every instance (hard: not even fail-safe
/// serves it any more). <b>Without Postgres</b> a known key goes on (<see cref="ApiKeyCache.Key"/>); one that no cache has cannot be told from an
/// invented one, and its lookup fails.
/// </para>
/// <para>
/// <b>Floods.</b> A key that there is not is remembered for five seconds, in this instance only. Whoever invents new ones with right checksums
/// pays one lookup each, and their entries only pass through the cache's window (5 % of its budget): they are asked for once, so that they push out
/// nothing that is in use (L1Cache, "An insert"). How many lookups one client may cause is for the limit of its address to say
/// (<see cref="RateLimiter.PayForLookup(Microsoft.AspNetCore.Http.HttpContext)"/>).
/// </para>
/// </summary>
/// <param name="cache">Null: every call asks the database.</param>
/// <param name="ask">By the hash of a key. Null: there is none, or it was revoked.</param>
internal sealed class ApiKeyStore(EdgeCache? cache, Func<byte[], CancellationToken, ValueTask<ApiKey?>> ask) : IApiKeys
{
    public bool TryFind(string key, out ApiKey? found)
    {
        found = null;
        // (1)
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (!ApiKeyText.TryHash(key, hash))
            return true;
        if (cache is null)
            return false;
        // (2)
        Span<char> entry = stackalloc char[ApiKeyCache.EntryChars];
        ApiKeyCache.WriteEntry(hash, entry);
        if (!cache.TryGet<CachedApiKey>(entry, out var answer))
            return false;
        found = answer.Value.Key;
        return true;
    }

    /// <exception cref="Exception">The key is not in memory, and the database could not be asked.</exception>
    public ValueTask<ApiKey?> Find(string key, CancellationToken cancel)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (!ApiKeyText.TryHash(key, hash))
            return default;
        if (cache is null)
            return ask(hash.ToArray(), cancel);
        Span<char> entry = stackalloc char[ApiKeyCache.EntryChars];
        ApiKeyCache.WriteEntry(hash, entry);
        return LookUp(cache, entry.ToString(), hash.ToArray(), cancel);
    }

    // (3)
    async ValueTask<ApiKey?> LookUp(EdgeCache from, string entry, byte[] hash, CancellationToken cancel)
    {
        var answer = await from.GetOrLoad(
            entry, ApiKeyCache.Key, from.PlacesOf(ApiKeyCache.OneKey(ApiKeyCache.HashOf(entry)), ApiKeyCache.EachKey), new Lookup(ask, hash),
            static async (lookup, _) =>
            {
                var found = await lookup.Ask(lookup.Hash, CancellationToken.None);
                return new Loaded<CachedApiKey>(new(found), ApiKeyCache.KeyBytes, IsNegative: found is null);
            },
            cancel);
        answer.Failure?.Throw();
        return answer.Value.Key;
    }

    // A class: as a tuple it would be compiled anew with all of the cache behind it.
    sealed record Lookup(Func<byte[], CancellationToken, ValueTask<ApiKey?>> Ask, byte[] Hash);
}
