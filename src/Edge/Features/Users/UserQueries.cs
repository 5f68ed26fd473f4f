using Edge.Data;

namespace Edge.Features.Users;

internal static partial class UserQueries
{
    [Sql("""
        select id, username, created_at
        from users
        where (created_at, id) < (@afterTime, @afterId)
        order by created_at desc, id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedUser>> Newest(
        Database database, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("select id, username, display_name, bio, created_at, updated_at from users where id = @id")]
    public static partial ValueTask<UserProfile?> ById(Database database, long id, CancellationToken cancelled);
}
