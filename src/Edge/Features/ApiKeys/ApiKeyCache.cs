using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Edge.Core.Caching;
using Edge.Core.Caching.L2;
using Edge.Http;

namespace Edge.Features.ApiKeys;

/// <summary>How long keys are kept in memory, and what ends them there.</summary>
internal static class ApiKeyCache
{
    /// <summary>Every key.</summary>
    public const string EachKey = "api_key";

    /// <summary>What a key takes in memory, about; and what is remembered of one that there is not.</summary>
    public const int KeyBytes = 150;

    const string EntryLead = "api_key ";

    /// <summary>Of the name of an entry.</summary>
    public const int EntryChars = 8 + 64;

    /// <param name="hash">In lower-case hexadecimal.</param>
    public static string OneKey(ReadOnlySpan<char> hash) => string.Concat("api_key:", hash);

    /// <summary>Writes the entry's name, which ends with the hash in hexadecimal.</summary>
    public static void WriteEntry(ReadOnlySpan<byte> hash, Span<char> to)
    {
        EntryLead.CopyTo(to);
        Convert.TryToHexStringLower(hash, to[EntryLead.Length..], out _);
    }

    /// <summary>The hash in hexadecimal, of an entry's name.</summary>
    public static ReadOnlySpan<char> HashOf(string entry) => entry.AsSpan(EntryLead.Length);

    /// <summary>
    /// Rows are told by their hash as Postgres writes bytes: <c>\x</c> and hexadecimal. Anybody in the database may NOTIFY, so a key may be anything; what
    /// is no hash stands for all of them.
    /// </summary>
    public static readonly ChangeRule[] Changes =
    [
        new("api_keys", static change => [change.Key is ['\\', 'x', .. var hash] ? OneKey(hash) : EachKey]),
    ];

    /// <summary>
    /// Beyond its minute a key is served at once and asked for anew behind the reader's back: revocation does not wait for that minute, the
    /// database tells it. Without Postgres a key goes on for as long as the cached answers that it asks for.
    /// </summary>
    public static readonly CacheKind<CachedApiKey> Key = new(new() { Name = "api_keys", DurationMs = 60_000 }, new ApiKeyCodec());
}

/// <param name="Key">Null: there is no such key, or it was revoked.</param>
internal sealed record CachedApiKey(ApiKey? Key);

/// <summary>A key on its way to the other instances, little endian: id i64, plan in ASCII.</summary>
internal sealed class ApiKeyCodec : ICacheCodec<CachedApiKey>
{
    const int PlanAt = 8;

    public ushort Format => 1;

    public bool TryWrite(CachedApiKey value, IBufferWriter<byte> to)
    {
        // That there is no such key stays in this instance: invented ones would fill what all share.
        if (value.Key is not { } key)
            return false;
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(PlanAt), key.Id);
        to.Advance(PlanAt);
        Encoding.ASCII.GetBytes(key.Plan, to);
        return true;
    }

    public bool TryRead(ReadOnlyMemory<byte> bytes, [MaybeNullWhen(false)] out CachedApiKey value, out int sizeBytes)
    {
        (value, sizeBytes) = (null, ApiKeyCache.KeyBytes);
        if (bytes.Length <= PlanAt || Encoding.ASCII.GetString(bytes.Span[PlanAt..]) is var plan && !ApiKeyRules.IsPlanName(plan))
            return false;
        value = new(new ApiKey(BinaryPrimitives.ReadInt64LittleEndian(bytes.Span), plan));
        return true;
    }
}
