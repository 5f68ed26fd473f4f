using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select 1")]
    public static partial ValueTask<int> One(Database database, CancellationToken cancel);

    [Sql("select 1")]
    public static partial ValueTask<int> One(Transaction transaction, CancellationToken cancel);

    [Sql("select 2", Name = "Product.One")]
    public static partial ValueTask<int> Two(Database database, CancellationToken cancel);
}
