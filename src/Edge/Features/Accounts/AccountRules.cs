using Edge.Http;

namespace Edge.Features.Accounts;

/// <summary>What an account may be called, and what a password may be: the same for clients and for <c>edge admin create</c>.</summary>
internal static class AccountRules
{
    public const int EmailChars = 254;
    public const int PasswordMinChars = 8;
    public const int PasswordMaxChars = 128;

    /// <summary>The one spelling under which an address is stored and looked up.</summary>
    public static string Normalized(string email) => email.Trim().ToLowerInvariant();

    /// <summary>
    /// Printable ASCII around an @. Whether mail arrives there only mail can tell. Addresses beyond ASCII are left out: two spellings of
    /// one text would be two accounts, and what C# calls lower-case is not always what Postgres does.
    /// </summary>
    public static BodyCheck Email(this BodyCheck check, string normalized) => check.That(
        normalized.Length is >= 3 and <= EmailChars && IsAddress(normalized), "email", "must be an address as in ada@example.com, in ASCII, at most 254 characters");

    /// <summary>Upper-case is refused, not lowered: whoever registers as Ada should know that they are called ada.</summary>
    public static BodyCheck Username(this BodyCheck check, string username) =>
        check.That(Parameters.IsUsername(username), "username", "must be 3 to 30 characters of a-z, 0-9 and _ (lower-case)");

    /// <summary>
    /// Length only, of any characters (UTF-16 code units). Rules of composition make passwords worse, not better (NIST SP 800-63B). Lists of
    /// breached ones are left out on purpose: they are hundreds of megabytes, or a request to somebody else in the path of a registration.
    /// </summary>
    public static BodyCheck Password(this BodyCheck check, string password) =>
        check.That(password.Length is >= PasswordMinChars and <= PasswordMaxChars, "password", "must be 8 to 128 characters");

    static bool IsAddress(string text) =>
        !text.AsSpan().ContainsAnyExceptInRange('!', '~') && text.IndexOf('@', StringComparison.Ordinal) > 0 && text[^1] != '@';
}
