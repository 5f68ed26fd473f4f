using Edge.Data;

namespace Edge.Features.Analytics;

internal sealed record OrderStatisticsRow(long UserId, long OrderCount, decimal TotalSpent, decimal AverageOrderValue, DateTime? LastOrderAt);

internal sealed record EngagementRow(long UserId, long Blogs, long Stories, long Opportunities, DateTime? LastActiveAt);

internal sealed record BoughtTogetherRow(long UserId, long ProductId, long Times);

internal sealed record ProductRow(long Id, string Name, decimal Price, int Stock, string Category);

/// <summary>One batch for any number of users: one or two hundred, it is the same round trip.</summary>
internal static partial class AnalyticsQueries
{
    /// <summary>
    /// The parts of many users' analytics; users that there are not are in none but the middle two. Everything is reached from a user by an
    /// index. "Bought together" is bounded in work whatever people buy: the 20 products bought last, the 20 latest orders of each, 20 lines of each
    /// of those, hence at most 8,000 lines per user, and 10 results. Its limits come before its filters, so that a
    /// product whose orders were all cancelled is not looked through to its first order.
    /// </summary>
    [Sql("""
        select id, username, display_name, created_at from users where id = any (@ids);

        select u.id as user_id, o.order_count, o.total_spent, o.average_order_value, o.last_order_at
        from unnest(@ids::bigint[]) as u (id)
        cross join lateral (
            select count(*) as order_count, coalesce(sum(total), 0.00) as total_spent, coalesce(round(avg(total), 2), 0.00) as average_order_value,
                   max(created_at) as last_order_at
            from orders
            where user_id = u.id and status <> 'cancelled') o;

        select u.id as user_id, b.blogs, s.stories, o.opportunities,
               greatest(b.last_at, s.last_at, o.last_at, (select max(created_at) from orders where user_id = u.id), (select max(created_at) from sessions where user_id = u.id))
                   as last_active_at
        from unnest(@ids::bigint[]) as u (id)
        cross join lateral (select count(*) as blogs, max(updated_at) as last_at from blogs where author_id = u.id) b
        cross join lateral (select count(*) as stories, max(created_at) as last_at from stories where author_id = u.id) s
        cross join lateral (select count(*) as opportunities, max(updated_at) as last_at from opportunities where author_id = u.id) o;

        select u.id as user_id, r.product_id, r.times
        from unnest(@ids::bigint[]) as u (id)
        cross join lateral (
            with own as (
                select i.product_id
                from (select id, created_at from orders where user_id = u.id and status <> 'cancelled' order by created_at desc, id desc limit 20) o
                cross join lateral (select product_id from order_items where order_id = o.id order by product_id limit 20) i
                group by i.product_id
                order by max(o.created_at) desc, i.product_id
                limit 20
            )
            select i.product_id, count(*) as times
            from own
            cross join lateral (select order_id, cancelled from order_items where product_id = own.product_id order by order_id desc limit 20) b
            cross join lateral (select product_id from order_items where order_id = b.order_id order by product_id limit 20) i
            where not b.cancelled and i.product_id not in (select product_id from own)
            group by i.product_id
            order by times desc, i.product_id
            limit 10) r
        order by u.id, r.times desc, r.product_id;
        """)]
    public static partial ValueTask<(List<AnalyzedUser> Users, List<OrderStatisticsRow> Orders, List<EngagementRow> Engagement, List<BoughtTogetherRow> BoughtTogether)> OfUsers(
        Database database, long[] ids, CancellationToken cancelled);

    [Sql("""
        select p.id, p.name, p.price, p.stock, c.slug as category
        from products p
        join categories c on c.id = p.category_id
        where p.id = any (@ids)
        """)]
    public static partial ValueTask<List<ProductRow>> Products(Database database, long[] ids, CancellationToken cancelled);
}
