using System.Text.Json.Serialization;

namespace Edge.Features.Analytics;

internal sealed record AnalyzedUser(long Id, string Username, string DisplayName, DateTime CreatedAt);

/// <summary>Of all orders that were not cancelled. Without any the amounts are 0 and the time is null.</summary>
internal sealed record OrderStatistics(long OrderCount, decimal TotalSpent, decimal AverageOrderValue, DateTime? LastOrderAt);

/// <param name="Blogs">Posts in whatever state.</param>
/// <param name="LastActiveAt">The last login, order, post, story or listing; null: none of these yet.</param>
internal sealed record Engagement(long Blogs, long Stories, long Opportunities, DateTime? LastActiveAt);

/// <summary>
/// By its id alone: these answers are a quarter of an hour old, and what a product is called and costs must not be. GET
/// /api/users/{id}/recommendations has the products themselves.
/// </summary>
/// <param name="Times">How many times it was in one order with something that the user has bought.</param>
internal sealed record BoughtTogether(long ProductId, [property: JsonPropertyName("boughtTogether")] long Times);

internal sealed record UserAnalytics(
    AnalyzedUser User, OrderStatistics OrderStatistics, Engagement Engagement, IReadOnlyList<BoughtTogether> Recommendations, DateTime ComputedAt);

/// <param name="Items">In the order of the ids asked for.</param>
/// <param name="Missing">Ids that no user has.</param>
internal sealed record BulkAnalytics(IReadOnlyList<UserAnalytics> Items, IReadOnlyList<long> Missing);

internal sealed record RecommendedProduct(long Id, string Name, decimal Price, int Stock, string Category, long BoughtTogether);

internal sealed record RecommendedProducts(IReadOnlyList<RecommendedProduct> Items);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BulkAnalytics))]
[JsonSerializable(typeof(RecommendedProducts))]
[JsonSerializable(typeof(UserAnalytics))]
internal sealed partial class AnalyticsJson : JsonSerializerContext;
