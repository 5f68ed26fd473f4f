using System.Security.Cryptography;
using System.Text;

namespace Edge.Http;

/// <summary>
/// Guards the operators' routes by one token. Where none is configured these routes do not exist: an instance that nobody set up for
/// it shows nothing.
/// </summary>
internal sealed class AdminGate(string? token)
{
    // Hashes of equal length are compared, so that neither content nor length of the token shows in the time taken.
    readonly byte[]? _expected = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Null: come in.</summary>
    public Problem? Refusal(HttpRequest request)
    {
        if (_expected is null)
            return Problem.NoRoute;
        if (!BearerToken.TryRead(request, out var token))
            return Problem.Unauthorized("Send the admin token as Authorization: Bearer ….");
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        return CryptographicOperations.FixedTimeEquals(given, _expected) ? null : Problem.Unauthorized("This is not the admin token.");
    }
}
