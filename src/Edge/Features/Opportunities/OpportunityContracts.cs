using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Opportunities;

[JsonConverter(typeof(WordConverter<OpportunityKind>))]
internal enum OpportunityKind
{
    [JsonStringEnumMemberName("job")]
    Job,

    [JsonStringEnumMemberName("gig")]
    Gig,

    [JsonStringEnumMemberName("volunteering")]
    Volunteering,

    [JsonStringEnumMemberName("event")]
    Event,
}

/// <summary>As lists show it: without its description.</summary>
internal sealed record ListedOpportunity(
    long Id, OpportunityKind Kind, string Title, string[] Tags, double Latitude, double Longitude, string Author, DateTime ClosesAt, DateTime CreatedAt);

/// <param name="ClosesAt">From then on it is shown to nobody.</param>
/// <param name="AuthorId">Whose it is; only for the code.</param>
internal sealed record Opportunity(
    long Id, OpportunityKind Kind, string Title, string Description, string[] Tags, double Latitude, double Longitude, string Author, DateTime ClosesAt,
    DateTime CreatedAt, DateTime UpdatedAt, [property: JsonIgnore] long AuthorId);

/// <summary>All of an opportunity that its author decides.</summary>
internal sealed record OpportunityText(
    OpportunityKind Kind, string Title, string Description, double Latitude, double Longitude, DateTime ClosesAt, string?[]? Tags = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Page<ListedOpportunity>))]
[JsonSerializable(typeof(Opportunity))]
[JsonSerializable(typeof(OpportunityText))]
internal sealed partial class OpportunitiesJson : JsonSerializerContext;
