using Edge.Data;

namespace Shop;

public sealed record Product(long Id, string Name, DateTime CreatedAt);

internal static partial class ProductQueries
{
    [Sql("select p.id, c.id, name, c.created_at, p.createdAt from products p, categories c")]
    public static partial ValueTask<List<Product>> All(Database database, CancellationToken cancel);
}
