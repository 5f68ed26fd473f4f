using System.Globalization;
using Edge.Http;

namespace Edge.Features.Products;

/// <summary>How long the catalogue's answers live, and what makes them invalid.</summary>
internal static class ProductCache
{
    /// <summary>Everything that shows more than one product.</summary>
    public const string Lists = "products";

    /// <summary>Every answer that shows just one.</summary>
    public const string Each = "product";

    /// <summary>
    /// What counts purchases. Nothing that happens to orders makes it invalid: there are too many, and these answers may be 15 minutes old.
    /// </summary>
    public const string Sales = "sales";

    /// <summary>
    /// The lists that follow every sale. "Popular" repeats the stock, too, but is dear to make and may be 15 minutes old: its stock is as old as
    /// its counts, unless an admin changes the product.
    /// </summary>
    public const string Stock = "stock";

    public static string One(string id) => "product:" + id;

    /// <summary>Categories are few and seldom change, and all of the catalogue shows them.</summary>
    public static readonly ChangeRule[] Changes =
    [
        new("products", static change => [change.Key is { } id ? One(id) : Each, Lists]),
        new("stock", static change => [change.Key is { } id ? One(id) : Each, Stock]),
        new("categories", static _ => [Each, Lists, Sales]),
    ];

    public static readonly CacheRule Product = new(
        new() { Name = "products.one", DurationMs = 60_000 },
        static call => [One(call.Get(ProductEndpoints.Id).ToString(CultureInfo.InvariantCulture)), Each]);

    public static readonly CacheRule List = CacheRule.Tagged(new() { Name = "products.list", DurationMs = 60_000 }, Lists, Stock) with { IsWarmed = true };

    public static readonly CacheRule Search = CacheRule.Tagged(new() { Name = "products.search", DurationMs = 60_000 }, Lists, Stock);

    public static readonly CacheRule Popular = CacheRule.Tagged(new() { Name = "products.popular", DurationMs = 15 * 60_000, EarlyRefresh = 10 }, Lists, Sales) with { IsWarmed = true };

    public static readonly CacheRule Trending = CacheRule.Tagged(new() { Name = "categories.trending", DurationMs = 15 * 60_000, EarlyRefresh = 10 }, Sales) with { IsWarmed = true };
}
