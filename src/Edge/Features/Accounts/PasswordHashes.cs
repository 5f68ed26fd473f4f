using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Edge.Features.Accounts;

/// <summary>
/// PBKDF2 over HMAC-SHA-512 in the framework's format, which names its own parameters: <see cref="Iterations"/> can be raised, and whoever
/// signs in next is hashed anew. Takes tens of milliseconds of processor by design: call it on <see cref="HashLane"/>.
/// </summary>
internal static class PasswordHashes
{
    /// <summary>What OWASP asks of this function (2023).</summary>
    public const int Iterations = 210_000;

    /// <summary>
    /// Of no password. Accounts that there are not, and those without a password, are checked against it, so that they take as long as
    /// any other. PasswordHashesTests holds its parameters to those of new hashes.
    /// </summary>
    public const string Dummy = "AQAAAAIAAzRQAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

    /// <summary>The hasher takes whose password it is, for those who derive from it; it asks nothing of it.</summary>
    const string Nobody = "";

    static readonly PasswordHasher<string> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));

    public static string Of(string password) => Hasher.HashPassword(Nobody, password);

    /// <param name="hash">Null: the account has none, and no password is right.</param>
    public static PasswordCheck Check(string? hash, string password) => Hasher.VerifyHashedPassword(Nobody, hash ?? Dummy, password) switch
    {
        _ when hash is null => new(IsRight: false, null),
        PasswordVerificationResult.Success => new(IsRight: true, null),
        PasswordVerificationResult.SuccessRehashNeeded => new(IsRight: true, Of(password)),
        _ => new(IsRight: false, null),
    };
}

/// <param name="Rehashed">Set where it is right and its hash has other parameters than new ones: to be stored in its place.</param>
internal readonly record struct PasswordCheck(bool IsRight, string? Rehashed)
{
    public override string ToString() => nameof(PasswordCheck);
}
