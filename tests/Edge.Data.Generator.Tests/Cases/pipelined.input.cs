using Edge.Data;

public sealed record Product(long Id, string Name);

internal static partial class ProductQueries
{
    [Sql("select id, name from products where id = @id", Pipelined = true)]
    public static partial ValueTask<Product?> ById(Database database, long id, CancellationToken cancel);

    [Sql("select name from products where id = @id", Pipelined = true)]
    public static partial ValueTask<string?> NameOf(QueryExecutor executor, long id, CancellationToken cancel);

    [Sql("select id, name from products where id = @id", Pipelined = false)]
    public static partial ValueTask<Product?> Alone(Database database, long id, CancellationToken cancel);
}
