using Edge.Data;
using Edge.Http;

namespace Edge.Features.ApiKeys;

/// <summary>A key as it is listed: nothing that anybody could call with.</summary>
internal sealed record ListedApiKey(long Id, string Name, string Prefix, string Plan, DateTime CreatedAt, DateTime? RevokedAt);

internal static partial class ApiKeyQueries
{
    [Sql("select id, plan from api_keys where key_hash = @hash and revoked_at is null", Pipelined = true)]
    public static partial ValueTask<ApiKey?> ByHash(Database database, byte[] hash, CancellationToken cancelled);

    [Sql("""
        insert into api_keys (name, prefix, key_hash, plan) values (@name, @prefix, @hash, @plan)
        returning id, name, prefix, plan, created_at, revoked_at
        """)]
    public static partial ValueTask<ListedApiKey> Insert(
        Database database, string name, string prefix, byte[] hash, string plan, CancellationToken cancelled);

    [Sql("select id, name, prefix, plan, created_at, revoked_at from api_keys order by id")]
    public static partial ValueTask<List<ListedApiKey>> All(Database database, CancellationToken cancelled);

    [Sql("select id, name, prefix, plan, created_at, revoked_at from api_keys where id = @id")]
    public static partial ValueTask<List<ListedApiKey>> ById(Database database, long id, CancellationToken cancelled);

    /// <summary>Several, where keys begin alike.</summary>
    [Sql("select id, name, prefix, plan, created_at, revoked_at from api_keys where prefix = @prefix order by id")]
    public static partial ValueTask<List<ListedApiKey>> ByPrefix(Database database, string prefix, CancellationToken cancelled);

    /// <summary>0: it was revoked already.</summary>
    [Sql("update api_keys set revoked_at = now() where id = @id and revoked_at is null")]
    public static partial ValueTask<int> Revoke(Database database, long id, CancellationToken cancelled);
}
