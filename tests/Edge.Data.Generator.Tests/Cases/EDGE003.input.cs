using Edge.Data;

namespace Shop;

internal partial class ProductQueries
{
    [Sql("select 1")]
    public partial ValueTask<int> NotStatic(Database database, CancellationToken cancel);

    [Sql("select 1")]
    public static ValueTask<int> NotPartial(Database database, CancellationToken cancel) => default;

    [Sql("select 1")]
    public static partial ValueTask<int> WithBody(Database database, CancellationToken cancel) => default;

    [Sql("select 1")]
    public static partial ValueTask<int> Generic<T>(Database database, CancellationToken cancel);

    [Sql("select @n")]
    public static partial ValueTask<int> ByReference(Database database, in int n, CancellationToken cancel);
}

internal static class NotPartialQueries
{
    [Sql("select 1")]
    public static partial ValueTask<int> One(Database database, CancellationToken cancel);
}

internal static partial class GenericQueries<T>
{
    [Sql("select 1")]
    public static partial ValueTask<int> One(Database database, CancellationToken cancel);
}
