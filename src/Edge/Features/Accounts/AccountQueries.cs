using Edge.Data;
using Edge.Http;

namespace Edge.Features.Accounts;

internal sealed record SessionRow(long UserId, string Username, Role Role, DateTime ExpiresAt);

internal static partial class AccountQueries
{
    [Sql("select id, email, username, display_name, role, created_at from users where id = @id")]
    public static partial ValueTask<Account?> ById(Database database, long id, CancellationToken cancelled);

    [Sql("update sessions set revoked_at = @now where token_hash = @hash and revoked_at is null")]
    public static partial ValueTask<int> Revoke(Database database, byte[] hash, DateTime now, CancellationToken cancelled);

    [Sql("""
        select u.id as user_id, u.username, u.role, s.expires_at
        from sessions s
        join users u on u.id = s.user_id
        where s.token_hash = @hash and s.revoked_at is null and s.expires_at > @now
        """)]
    public static partial ValueTask<SessionRow?> SessionByHash(Database database, byte[] hash, DateTime now, CancellationToken cancelled);
}
