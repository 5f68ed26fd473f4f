using Edge.Data;

namespace Shop;

public sealed record Product(long Id, string Name);

internal static partial class ProductQueries
{
    [Sql("select id, name, created_at from products")]
    public static partial ValueTask<List<Product>> All(Database database, CancellationToken cancel);
}
