using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select 1; select 2")]
    public static partial ValueTask<int> One(Database database, CancellationToken cancel);

    [Sql("select 1; select 2")]
    public static partial ValueTask<(int A, int B, int C)> Three(Database database, CancellationToken cancel);

    [Sql("select 1; select 2")]
    public static partial IAsyncEnumerable<int> Streamed(Database database, CancellationToken cancel);
}
