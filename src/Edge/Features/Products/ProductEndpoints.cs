using System.Runtime.ExceptionServices;
using Edge.Core.Caching;
using Edge.Data;
using Edge.Http;

namespace Edge.Features.Products;

/// <summary>The catalogue, read.</summary>
/// <param name="cache">Null: nothing is cached.</param>
internal sealed class ProductEndpoints(Database database, EdgeCache? cache)
{
    const string Tag = "Catalogue";
    const int ListedTrending = 20;

    /// <summary>Of memory, with the reference to it.</summary>
    const int BestSellerBytes = 40;

    public static readonly Parameter<long> Id = Parameters.PathId("The product's id.");
    static readonly Parameter<string?> Category = Parameters.Slug("category", ParameterPlace.Query, 60, "Only this category, by its slug.");
    static readonly Parameter<string?> Text = Parameters.Text("q", 100, required: true, "What to look for.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/api/products", Tag = Tag, Summary = "Products, newest first", Parameters = [Category, Parameters.Limit, Parameters.Cursor], Cache = ProductCache.List },
            ProductsJson.Default.PageProduct, List);
        routes.Get(
            new() { Path = "/api/products/{id}", Tag = Tag, Summary = "One product", Parameters = [Id], Problems = [404], Example = ProductExample, Cache = ProductCache.Product },
            ProductsJson.Default.Product, One);
        routes.Get(
            new() { Path = "/api/products/search", Tag = Tag, Summary = "Products by text, best match first; forgives typing errors where nothing matches", Parameters = [Text, Category, Parameters.Limit, Parameters.Cursor], Cache = ProductCache.Search },
            ProductsJson.Default.PageFoundProduct, Search);
        foreach (var path in (string[])["/api/products/popular", "/popular-products"])
            routes.Get(
                new() { Path = path, Tag = Tag, Summary = "The 20 most bought products of the last 30 days", RoundTrips = 2, Cache = ProductCache.Popular },
                ProductsJson.Default.PopularProducts, Popular, ShownAsPopular);
        routes.Get(
            new() { Path = "/api/categories/trending", Tag = Tag, Summary = "Categories by growth of purchases, this week over last", Cache = ProductCache.Trending },
            ProductsJson.Default.TrendingCategories, Trending);
    }

    internal async ValueTask<Answer<Page<Product>>> List(Call call)
    {
        var limit = call.Get(Parameters.Limit);
        var after = call.After ?? Cursor.Start;
        var rows = call.Get(Category) is { } category
            ? await ProductQueries.NewestInCategory(database, category, after.Time, after.Id, limit + 1, call.Cancelled)
            : await ProductQueries.Newest(database, after.Time, after.Id, limit + 1, call.Cancelled);
        return call.Page(rows, limit, static product => Cursor.At(product.CreatedAt, product.Id));
    }

    internal async ValueTask<Answer<Product>> One(Call call) =>
        await ProductQueries.ById(database, call.Get(Id), call.Cancelled) is { } product ? product : Problem.NotFound("product");

    /// <summary>The first page decides how the text is understood; the cursor carries that to the pages after it.</summary>
    internal async ValueTask<Answer<Page<FoundProduct>>> Search(Call call)
    {
        const byte byMatch = 1;
        const byte bySpelling = 2;
        var (text, category, limit) = (call.Get(Text)!, call.Get(Category), call.Get(Parameters.Limit));
        var after = call.After ?? new Cursor(byMatch, BitConverter.SingleToInt32Bits(float.PositiveInfinity), long.MaxValue);
        var afterRank = BitConverter.Int32BitsToSingle((int)after.Key);

        var variant = after.Variant;
        List<FoundProduct> rows = [];
        if (variant == byMatch)
            rows = await ProductQueries.Matching(database, text, category, afterRank, after.Id, limit + 1, call.Cancelled);
        if (rows.Count == 0 && (call.After is null || variant == bySpelling))
        {
            variant = bySpelling;
            rows = await ProductQueries.SpelledLike(database, text, category, afterRank, after.Id, limit + 1, call.Cancelled);
        }
        return call.Page(rows, limit, product => new(variant, BitConverter.SingleToInt32Bits(product.Rank), product.Id));
    }

    internal async ValueTask<Answer<PopularProducts>> Popular(Call call)
    {
        var ranking = await Ranking(call);
        if (ranking.Failure is not null)
            ExceptionDispatchInfo.Throw(ranking.Failure);
        long[] ids = [.. ranking.Value.Products.Select(static product => product.ProductId)];
        long[] bought = [.. ranking.Value.Products.Select(static product => product.Bought)];
        Answer<PopularProducts> answer = new PopularProducts(await ProductQueries.Ranked(database, ids, bought, call.Cancelled));
        return answer with { Shown = ProductCache.Shown(ranking.Value) };
    }

    async ValueTask<string[]> ShownAsPopular(Call call) => await Ranking(call) is { Failure: null } ranking ? ProductCache.Shown(ranking.Value) : [];

    /// <summary>The load outlives the call, as those of <see cref="CachedRoute{T}"/> do.</summary>
    async ValueTask<CacheAnswer<BestSellers>> Ranking(Call call) => cache is null
        ? new(CacheSource.Miss, new(await ProductQueries.MostBought(database, call.Cancelled)), AgeMs: 0, FreshMs: 0, Failure: null)
        : await cache.GetOrLoad(
            ProductCache.BestSellersKey, ProductCache.BestSellers, cache.PlacesOf(ProductCache.Sales), database,
            static async (database, _) =>
            {
                var products = await ProductQueries.MostBought(database, CancellationToken.None);
                return new(new BestSellers(products), SizeBytes: products.Count * BestSellerBytes);
            },
            call.Cancelled);

    internal async ValueTask<Answer<TrendingCategories>> Trending(Call call) =>
        new TrendingCategories(await ProductQueries.Trending(database, ListedTrending, call.Cancelled));

    const string ProductExample = """
        {
          "id": 4211, "name": "Enamel pour-over kettle", "description": "Holds 0.9 litres; the narrow spout keeps the flow steady.",
          "price": 39.90, "stock": 112, "category": "coffee-and-tea", "createdAt": "2026-05-04T09:12:44.120391Z", "updatedAt": "2026-05-04T09:12:44.120391Z"
        }
        """;
}
