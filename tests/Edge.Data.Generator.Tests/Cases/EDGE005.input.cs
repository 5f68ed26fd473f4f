using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select 1")]
    public static partial ValueTask<int> None(Database database);

    [Sql("select 1")]
    public static partial ValueTask<int> Two(Database database, CancellationToken cancel, CancellationToken other);
}
