using Edge.Data;

namespace Edge.Features.Dashboard;

/// <summary>
/// Each personal part is written once, and asked for in two ways: all in one batch, and, where that fails, each by itself. A batch ends at its
/// first failure, so it cannot tell which parts are well.
/// </summary>
internal static partial class DashboardQueries
{
    /// <summary>A lock on a table, as somebody who alters it holds, costs its part a second, and not the whole answer.</summary>
    const string Impatience = "select set_config('lock_timeout', '1s', true);\n";

    const string StatisticsSql = """
        select count(*) as order_count, coalesce(sum(total), 0) as total_spent, round(avg(total), 2) as average_order_value, max(created_at) as last_order_at
        from orders
        where user_id = @userId and status <> 'cancelled'
        """;

    const string OrdersSql = """
        select id, status, total, created_at from orders where user_id = @userId order by created_at desc, id desc limit 5
        """;

    // A story lives for exactly 24 hours (a check holds it to that): both conditions are one range of the index on its end.
    const string StoriesSql = """
        select s.id, s.content, u.username as author, s.created_at, s.expires_at
        from stories s
        join users u on u.id = s.author_id
        where s.expires_at > greatest(now(), interval '24 hours' + (
                select max(before.created_at)
                from sessions before
                where before.user_id = @userId and before.created_at < (select created_at from sessions where token_hash = @session)))
          and s.author_id <> @userId
        order by s.expires_at desc, s.id desc
        limit 10
        """;

    // Great circles on a sphere of the earth's mean radius. The band of latitudes is what the index finds; it has no edge at the 180th meridian,
    // and none at the poles. 0.45° is 50 km.
    const string OpportunitiesSql = """
        select o.id, o.kind, o.title, round(o.km::numeric, 1)::double precision as distance_km, o.closes_at
        from (select near.id, near.kind, near.title, near.closes_at,
                     12742 * asin(least(1, sqrt(sin(radians(near.latitude - l.latitude) / 2) ^ 2
                         + cos(radians(near.latitude)) * cos(radians(l.latitude)) * sin(radians(near.longitude - l.longitude) / 2) ^ 2))) as km
              from user_locations l
              join opportunities near on point(near.longitude, near.latitude) <@ box(point(-180, l.latitude - 0.45), point(180, l.latitude + 0.45))
              where l.user_id = @userId and l.is_current and near.closes_at > now()) o
        where o.km <= 50
        order by o.km, o.id
        limit 5
        """;

    [Sql(Impatience + StatisticsSql + ";\n" + OrdersSql + ";\n" + StoriesSql + ";\n" + OpportunitiesSql)]
    public static partial ValueTask<(string? LockTimeout, OrderStatistics Statistics, List<LatestOrder> Orders, List<UnreadStory> Stories, List<NearbyOpportunity> Opportunities)> Personal(
        Database database, long userId, byte[] session, CancellationToken cancelled);

    [Sql(Impatience + StatisticsSql)]
    public static partial ValueTask<(string? LockTimeout, OrderStatistics Statistics)> Statistics(Database database, long userId, CancellationToken cancelled);

    [Sql(Impatience + OrdersSql)]
    public static partial ValueTask<(string? LockTimeout, List<LatestOrder> Orders)> Orders(Database database, long userId, CancellationToken cancelled);

    [Sql(Impatience + StoriesSql)]
    public static partial ValueTask<(string? LockTimeout, List<UnreadStory> Stories)> Stories(Database database, long userId, byte[] session, CancellationToken cancelled);

    [Sql(Impatience + OpportunitiesSql)]
    public static partial ValueTask<(string? LockTimeout, List<NearbyOpportunity> Opportunities)> Opportunities(Database database, long userId, CancellationToken cancelled);

    [Sql("select id, name, price, category, bought from popular_products()")]
    public static partial ValueTask<List<BoughtProduct>> Popular(Database database, CancellationToken cancelled);

    [Sql("""
        select b.id, b.slug, b.title, u.username as author, coalesce(b.published_at, b.created_at) as published_at
        from blogs b
        join users u on u.id = b.author_id
        where b.status = 'published'
        order by b.created_at desc, b.id desc
        limit 5
        """)]
    public static partial ValueTask<List<LatestPost>> Posts(Database database, CancellationToken cancelled);
}
