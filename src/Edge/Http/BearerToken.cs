using System.Diagnostics.CodeAnalysis;

namespace Edge.Http;

internal static class BearerToken
{
    const string Scheme = "Bearer ";

    /// <summary>The token of <c>Authorization: Bearer …</c>, as it was sent.</summary>
    public static bool TryRead(HttpRequest request, [NotNullWhen(true)] out string? token)
    {
        var isThere = request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        token = isThere ? request.Headers.Authorization.ToString()[Scheme.Length..] : null;
        return isThere;
    }
}
