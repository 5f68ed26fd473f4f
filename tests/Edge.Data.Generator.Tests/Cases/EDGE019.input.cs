using Edge.Data;

namespace Shop;

public sealed record Product(long Id);

internal static partial class ProductQueries
{
    [Sql("select id from products")]
    public static partial ValueTask<List<Product?>> All(Database database, CancellationToken cancel);

    [Sql("select id from products")]
    public static partial IAsyncEnumerable<Product?> Stream(Database database, CancellationToken cancel);
}
