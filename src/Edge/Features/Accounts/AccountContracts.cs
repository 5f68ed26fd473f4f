using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Accounts;

/// <summary>One's own account: what only oneself is shown.</summary>
internal sealed record Account(long Id, string Email, string Username, string DisplayName, Role Role, DateTime CreatedAt);

internal sealed record SessionAnswer(DateTime ExpiresAt, Account User);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SessionAnswer))]
internal sealed partial class AccountsJson : JsonSerializerContext;
