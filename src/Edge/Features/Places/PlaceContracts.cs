using System.Text.Json.Serialization;

namespace Edge.Features.Places;

/// <param name="Accuracy">Metres, 0–100,000; null: not told.</param>
internal sealed record NewLocation(double Latitude, double Longitude, double? Accuracy = null);

/// <param name="Accuracy">Metres; null: not told.</param>
internal sealed record CurrentLocation(
    double Latitude, double Longitude, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Accuracy, DateTime RecordedAt);

/// <param name="Name">A person's user name, or an opportunity's title.</param>
/// <param name="DistanceKm">Great-circle distance; of people to a tenth of a kilometre.</param>
/// <param name="Kind">Of opportunities, as the three after it: where somebody is, nobody is told.</param>
internal sealed record NearbyItem(
    long Id, string Name, double DistanceKm, string? Kind = null, double? Latitude = null, double? Longitude = null, DateTime? ClosesAt = null);

/// <param name="IsComplete">False: so many are around that not all were looked at; take a smaller radius.</param>
internal sealed record NearbyItems(IReadOnlyList<NearbyItem> Items, bool IsComplete);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NewLocation))]
[JsonSerializable(typeof(CurrentLocation))]
[JsonSerializable(typeof(NearbyItems))]
internal sealed partial class PlacesJson : JsonSerializerContext;
