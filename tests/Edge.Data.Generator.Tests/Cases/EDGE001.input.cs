using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql(" -- nothing\n ; ")]
    public static partial ValueTask Empty(Database database, CancellationToken cancel);
}
