using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select name from products where id = 1 -- @id")]
    public static partial ValueTask<string?> Name(Database database, long id, CancellationToken cancel);
}
