using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Blogs;

/// <param name="Excerpt">The beginning of the content, cut between words.</param>
internal sealed record ListedBlog(
    long Id, string Slug, string Title, string Excerpt, string[] Tags, string Author, DateTime CreatedAt, DateTime PublishedAt);

internal sealed record Blog(
    long Id, string Slug, string Title, string Content, string[] Tags, string Author, DateTime CreatedAt, DateTime UpdatedAt, DateTime PublishedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Page<ListedBlog>))]
[JsonSerializable(typeof(Blog))]
internal sealed partial class BlogsJson : JsonSerializerContext;
