using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Users;

internal sealed record ListedUser(long Id, string Username, DateTime CreatedAt);

internal sealed record UserProfile(long Id, string Username, string DisplayName, string Bio, DateTime CreatedAt, DateTime UpdatedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Page<ListedUser>))]
[JsonSerializable(typeof(UserProfile))]
internal sealed partial class UsersJson : JsonSerializerContext;
