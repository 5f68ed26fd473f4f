using Edge.Core.Basics;
using Edge.Data;
using Edge.Data.Seeding;
using Edge.IntegrationTests.Migrations;
using Npgsql;

namespace Edge.IntegrationTests.Seeding;

/// <summary>A small shop, seeded once for all tests that only read it.</summary>
public sealed class SeedFixture : IAsyncLifetime
{
    public static readonly SeedOptions Options = new()
    {
        Users = 2_000, Products = 2_000, Orders = 10_000, Posts = 200, Stories = 100, Opportunities = 200,
        AsOf = new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero),
    };

    public static readonly string[] Tables =
        ["users", "user_locations", "categories", "products", "orders", "order_items", "blogs", "stories", "opportunities"];

    MigrationDatabase? database;

    public NpgsqlDataSource Source => database!.Source;

    public SeedResult Result { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        database = await Migrated(TestContext.Current.CancellationToken);
        Result = await Seed(database, Options, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null) await database.DisposeAsync();
    }

    internal static async Task<MigrationDatabase> Migrated(CancellationToken cancel)
    {
        var database = await MigrationDatabase.Create(cancel);
        var result = await new Migrator(database.Source, database.Log, TimeProvider.System).Run(cancel);
        Assert.True(result.Succeeded, result.Message);
        return database;
    }

    internal static Task<SeedResult> Seed(MigrationDatabase database, SeedOptions options, CancellationToken cancel) =>
        new Seeder(database.Source, new Progress(database.Log, TimeProvider.System, ProgressStyle.Lines), TimeProvider.System).Run(options, cancel);

    internal static async Task<string> Checksums(NpgsqlDataSource source, CancellationToken cancel)
    {
        var checksums = "";
        foreach (var table in Tables)
        {
            await using var command = source.CreateCommand($"select count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n' order by t::text), '')) from {table} t");
            checksums += $"{table} {await command.ExecuteScalarAsync(cancel)}\n";
        }
        return checksums;
    }
}
