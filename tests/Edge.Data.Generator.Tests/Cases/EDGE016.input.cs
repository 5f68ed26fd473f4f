using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select 1")]
    public static partial Task<int> AsTask(Database database, CancellationToken cancel);

    [Sql("select 1")]
    public static partial int Synchronous(Database database, CancellationToken cancel);

    [Sql("delete from products")]
    public static partial void Void(Database database, CancellationToken cancel);
}
