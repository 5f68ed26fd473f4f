using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select 1")]
    public static partial ValueTask<int> Nothing();

    [Sql("select 1")]
    public static partial ValueTask<int> Connection(string database, CancellationToken cancel);
}
