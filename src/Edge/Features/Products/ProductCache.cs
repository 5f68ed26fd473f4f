using System.Globalization;
using Edge.Core.Caching;
using Edge.Http;

namespace Edge.Features.Products;

/// <summary>How long the catalogue's answers live, and what makes them invalid.</summary>
internal static class ProductCache
{
    /// <summary>Everything that shows more than one product.</summary>
    public const string Lists = "products";

    /// <summary>Every answer that knows by their ids which ones it shows.</summary>
    public const string Each = "product";

    /// <summary>
    /// What counts purchases. Nothing that happens to orders makes it invalid: there are too many, and these answers may be 15 minutes old.
    /// </summary>
    public const string Sales = "sales";

    /// <summary>Where the ranking behind <see cref="Popular"/> is kept. No path is spelled so.</summary>
    public const string BestSellersKey = "products.bestsellers";

    /// <summary>The lists that follow every sale. (Popular products depend on just those that they show.)</summary>
    public const string Stock = "stock";

    public static string One(string id) => "product:" + id;

    public static string One(long id) => One(id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Categories are few and seldom change, and all of the catalogue shows them.</summary>
    public static readonly ChangeRule[] Changes =
    [
        new("products", static change => [change.Key is { } id ? One(id) : Each, Lists]),
        new("stock", static change => [change.Key is { } id ? One(id) : Each, Stock]),
        new("categories", static _ => [Each, Lists, Sales]),
    ];

    public static readonly CacheRule Product = new(
        new() { Name = "products.one", DurationMs = 60_000 },
        static call => [One(call.Get(ProductEndpoints.Id)), Each]);

    public static readonly CacheRule List = CacheRule.Tagged(new() { Name = "products.list", DurationMs = 60_000 }, Lists, Stock) with { IsWarmed = true };

    public static readonly CacheRule Search = CacheRule.Tagged(new() { Name = "products.search", DurationMs = 60_000 }, Lists, Stock);

    /// <summary>
    /// Which products are popular, without a word about them: what takes long to find out. Whoever has an old one is not kept waiting for it.
    /// </summary>
    public static readonly CacheKind<BestSellers> BestSellers = new(
        new() { Name = "products.bestsellers", DurationMs = 15 * 60_000, EarlyRefresh = 10, SoftTimeoutMs = 0 }, new JsonCodec<BestSellers>(1, static () => ProductsJson.Default.BestSellers)!);

    /// <summary>
    /// The popular products as they are: a quick look at twenty rows. It depends on just these (the tags of <see cref="Shown"/>), since everything
    /// sold changes the stock of something.
    /// </summary>
    public static readonly CacheRule Popular = CacheRule.Tagged(new() { Name = "products.popular", DurationMs = 60_000 }, Each, Sales) with { IsWarmed = true };

    public static string[] Shown(BestSellers ranking) => [.. ranking.Products.Select(static product => One(product.ProductId))];

    public static readonly CacheRule Trending = CacheRule.Tagged(new() { Name = "categories.trending", DurationMs = 15 * 60_000, EarlyRefresh = 10 }, Sales) with { IsWarmed = true };
}
