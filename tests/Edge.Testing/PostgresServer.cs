using System.Globalization;
using Edge.Data;
using Npgsql;

namespace Edge.Testing;

/// <summary>A private Postgres on a port of its own, removed with its data when disposed or when this process ends.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    readonly ServerScript script;

    PostgresServer(ServerScript script) => this.script = script;

    /// <summary>TCP port on 127.0.0.1. Stays the same over <see cref="Restart"/>.</summary>
    public int Port => int.Parse(script["PG_PORT"], CultureInfo.InvariantCulture);

    int ProcessId => int.Parse(script["PG_PID"], CultureInfo.InvariantCulture);

    public static async Task<PostgresServer> Start(CancellationToken cancel) => new(await ServerScript.Start("postgres", cancel));

    /// <summary>How Edge reaches a database of this server, as its owner and superuser. The name is not checked.</summary>
    public DatabaseOptions Options(string database) => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        Name = database,
        User = "edge",
        Password = script["PG_PASSWORD"],
        SslMode = "disable",
    };

    /// <summary>The same as a <c>DATABASE_URL</c>.</summary>
    public string Url(string database) => $"postgres://edge:{script["PG_PASSWORD"]}@127.0.0.1:{Port}/{database}?sslmode=disable";

    /// <summary>The same as Npgsql's connection string.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = "edge",
        Password = script["PG_PASSWORD"],
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>Makes an empty database, or a copy of <paramref name="template"/>, which nobody may be connected to meanwhile.</summary>
    public async Task<DatabaseOptions> CreateDatabase(string name, string? template, CancellationToken cancel)
    {
        var source = template is null ? "" : $" TEMPLATE {Quote(template)}";
        await Execute($"CREATE DATABASE {Quote(name)}{source}", cancel);
        return Options(name);
    }

    /// <summary>Ends it as a power cut would: no goodbye to anybody.</summary>
    public Task Kill(CancellationToken cancel) => ProcessTree.Kill(ProcessId, cancel);

    /// <summary>Freezes it: connections stay open and get no answer until <see cref="Resume"/>.</summary>
    public void Pause() => ProcessTree.Pause(ProcessId);

    public void Resume() => ProcessTree.Resume(ProcessId);

    /// <summary>Starts it again on the same port with the same data, after stopping it if it runs.</summary>
    public Task Restart(CancellationToken cancel) => script.Restart(cancel);

    public async ValueTask DisposeAsync() => await script.Remove();

    async Task Execute(string sql, CancellationToken cancel)
    {
        // No pool: an idle connection would keep its database from being copied or dropped.
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString("postgres")) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
