using System.Globalization;
using Edge.Core.Basics;
using Edge.Data;
using Edge.Data.Seeding;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Cli;

/// <summary>A database of the shared server that one test has for itself.</summary>
sealed class SmallDatabase
{
    const string Template = "small";

    static readonly Lazy<Task> Seeded = new(MakeTemplate);
    static int s_count;

    readonly PostgresServer _server;
    readonly string _name;

    SmallDatabase(PostgresServer server, string name) => (_server, _name) = (server, name);

    public string Url => _server.Url(_name);

    /// <summary>The same through another port, for a proxy in between.</summary>
    public string UrlAt(int port) => Url.Replace(Text(_server.Port), Text(port), StringComparison.Ordinal);

    /// <summary>The part of <see cref="Url"/> that must never show.</summary>
    public string Password => _server.Options(_name).Password!;

    /// <summary>Without a single table.</summary>
    public static Task<SmallDatabase> Empty(CancellationToken cancelled) => Make(template: null, cancelled);

    /// <summary>One that takes any bytes for text.</summary>
    public static async Task<SmallDatabase> OfBytes(CancellationToken cancelled)
    {
        var postgres = new SmallDatabase(await SharedServers.Postgres(cancelled), "postgres");
        var made = new SmallDatabase(postgres._server, "small_" + Text(Interlocked.Increment(ref s_count)));
        await using var connection = await postgres.Connect(cancelled);
        await using var command = new NpgsqlCommand($"create database {made._name} encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0", connection);
        await command.ExecuteNonQueryAsync(cancelled);
        return made;
    }

    /// <summary>Migrated, with 200 products and what goes with them.</summary>
    public static async Task<SmallDatabase> WithData(CancellationToken cancelled)
    {
        await Seeded.Value.WaitAsync(cancelled);
        return await Make(Template, cancelled);
    }

    /// <summary>A connection that ends with its use.</summary>
    public async Task<NpgsqlConnection> Connect(CancellationToken cancelled)
    {
        var connection = new NpgsqlConnection(_server.ConnectionString(_name) + ";Pooling=false");
        await connection.OpenAsync(cancelled);
        return connection;
    }

    public async Task<T> Scalar<T>(string sql, CancellationToken cancelled)
    {
        await using var connection = await Connect(cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancelled))!;
    }

    static async Task<SmallDatabase> Make(string? template, CancellationToken cancelled)
    {
        var server = await SharedServers.Postgres(cancelled);
        var name = "small_" + Text(Interlocked.Increment(ref s_count));
        await server.CreateDatabase(name, template, cancelled);
        return new(server, name);
    }

    static async Task MakeTemplate()
    {
        var server = await SharedServers.Postgres(CancellationToken.None);
        await using var session = Database.SessionSource(await server.CreateDatabase(Template, template: null, CancellationToken.None));
        var migrated = await new Migrator(session, TextWriter.Null, TimeProvider.System).Run(CancellationToken.None);
        Assert.True(migrated.Succeeded, migrated.Message);
        var amounts = new SeedOptions { Users = 100, Products = 200, Orders = 100, Posts = 20, Stories = 10, Opportunities = 10 };
        var silent = new Progress(TextWriter.Null, TimeProvider.System, ProgressStyle.Lines);
        var seeded = await new Seeder(session, silent, TimeProvider.System).Run(amounts, CancellationToken.None);
        Assert.True(seeded.Succeeded, seeded.Message);
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
