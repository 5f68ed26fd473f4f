using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select name from products where id = @Id and shop = @shop and stock > $1")]
    public static partial ValueTask<string?> Name(Database database, long id, CancellationToken cancel);

    [Sql("select @n")]
    public static partial ValueTask<int> Echo(Database database, CancellationToken cancel);
}
