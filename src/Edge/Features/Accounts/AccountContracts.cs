using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Accounts;

/// <summary>One's own account: what only oneself is shown.</summary>
internal sealed record Account(long Id, string Email, string Username, string DisplayName, Role Role, DateTime CreatedAt);

internal sealed record SessionAnswer(DateTime ExpiresAt, Account User);

/// <param name="Token">Said this once: the database has its hash only.</param>
internal sealed record LoginAnswer(string Token, DateTime ExpiresAt, Account User)
{
    /// <summary>A record says all that it holds, and this one holds a secret.</summary>
    public override string ToString() => nameof(LoginAnswer);
}

internal sealed record Registration(string Email, string Username, string Password)
{
    /// <inheritdoc cref="LoginAnswer.ToString"/>
    public override string ToString() => nameof(Registration);
}

internal sealed record Credentials(string Email, string Password)
{
    /// <inheritdoc cref="LoginAnswer.ToString"/>
    public override string ToString() => nameof(Credentials);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(Credentials))]
[JsonSerializable(typeof(LoginAnswer))]
[JsonSerializable(typeof(Registration))]
[JsonSerializable(typeof(SessionAnswer))]
internal sealed partial class AccountsJson : JsonSerializerContext;
