using Edge.Core.Basics;
using Edge.Data;
using Edge.Data.Seeding;
using Edge.Testing;

[assembly: AssemblyFixture(typeof(Edge.ApiTests.SeededDatabase))]

namespace Edge.ApiTests;

/// <summary>One migrated and seeded database for all facts that only read. A fact that writes makes its own copy of it.</summary>
public sealed class SeededDatabase : IAsyncLifetime
{
    public const string Name = "api_tests";

    public PostgresServer Server { get; private set; } = null!;

    public DatabaseOptions Options => Server.Options(Name);

    public async ValueTask InitializeAsync()
    {
        var cancelled = TestContext.Current.CancellationToken;
        Server = await SharedServers.Postgres(cancelled);
        await Server.CreateDatabase(Name, template: null, cancelled);
        await using var source = Database.SessionSource(Options);
        var migrated = await new Migrator(source, TextWriter.Null, TimeProvider.System).Run(cancelled);
        Assert.True(migrated.Succeeded, migrated.Message);
        var options = new SeedOptions { Users = 1500, Products = 1200, Orders = 4000, Posts = 200, Stories = 50, Opportunities = 200 };
        var seeded = await new Seeder(source, new Progress(TextWriter.Null, TimeProvider.System, ProgressStyle.Lines), TimeProvider.System).Run(options, cancelled);
        Assert.True(seeded.Succeeded, seeded.Message);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
