using Edge.Data;

public sealed record Product(long Id, string Name);

internal static partial class ProductQueries
{
    [Sql("select id, name from products order by id limit 20", Pipelined = true)]
    public static partial ValueTask<List<Product>> First(Database database, CancellationToken cancel);

    [Sql("select count(*) from products", Pipelined = true)]
    public static partial ValueTask<long> Count(Database database, CancellationToken cancel);

    [Sql("update products set name = @name where id = @id returning id, name", Pipelined = true)]
    public static partial ValueTask<Product?> Rename(Database database, long id, string name, CancellationToken cancel);

    [Sql("select next_in_line(@id)", Pipelined = true, Writes = true)]
    public static partial ValueTask<long?> Next(Database database, long id, CancellationToken cancel);

    [Sql("select id, name from products where id = @id; select count(*) from products", Pipelined = true)]
    public static partial ValueTask<(Product?, long)> Two(Database database, long id, CancellationToken cancel);
}
