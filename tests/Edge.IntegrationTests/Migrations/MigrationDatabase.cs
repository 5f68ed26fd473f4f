using Edge.Data;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Migrations;

/// <summary>An empty database of the shared server, and a migrator on it.</summary>
internal sealed class MigrationDatabase : IAsyncDisposable
{
    MigrationDatabase(PostgresServer server, string name)
    {
        Server = server;
        Name = name;
        Source = SourceOf(server.ConnectionString(name));
    }

    public PostgresServer Server { get; }

    public string Name { get; }

    public NpgsqlDataSource Source { get; }

    public SignalWriter Log { get; } = new();

    public static async Task<MigrationDatabase> Create(CancellationToken cancel)
    {
        var server = await SharedServers.Postgres(cancel);
        var name = "migrations_" + Guid.NewGuid().ToString("N");
        await server.CreateDatabase(name, null, cancel);
        return new MigrationDatabase(server, name);
    }

    public static NpgsqlDataSource SourceOf(string connectionString)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(connectionString);
        builder.EnableArrays();
        return builder.Build();
    }

    public Migrator Migrator(params (string Name, string Text)[] files) => new(Source, Log, TimeProvider.System)
    {
        Files = MigrationFile.InOrder([.. files.Select(static file => new MigrationFile(file.Name, file.Text))]),
        LockTimeoutMs = 50,
        LockAttempts = 3,
        LockRetryDelayMs = 1,
    };

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async Task Execute(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public Task<bool> HasTable(string table) => Scalar<bool>($"select to_regclass('{table}') is not null");

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
