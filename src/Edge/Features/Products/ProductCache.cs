using Edge.Http;

namespace Edge.Features.Products;

/// <summary>How long the catalogue's answers live, and what makes them invalid.</summary>
internal static class ProductCache
{
    /// <summary>Everything that shows more than one product.</summary>
    public const string Lists = "products";

    /// <summary>What counts purchases.</summary>
    public const string Sales = "sales";

    public static string One(long id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"product:{id}");

    public static readonly CacheRule Product = new(
        new() { Name = "products.one", DurationMs = 60_000 },
        static call => [One(call.Get(ProductEndpoints.Id))]);

    public static readonly CacheRule List = CacheRule.Tagged(new() { Name = "products.list", DurationMs = 60_000 }, Lists);

    public static readonly CacheRule Search = CacheRule.Tagged(new() { Name = "products.search", DurationMs = 60_000 }, Lists);

    public static readonly CacheRule Popular = CacheRule.Tagged(new() { Name = "products.popular", DurationMs = 15 * 60_000, EarlyRefresh = 10 }, Lists, Sales);

    public static readonly CacheRule Trending = CacheRule.Tagged(new() { Name = "categories.trending", DurationMs = 15 * 60_000, EarlyRefresh = 10 }, Sales);
}
