namespace Edge.ApiTests;

/// <summary>An instance over a copy of the seeded database, both a fact's own: what it buys is not missed by others.</summary>
internal sealed class OwnShop : IAsyncDisposable
{
    OwnShop(EdgeUnderTest edge, SeededDatabase database) => (Edge, Database) = (edge, database);

    public EdgeUnderTest Edge { get; }

    public SeededDatabase Database { get; }

    /// <param name="settings">Beside those of <see cref="EdgeWay.StartCached"/>.</param>
    public static async Task<OwnShop> Open(EdgeWay way, params (string Key, string Value)[] settings)
    {
        var database = await way.Database.Copy(Contract.Cancelled);
        return new(await way.StartCached(database.Url, Contract.Cancelled, settings), database);
    }

    public static Task<long> NewProduct(SeededDatabase database, decimal price, int stock) => database.Value<long>(
        "insert into products (category_id, name, description, price, stock) values (1, 'P', '', @price, @stock) returning id", ("price", price), ("stock", stock));

    /// <summary>In the order of the ids given.</summary>
    public static Task<List<int>> Stocks(SeededDatabase database, params long[] ids) => database.Column<int>(
        "select p.stock from unnest(@ids) with ordinality as wanted (id, n) join products p on p.id = wanted.id order by n", ("ids", ids));

    public void Deconstruct(out EdgeUnderTest edge, out SeededDatabase database) => (edge, database) = (Edge, Database);

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Database.DisposeAsync();
    }
}
