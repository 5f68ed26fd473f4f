using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Products;

internal sealed record Product(
    long Id, string Name, string Description, decimal Price, int Stock, string Category, DateTime CreatedAt, DateTime UpdatedAt);

/// <param name="Rank">How well it matches; only for the cursor.</param>
internal sealed record FoundProduct(
    long Id, string Name, string Description, decimal Price, int Stock, string Category, DateTime CreatedAt, DateTime UpdatedAt,
    [property: JsonIgnore] float Rank);

/// <param name="Bought">Pieces sold in the last 30 days.</param>
internal sealed record PopularProduct(long Id, string Name, decimal Price, int Stock, string Category, long Bought);

internal sealed record PopularProducts(IReadOnlyList<PopularProduct> Items);

internal sealed record BestSeller(long ProductId, long Bought);

/// <summary>What is shown as popular, and in which order.</summary>
internal sealed record BestSellers(IReadOnlyList<BestSeller> Products);

/// <param name="ThisWeek">Pieces sold in the last seven days.</param>
/// <param name="LastWeek">Pieces sold in the seven days before those.</param>
/// <param name="Growth">0.25: a quarter more than last week; null where nothing was sold then.</param>
internal sealed record TrendingCategory(string Slug, string Name, long ThisWeek, long LastWeek, double? Growth);

internal sealed record TrendingCategories(IReadOnlyList<TrendingCategory> Items);

/// <param name="Category">By its slug.</param>
internal sealed record NewProduct(string Name, string Description, decimal Price, int Stock, string Category);

/// <summary>What is absent or null stays as it is.</summary>
internal sealed record ProductChange(string? Name = null, string? Description = null, decimal? Price = null, int? Stock = null, string? Category = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Product))]
[JsonSerializable(typeof(Page<Product>))]
[JsonSerializable(typeof(Page<FoundProduct>))]
[JsonSerializable(typeof(PopularProducts))]
[JsonSerializable(typeof(BestSellers))]
[JsonSerializable(typeof(TrendingCategories))]
internal sealed partial class ProductsJson : JsonSerializerContext;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NewProduct))]
[JsonSerializable(typeof(ProductChange))]
internal sealed partial class ProductBodiesJson : JsonSerializerContext;
