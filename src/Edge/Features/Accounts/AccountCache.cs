using Edge.Core.Caching;
using Edge.Http;

namespace Edge.Features.Accounts;

/// <summary>How long sessions are kept in memory, and what ends them there.</summary>
internal static class AccountCache
{
    /// <summary>Every session: what a change of somebody's role or name makes invalid, which is rare.</summary>
    public const string EachSession = "session";

    /// <summary>What a session takes in memory, about.</summary>
    public const int SessionBytes = 400;

    public static string OneSession(string hash) => "session:" + hash;

    const string KeyLead = "session ";

    public const int SessionKeyChars = 8 + 64;

    /// <param name="hash">In lower-case hexadecimal.</param>
    public static string SessionKey(string hash) => KeyLead + hash;

    /// <summary>The same, without a string.</summary>
    public static void WriteSessionKey(ReadOnlySpan<byte> hash, Span<char> to)
    {
        KeyLead.CopyTo(to);
        Convert.TryToHexStringLower(hash, to[KeyLead.Length..], out _);
    }

    /// <summary>
    /// Rows of sessions are told by their hash as Postgres writes bytes: <c>\x</c> and hexadecimal. Anybody in the database may NOTIFY, so a key may be
    /// anything; what is no hash stands for all of them.
    /// </summary>
    public static readonly ChangeRule[] Changes =
    [
        new("sessions", static change => [change.Key is ['\\', 'x', .. var hash] ? OneSession(hash) : EachSession]),
        new("accounts", static _ => [EachSession]),
    ];

    public static readonly CacheKind<CachedSession> Session = new(
        new() { Name = "sessions", DurationMs = 60_000, FailSafeMs = 15 * 60_000, RevalidateMs = 0 }, new SessionCodec());
}
