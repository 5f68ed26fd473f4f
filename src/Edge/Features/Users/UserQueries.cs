using Edge.Data;

namespace Edge.Features.Users;

internal static partial class UserQueries
{
    [Sql("""
        select id, username, created_at, case when @withEmail then email end as email
        from users
        where (created_at, id) < (@afterTime, @afterId)
        order by created_at desc, id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedUser>> Newest(
        Database database, DateTime afterTime, long afterId, int rows, bool withEmail, CancellationToken cancelled);

    [Sql("select id, username, display_name, bio, created_at, updated_at from users where id = @id", Pipelined = true)]
    public static partial ValueTask<UserProfile?> ById(Database database, long id, CancellationToken cancelled);

    /// <summary>Nobody else changes it until the transaction ends.</summary>
    [Sql("select id, username, display_name, bio, created_at, updated_at from users where id = @id for update")]
    public static partial ValueTask<UserProfile?> Locked(Transaction transaction, long id, CancellationToken cancelled);

    [Sql("""
        update users set display_name = coalesce(@displayName, display_name), bio = coalesce(@bio, bio), updated_at = now()
        where id = @id
        returning id, username, display_name, bio, created_at, updated_at
        """)]
    public static partial ValueTask<UserProfile> Change(Transaction transaction, long id, string? displayName, string? bio, CancellationToken cancelled);
}
