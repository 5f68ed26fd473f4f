using System.Globalization;
using Edge.Core.Caching;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Products;

/// <summary>The catalogue: anyone reads it, admins write it.</summary>
/// <param name="cache">Null: nothing is cached.</param>
internal sealed class ProductEndpoints(Database database, EdgeCache? cache)
{
    const string Tag = "Catalogue";
    const int ListedTrending = 20;

    /// <summary>Of memory, with the reference to it.</summary>
    const int BestSellerBytes = 40;

    /// <summary>The most that numeric(12,2) holds.</summary>
    const decimal PriceLimit = 9_999_999_999.99m;

    public static readonly Parameter<long> Id = Parameters.PathId("The product's id.");
    static readonly Parameter<string?> Category = Parameters.Slug("category", ParameterPlace.Query, 60, "Only this category, by its slug.");
    static readonly Parameter<string?> Text = Parameters.Text("q", 100, required: true, "What to look for.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/api/products", Tag = Tag, Summary = "Products, newest first", Parameters = [Category, Parameters.Limit, Parameters.Cursor], Cache = ProductCache.List },
            static () => ProductsJson.Default.PageProduct, List);
        routes.Get(
            new() { Path = "/api/products/{id}", Tag = Tag, Summary = "One product", Parameters = [Id], Problems = [404], Example = ProductExample, Cache = ProductCache.Product },
            static () => ProductsJson.Default.Product, One);
        routes.Get(
            new() { Path = "/api/products/search", Tag = Tag, Cost = 3, Summary = "Products by text, best match first; forgives typing errors where nothing matches", Parameters = [Text, Category, Parameters.Limit, Parameters.Cursor], Cache = ProductCache.Search },
            static () => ProductsJson.Default.PageFoundProduct, Search);
        foreach (var path in (string[])["/api/products/popular", "/popular-products"])
            routes.Get(
                new() { Path = path, Tag = Tag, Summary = "The 20 most bought products of the last 30 days", RoundTrips = 2, Cache = ProductCache.Popular },
                static () => ProductsJson.Default.PopularProducts, Popular, ShownAsPopular);
        routes.Get(
            new() { Path = "/api/categories/trending", Tag = Tag, Summary = "Categories by growth of purchases, this week over last", Cache = ProductCache.Trending },
            static () => ProductsJson.Default.TrendingCategories, Trending);

        routes.Write(
            new() { Method = HttpMethods.Post, Path = "/api/products", Tag = Tag, Summary = "Adds a product", Access = Access.Admin, Status = 201, Example = ProductExample, BodyExample = NewExample },
            static () => ProductBodiesJson.Default.NewProduct, static () => ProductsJson.Default.Product, Add);
        routes.Write(
            new() { Method = HttpMethods.Patch, Path = "/api/products/{id}", Tag = Tag, RoundTrips = 3, Summary = "Changes a product; takes If-Match", Parameters = [Id], Access = Access.Admin, Problems = [404, 412], Example = ProductExample, BodyExample = ChangeExample },
            static () => ProductBodiesJson.Default.ProductChange, static () => ProductsJson.Default.Product, Update);
        routes.Write(
            new() { Method = HttpMethods.Delete, Path = "/api/products/{id}", Tag = Tag, RoundTrips = 3, Summary = "Takes a product out of the catalogue, for good; takes If-Match. Orders keep showing it", Parameters = [Id], Access = Access.Admin, Problems = [404, 412] },
            Remove);
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
        var (ranking, products) = await Ranked(call);
        if (products.Count < ranking.Products.Count && cache is not null)
        {
            // One of them has left the catalogue since they were ranked: the next best takes its place.
            await cache.Remove(ProductCache.BestSellersKey);
            (ranking, products) = await Ranked(call);
        }
        Answer<PopularProducts> answer = new PopularProducts(products);
        return answer with { Shown = ProductCache.Shown(ranking) };
    }

    async ValueTask<(BestSellers Ranking, List<PopularProduct> Products)> Ranked(Call call)
    {
        var ranking = await Ranking(call);
        ranking.Failure?.Throw();
        long[] ids = [.. ranking.Value.Products.Select(static product => product.ProductId)];
        long[] bought = [.. ranking.Value.Products.Select(static product => product.Bought)];
        return (ranking.Value, await ProductQueries.Ranked(database, ids, bought, call.Cancelled));
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

    /// <summary>One round trip.</summary>
    async ValueTask<Answer<Product>> Add(Call call, NewProduct body)
    {
        if (Check(body.Name, body.Description, body.Price, body.Stock, body.Category) is { } mistakes)
            return mistakes;
        if (await ProductQueries.Insert(database, body.Name, body.Description, body.Price, body.Stock, body.Category, call.Cancelled) is not { } product)
            return NoCategory;
        return (Answer<Product>)product with { Location = string.Create(CultureInfo.InvariantCulture, $"/api/products/{product.Id}"), Changes = ChangesOf(product.Id) };
    }

    /// <summary>Three round trips: the row and its lock, the change, the commit.</summary>
    async ValueTask<Answer<Product>> Update(Call call, ProductChange body) =>
        Check(body.Name, body.Description, body.Price, body.Stock, body.Category) is { } mistakes
            ? mistakes
            : await Change<Product>(call, body.Category, async (transaction, id, categoryId, cancelled) =>
                await ProductQueries.Update(transaction, id, body.Name, body.Description, body.Price, body.Stock, categoryId, cancelled));

    /// <summary>
    /// Three round trips. The row is archived, not deleted: nearly all products have been ordered, and to refuse those would leave an admin without
    /// a way to end a sale, while orders must go on showing what was bought.
    /// </summary>
    ValueTask<Answer<NoContent>> Remove(Call call) => Change<NoContent>(call, category: null, async (transaction, id, _, cancelled) =>
    {
        await ProductQueries.Archive(transaction, id, cancelled);
        return NoContent.Value;
    });

    /// <summary>A change of the product as the client has seen it: its row is locked from the comparison with <c>If-Match</c> to the commit.</summary>
    ValueTask<Answer<T>> Change<T>(Call call, string? category, Func<Transaction, long, int?, CancellationToken, ValueTask<T>> change) =>
        database.InTransaction<Answer<T>>(
            async (transaction, cancelled) =>
            {
                var id = call.Get(Id);
                var (product, categoryId) = await ProductQueries.Locked(transaction, id, category, cancelled);
                if (product is null)
                    return Problem.NotFound("product");
                if (category is not null && categoryId is null)
                    return NoCategory;
                if (!call.Allows(product, ProductsJson.Default.Product))
                    return Problem.PreconditionFailed;
                return (Answer<T>)await change(transaction, id, categoryId, cancelled) with { Changes = ChangesOf(id) };
            },
            call.Cancelled);

    static Problem? Check(string? name, string? description, decimal? price, int? stock, string? category) => new BodyCheck()
        .Text(name, "name", 1, 200)
        .Text(description, "description", 0, 5000)
        .That(price is null || (price is >= 0 and <= PriceLimit && decimal.Round(price.Value, 2) == price), "price", "must be from 0 to 9999999999.99, with at most two decimals")
        .That(stock is null or >= 0, "stock", "must be a whole number from 0 to 2147483647")
        .Text(category, "category", 1, 60)
        .Problem;

    static Problem NoCategory => Problem.Invalid(new FieldError("category", "is not the slug of a category; GET /api/categories/trending and products show some"));

    static RowChange[] ChangesOf(long id) => [new("products", id.ToString(CultureInfo.InvariantCulture), Number: 0)];

    const string NewExample = """
        {
          "name": "Enamel pour-over kettle", "description": "Holds 0.9 litres; the narrow spout keeps the flow steady.",
          "price": 39.90, "stock": 112, "category": "coffee-and-tea"
        }
        """;

    const string ChangeExample = """{ "price": 34.90, "stock": 120 }""";

    const string ProductExample = """
        {
          "id": 4211, "name": "Enamel pour-over kettle", "description": "Holds 0.9 litres; the narrow spout keeps the flow steady.",
          "price": 39.90, "stock": 112, "category": "coffee-and-tea", "createdAt": "2026-05-04T09:12:44.120391Z", "updatedAt": "2026-05-04T09:12:44.120391Z"
        }
        """;
}
