using Edge.Data;

namespace Edge.ApiTests.Example;

// CategoryQueries.cs: the compiler writes the bodies, and refuses a column that Category does not have.
internal static partial class CategoryQueries
{
    [Sql("""
        select c.slug, c.name, count(*) as products
        from categories c
        join products p on p.category_id = c.id
        group by c.id
        order by products desc, c.slug
        limit @rows
        """)]
    public static partial ValueTask<List<Category>> Largest(Database database, int rows, CancellationToken cancelled);
}
