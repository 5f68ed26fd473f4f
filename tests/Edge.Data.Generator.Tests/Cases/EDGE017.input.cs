using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("update products set name = @name")]
    public static partial ValueTask<string> Name(Database database, string name, CancellationToken cancel);

    [Sql("delete from products")]
    public static partial IAsyncEnumerable<int> Stream(Database database, CancellationToken cancel);

    [Sql("delete from products")]
    public static partial ValueTask<long> Long(Database database, CancellationToken cancel);
}
