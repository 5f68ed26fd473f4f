using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select 'open")]
    public static partial ValueTask<string> Literal(Database database, CancellationToken cancel);

    [Sql("select 1 /* open")]
    public static partial ValueTask<int> Comment(Database database, CancellationToken cancel);
}
