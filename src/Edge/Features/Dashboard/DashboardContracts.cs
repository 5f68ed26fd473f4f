using System.Text.Json.Serialization;

namespace Edge.Features.Dashboard;

/// <summary>Cancelled orders do not count.</summary>
/// <param name="AverageOrderValue">To the cent; null: there are no orders.</param>
internal sealed record OrderStatistics(long OrderCount, decimal TotalSpent, decimal? AverageOrderValue, DateTime? LastOrderAt);

internal sealed record LatestOrder(long Id, string Status, decimal Total, DateTime CreatedAt);

/// <param name="Bought">Pieces sold in the last 30 days.</param>
internal sealed record BoughtProduct(long Id, string Name, decimal Price, string Category, long Bought);

internal sealed record UnreadStory(long Id, string Content, string Author, DateTime CreatedAt, DateTime ExpiresAt);

internal sealed record LatestPost(long Id, string Slug, string Title, string Author, DateTime PublishedAt);

internal sealed record NearbyOpportunity(long Id, string Kind, string Title, double DistanceKm, DateTime ClosesAt);

/// <param name="UnreadStories">Of others, still visible, and posted since one's previous session began: before that one could have seen them.</param>
/// <param name="NearbyOpportunities">Open ones within 50 km of one's current location, nearest first; none where there is no location.</param>
/// <param name="Degraded">Parts that cannot be had at the moment, by the names of their members, which are null.</param>
internal sealed record DashboardAnswer(
    OrderStatistics? OrderStatistics, IReadOnlyList<LatestOrder>? LatestOrders, IReadOnlyList<BoughtProduct>? PopularProducts, IReadOnlyList<UnreadStory>? UnreadStories,
    IReadOnlyList<LatestPost>? LatestPosts, IReadOnlyList<NearbyOpportunity>? NearbyOpportunities, IReadOnlyList<string> Degraded);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DashboardAnswer))]
internal sealed partial class DashboardJson : JsonSerializerContext;
