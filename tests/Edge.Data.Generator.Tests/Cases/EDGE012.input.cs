using Edge.Data;

namespace Shop;

public sealed record Product(long Id, decimal Twice);

internal static partial class ProductQueries
{
    [Sql("select id, price * 2 from products")]
    public static partial ValueTask<List<Product>> All(Database database, CancellationToken cancel);
}
