using Edge.Core.Basics;
using Edge.Data;
using Edge.Data.Seeding;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Queries;

/// <summary>
/// One migrated and seeded database for all tests of this folder, made when the first of them asks. Each table that grows with use has
/// more than <see cref="LargeRows"/> rows. Nobody changes it.
/// </summary>
static class LargeDatabase
{
    /// <summary>A table with more rows than this is large: reading it from end to end needs a reason.</summary>
    public const int LargeRows = 10_000;

    static readonly Lazy<Task<NpgsqlDataSource>> Made = new(Make);

    public static Task<NpgsqlDataSource> Source(CancellationToken cancelled) => Made.Value.WaitAsync(cancelled);

    static async Task<NpgsqlDataSource> Make()
    {
        const string name = "large";
        var server = await SharedServers.Postgres(CancellationToken.None);
        var options = await server.CreateDatabase(name, template: null, CancellationToken.None);
        await using var session = Database.SessionSource(options);
        var migrated = await new Migrator(session, TextWriter.Null, TimeProvider.System).Run(CancellationToken.None);
        Assert.True(migrated.Succeeded, migrated.Message);
        var amounts = new SeedOptions { Users = 12_000, Products = 12_000, Orders = 15_000, Posts = 11_000, Stories = 11_000, Opportunities = 11_000 };
        var silent = new Progress(TextWriter.Null, TimeProvider.System, ProgressStyle.Lines);
        var seeded = await new Seeder(session, silent, TimeProvider.System).Run(amounts, CancellationToken.None);
        Assert.True(seeded.Succeeded, seeded.Message);
        var source = NpgsqlDataSource.Create(server.ConnectionString(name));
        // What comes of use, of which the seeder makes none.
        await using var use = source.CreateCommand("""
            insert into sessions (token_hash, user_id, expires_at) select sha256(id::text::bytea), id, now() + interval '1 day' from users;
            insert into idempotency_keys (user_id, key, body_hash, status, location, answer) select id, 'k', sha256(''), 201, '/', '' from users;
            analyze sessions, idempotency_keys
            """);
        await use.ExecuteNonQueryAsync();
        return source;
    }
}
