using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Users;

/// <param name="Email">For admins only: null for everyone else, whose answers do not have the member at all.</param>
internal sealed record ListedUser(
    long Id, string Username, DateTime CreatedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Email = null);

internal sealed record UserProfile(long Id, string Username, string DisplayName, string Bio, DateTime CreatedAt, DateTime UpdatedAt);

/// <summary>What is absent or null stays as it is.</summary>
internal sealed record ProfileChange(string? DisplayName = null, string? Bio = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Page<ListedUser>))]
[JsonSerializable(typeof(ProfileChange))]
[JsonSerializable(typeof(UserProfile))]
internal sealed partial class UsersJson : JsonSerializerContext;
