using Edge.Data;

namespace Shop;

public sealed class Settable
{
    public long Id { get; set; }
}

public sealed record TwoConstructors(long Id)
{
    public TwoConstructors(int id, string name)
        : this(id) => _ = name;
}

public sealed record Lettered(long Id, char Letter);

internal static partial class ProductQueries
{
    [Sql("select id, name from products")]
    public static partial ValueTask<List<string>> TwoColumns(Database database, CancellationToken cancel);

    [Sql("select id from products")]
    public static partial ValueTask<List<Settable>> NoConstructor(Database database, CancellationToken cancel);

    [Sql("select id from products")]
    public static partial ValueTask<TwoConstructors?> Ambiguous(Database database, CancellationToken cancel);

    [Sql("select id, letter from products")]
    public static partial ValueTask<List<Lettered>> Letters(Database database, CancellationToken cancel);

    [Sql("select id from products")]
    public static partial ValueTask<object> Object(Database database, CancellationToken cancel);
}
