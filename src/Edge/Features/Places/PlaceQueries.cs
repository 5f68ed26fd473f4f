using Edge.Data;
using Edge.Http;

namespace Edge.Features.Places;

/// <param name="N">Which of the boxes it is in, from 1.</param>
internal sealed record PlacedRow(long N, long Id, double Latitude, double Longitude, string Name, string? Kind, DateTime? ClosesAt);

/// <summary>
/// Each box by the index on points, then exactly: it holds its southern and western border, not the others. A box gives at most one row more
/// than <see cref="PlaceEndpoints.CandidateLimit"/>, which tells that there are more.
/// </summary>
internal static partial class PlaceQueries
{
    /// <summary>People stand where they are to a thousandth of a degree, some hundred metres: nothing that is computed of it tells more.</summary>
    [Sql("""
        select b.n, f.id, f.latitude, f.longitude, f.name, null::text as kind, null::timestamptz as closes_at
        from unnest(@wests::float8[], @souths::float8[], @easts::float8[], @norths::float8[]) with ordinality as b (west, south, east, north, n)
        cross join lateral (
            select u.id, round(l.latitude::numeric, 3)::double precision as latitude, round(l.longitude::numeric, 3)::double precision as longitude,
                   u.username as name
            from user_locations l
            join users u on u.id = l.user_id
            where l.is_current
              and point(l.longitude, l.latitude) <@ box(point(b.west, b.south), point(b.east, b.north))
              and l.latitude >= b.south and l.latitude < b.north and l.longitude >= b.west and l.longitude < b.east
            limit 20001) f
        """)]
    public static partial ValueTask<List<PlacedRow>> UsersIn(
        Database database, double[] wests, double[] souths, double[] easts, double[] norths, CancellationToken cancelled);

    [Sql("""
        select b.n, f.id, f.latitude, f.longitude, f.title as name, f.kind, f.closes_at
        from unnest(@wests::float8[], @souths::float8[], @easts::float8[], @norths::float8[]) with ordinality as b (west, south, east, north, n)
        cross join lateral (
            select o.id, o.latitude, o.longitude, o.title, o.kind, o.closes_at
            from opportunities o
            where point(o.longitude, o.latitude) <@ box(point(b.west, b.south), point(b.east, b.north))
              and o.latitude >= b.south and o.latitude < b.north and o.longitude >= b.west and o.longitude < b.east
              and o.closes_at > @now
            limit 20001) f
        """)]
    public static partial ValueTask<List<PlacedRow>> OpportunitiesIn(
        Database database, double[] wests, double[] souths, double[] easts, double[] norths, DateTime now, CancellationToken cancelled);

    /// <summary>
    /// Somebody's place from now on. Their writes wait for each other, so that the index which keeps one current row per person is never run
    /// into; the lock is a statement of its own, since a statement sees only what was committed when it began. Twenty places are kept of each.
    /// </summary>
    [Sql("""
        select true from pg_advisory_xact_lock(hashtextextended('user_locations', @userId));
        update user_locations set is_current = false where user_id = @userId and is_current returning latitude, longitude;
        delete from user_locations
        where id = any (array(select id from user_locations where user_id = @userId order by recorded_at desc, id desc offset 19));
        insert into user_locations (user_id, latitude, longitude, accuracy) values (@userId, @latitude, @longitude, @accuracy)
        returning latitude, longitude, accuracy, recorded_at
        """)]
    public static partial ValueTask<(bool IsLocked, GeoPoint? Left, int Dropped, CurrentLocation Now)> Move(
        Database database, long userId, double latitude, double longitude, double? accuracy, CancellationToken cancelled);
}
