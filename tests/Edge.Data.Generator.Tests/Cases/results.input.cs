using Edge.Data;

namespace Shop.Products;

public sealed record Product(long Id, string Name, decimal? Price, DateTimeOffset CreatedAt);

public readonly record struct ProductName(long Id, string Name);

public sealed class Page(string slug, byte[] body)
{
    public string Slug => slug;

    public byte[] Body => body;
}

internal static partial class ProductQueries
{
    // The order of the columns is not that of the parameters, and neither need be.
    [Sql("""
        select p.created_at, p.id, p.price::numeric, upper(p.name) as name
        from products p
        where p.id = @id
        """)]
    public static partial ValueTask<Product?> Find(Database database, long id, CancellationToken cancel);

    [Sql("select id, name from products where id = @id")]
    public static partial ValueTask<ProductName?> FindName(Database database, long id, CancellationToken cancel);

    [Sql("select id, name from products where id = @id")]
    public static partial ValueTask<ProductName> GetName(Transaction transaction, long id, CancellationToken cancel);

    [Sql("select id, name from products order by id limit @limit", SequentialScan = "the whole table is wanted")]
    public static partial ValueTask<List<ProductName>> First(QueryExecutor executor, int limit, CancellationToken cancel);

    [Sql("select id, name from products order by id")]
    internal static partial IAsyncEnumerable<ProductName> All(Database database, CancellationToken cancel);

    [Sql("select slug, body from pages", Name = "Pages")]
    public static partial ValueTask<List<Page>> Pages(Database database, CancellationToken cancel);

    [Sql("select count(*) from products")]
    public static partial ValueTask<long> Count(Database database, CancellationToken cancel);

    [Sql("select max(price) from products")]
    public static partial ValueTask<decimal?> Highest(Database database, CancellationToken cancel);

    [Sql("select name from products where id = @id")]
    public static partial ValueTask<string?> NameOf(Database database, long id, CancellationToken cancel);

    [Sql("select description from products")]
    public static partial ValueTask<List<string?>> Descriptions(Database database, CancellationToken cancel);

    [Sql("select tags from products where id = @id")]
    public static partial ValueTask<string[]> Tags(Database database, long id, CancellationToken cancel);

    [Sql("insert into products (name) values (@name) returning id")]
    public static partial ValueTask<long> Add(Database database, string name, CancellationToken cancel);

    [Sql("update products set name = @name where id = @id")]
    public static partial ValueTask<int> Rename(Database database, long id, string name, CancellationToken cancel);

    [Sql("select publish(@id)", Writes = true)]
    public static partial ValueTask<bool> Publish(Database database, long id, CancellationToken cancel);

    [Sql("select pg_notify('products', @text)")]
    public static partial ValueTask Notify(Database database, string text, CancellationToken cancel);
}
