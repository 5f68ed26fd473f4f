using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Stories;

/// <param name="ExpiresAt">24 hours after it was posted; from then on there is no such story.</param>
internal sealed record Story(long Id, string Author, string Content, DateTime CreatedAt, DateTime ExpiresAt);

internal sealed record NewStory(string Content);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Page<Story>))]
[JsonSerializable(typeof(Story))]
[JsonSerializable(typeof(NewStory))]
internal sealed partial class StoriesJson : JsonSerializerContext;
