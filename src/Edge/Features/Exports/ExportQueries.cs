using Edge.Data;

namespace Edge.Features.Exports;

/// <summary>
/// Read row by row from the portal of a plain query, which Postgres fills as fast as it is emptied: bench/results/exports.md has the figures of
/// COPY, cursors and keyset pages beside it.
/// </summary>
internal static partial class ExportQueries
{
    /// <summary>What was cancelled was neither bought nor paid.</summary>
    [Sql("""
        select u.id as user_id, u.email, count(o.id) as order_count, coalesce(sum(o.total), 0) as total_spent
        from users u
        left join orders o on o.user_id = u.id and o.status <> 'cancelled'
        group by u.id
        order by u.id
        """, SequentialScan = "It shows every person and counts every order.")]
    public static partial IAsyncEnumerable<ExportedUser> Users(Database database, CancellationToken cancelled);

    [Sql("""
        select o.id, o.user_id, u.username, o.status, o.total, o.shipping_address, o.created_at, o.updated_at
        from orders o
        join users u on u.id = o.user_id
        where o.created_at >= coalesce(@since, '-infinity'::timestamptz)
        order by o.created_at desc, o.id desc
        """, SequentialScan = "Without since it shows every order.")]
    public static partial IAsyncEnumerable<ExportedOrder> Orders(Database database, DateTime? since, CancellationToken cancelled);
}
