using Edge.Data;

namespace Shop;

public sealed record UserName(long Id, string Username);

public readonly record struct OrderStats(long N, DateTime? LastAt);

internal static partial class UserQueries
{
    [Sql("""
        select id, username from users where id = @id;
        select count(*) as n, max(created_at) as last_at from orders where user_id = @id;
        update users set seen_at = now() where id = @id;
        select id from orders where user_id = @id order by created_at desc, id desc limit @latest;
        """)]
    public static partial ValueTask<(UserName? User, OrderStats Stats, int Reader, List<long> Latest)> Overview(
        Database database, long id, int latest, CancellationToken cancel);

    [Sql("select 1; select 'two'")]
    public static partial ValueTask<(int, string?)> Unnamed(Database batch, CancellationToken command);

    [Sql("delete from sessions where user_id = @id; delete from users where id = @id")]
    public static partial ValueTask Delete(Transaction transaction, long id, CancellationToken cancel);

    [Sql("delete from sessions where user_id = @id; delete from users where id = @id")]
    public static partial ValueTask<(int Sessions, int Users)> DeleteAndCount(Transaction transaction, long id, CancellationToken cancel);
}
