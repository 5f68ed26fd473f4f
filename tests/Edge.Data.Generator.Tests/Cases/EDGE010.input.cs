using Edge.Data;

namespace Shop;

public sealed record Product(long Id, string Name, DateTime CreatedAt);

internal static partial class ProductQueries
{
    [Sql("select id, name from products")]
    public static partial ValueTask<List<Product>> All(Database database, CancellationToken cancel);
}
