using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Blogs;

/// <summary>Drafts and archived posts are for their author and admins.</summary>
[JsonConverter(typeof(WordConverter<BlogStatus>))]
internal enum BlogStatus
{
    [JsonStringEnumMemberName("draft")]
    Draft,

    [JsonStringEnumMemberName("published")]
    Published,

    [JsonStringEnumMemberName("archived")]
    Archived,
}

/// <param name="Excerpt">The beginning of the content, cut between words.</param>
/// <param name="PublishedAt">When it was published first; null: it never was.</param>
internal sealed record ListedBlog(
    long Id, string Slug, string Title, string Excerpt, string[] Tags, BlogStatus Status, string Author, DateTime CreatedAt, DateTime? PublishedAt);

/// <param name="PublishedAt">When it was published first; null: it never was.</param>
/// <param name="AuthorId">Whose it is; only for the code.</param>
internal sealed record Blog(
    long Id, string Slug, string Title, string Content, string[] Tags, BlogStatus Status, string Author, DateTime CreatedAt, DateTime UpdatedAt,
    DateTime? PublishedAt, [property: JsonIgnore] long AuthorId);

/// <param name="Status">Draft or published.</param>
internal sealed record NewBlog(string Title, string Content, string?[]? Tags = null, BlogStatus Status = BlogStatus.Draft);

/// <summary>All of a post that its author decides.</summary>
internal sealed record BlogText(string Title, string Content, string?[] Tags, BlogStatus Status);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Page<ListedBlog>))]
[JsonSerializable(typeof(Blog))]
[JsonSerializable(typeof(NewBlog))]
[JsonSerializable(typeof(BlogText))]
internal sealed partial class BlogsJson : JsonSerializerContext;
