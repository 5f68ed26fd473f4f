using Edge.Data;

namespace Shop;

internal static partial class SqlQueries
{
    [Sql("""
        -- not @one, nor 'this
        select /* nor @two /* nested */ */ '@three' as a, "@four" as "b_c", E'\'@five' as d, $q$ @six $q$ as e,
               @id::bigint as f, tags @> @tags as g, search @@ to_tsquery(@ID::text) as h, parts[1:@id] as i
        from t;
        """, Name = "quotes \" and \\ back")]
    public static partial ValueTask<List<Odd>> Odd(Database database, int id, string[] tags, CancellationToken cancel);

    [Sql(""""
        select '"""' as a
        where 1 = 1
        """")]
    public static partial ValueTask<string> Quotes(Database database, CancellationToken cancel);

    [Sql("with gone as (delete from t where id = @id returning id) select count(*) n from gone")]
    public static partial ValueTask<long> DeleteInside(Database database, int id, CancellationToken cancel);

    [Sql("select id from t where id = @id for update")]
    public static partial ValueTask<long?> Lock(Transaction transaction, long id, CancellationToken cancel);
}

public sealed record Odd(string A, string BC, string D, string E, long F, bool G, bool H, int[] I);
