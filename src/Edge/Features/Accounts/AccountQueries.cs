using Edge.Data;
using Edge.Http;

namespace Edge.Features.Accounts;

/// <param name="PasswordHash">Null: nobody can sign in with a password.</param>
internal sealed record CredentialRow(long Id, string Email, string Username, string DisplayName, Role Role, DateTime CreatedAt, string? PasswordHash)
{
    public Account Account => new(Id, Email, Username, DisplayName, Role, CreatedAt);

    /// <inheritdoc cref="LoginAnswer.ToString"/>
    public override string ToString() => nameof(CredentialRow);
}

internal sealed record SessionRow(long UserId, string Username, Role Role, DateTime ExpiresAt);

internal static partial class AccountQueries
{
    /// <summary>Which member of an account somebody else has already, where that is why it could not be stored.</summary>
    public static string? Taken(Exception failure) => DatabaseFailures.ViolatedConstraint(failure) switch
    {
        "idx_users_email" => "email",
        "users_username_key" => "username",
        _ => null,
    };

    [Sql("select id, email, username, display_name, role, created_at from users where id = @id", Pipelined = true)]
    public static partial ValueTask<Account?> ById(Database database, long id, CancellationToken cancelled);

    [Sql("select id, email, username, display_name, role, created_at, password_hash from users where email = @email")]
    public static partial ValueTask<CredentialRow?> ByEmail(Database database, string email, CancellationToken cancelled);

    [Sql("""
        insert into users (email, username, display_name, role, password_hash)
        values (@email, @username, @username, @role, @passwordHash)
        returning id, email, username, display_name, role, created_at
        """)]
    public static partial ValueTask<Account> Insert(
        Database database, string email, string username, Role role, string passwordHash, CancellationToken cancelled);

    [Sql("""
        update users set role = @role, updated_at = now()
        where email = @email
        returning id, email, username, display_name, role, created_at
        """)]
    public static partial ValueTask<Account?> SetRole(Database database, string email, Role role, CancellationToken cancelled);

    /// <summary>
    /// A new session, and fewer old ones: each login deletes up to 20 that have expired, whosever they are, oldest first. Since it adds
    /// one, the table never holds many that are of no use, and nothing else need prune it.
    /// </summary>
    /// <param name="rehashed">Null: the account's hash stays.</param>
    [Sql("""
        insert into sessions (token_hash, user_id, created_at, expires_at) values (@hash, @id, @now, @until);
        delete from sessions
        where token_hash = any (array(select token_hash from sessions where expires_at <= @now order by expires_at limit 20 for update skip locked));
        update users set password_hash = @rehashed where id = @id and @rehashed is not null and password_hash = @checkedHash;
        """)]
    public static partial ValueTask Begin(
        Database database, byte[] hash, long id, DateTime now, DateTime until, string? rehashed, string? checkedHash, CancellationToken cancelled);

    /// <summary>0: somebody else has extended it, or it has ended.</summary>
    [Sql("""
        update sessions set expires_at = @until
        where token_hash = @hash and expires_at = @expiresAt and expires_at > @now and revoked_at is null
        """)]
    public static partial ValueTask<int> Extend(
        Database database, byte[] hash, DateTime expiresAt, DateTime until, DateTime now, CancellationToken cancelled);

    [Sql("update sessions set revoked_at = @now where token_hash = @hash and revoked_at is null")]
    public static partial ValueTask<int> Revoke(Database database, byte[] hash, DateTime now, CancellationToken cancelled);

    [Sql("""
        select u.id as user_id, u.username, u.role, s.expires_at
        from sessions s
        join users u on u.id = s.user_id
        where s.token_hash = @hash and s.revoked_at is null and s.expires_at > @now
        """, Pipelined = true)]
    public static partial ValueTask<SessionRow?> SessionByHash(Database database, byte[] hash, DateTime now, CancellationToken cancelled);
}
