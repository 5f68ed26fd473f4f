using Edge.Data;

namespace Shop;

public sealed record Product(long Id, string Name);

internal static partial class ProductQueries
{
    [Sql("select p.*, 1 as name from products p")]
    public static partial ValueTask<List<Product>> All(Database database, CancellationToken cancel);

    [Sql("delete from products returning *")]
    public static partial ValueTask<List<Product>> Clear(Database database, CancellationToken cancel);
}
