using System.Security.Cryptography;
using System.Text;
using Edge.Core.Basics;
using Edge.Data;
using Edge.Data.Seeding;
using Edge.Features.Accounts;
using Edge.Testing;
using Npgsql;

namespace Edge.ApiTests;

/// <summary>
/// A migrated and seeded database. One is shared by all facts that only read; a fact that writes makes its own copy of it. The copies
/// are made from a template that nobody is ever connected to, as Postgres demands.
/// </summary>
public sealed class SeededDatabase : IAsyncDisposable
{
    const string Template = "api_template";

    /// <summary>Small enough to be made in seconds, large enough for many pages of everything.</summary>
    static readonly SeedOptions Rows = new() { Users = 1500, Products = 1200, Orders = 4000, Posts = 200, Stories = 70, Opportunities = 200 };

    readonly PostgresServer _server;

    SeededDatabase(PostgresServer server, string name)
    {
        _server = server;
        Url = server.Url(name);
        Options = server.Options(name);
        Sql = NpgsqlDataSource.Create(server.ConnectionString(name));
    }

    /// <summary>As a <c>DATABASE_URL</c>.</summary>
    public string Url { get; }

    public DatabaseOptions Options { get; }

    /// <summary>For what a fact asks or changes past the API.</summary>
    public NpgsqlDataSource Sql { get; }

    public static async Task<SeededDatabase> Create(CancellationToken cancelled)
    {
        var server = await SharedServers.Postgres(cancelled);
        await Fill(server, Template, Rows, cancelled);
        return await CopyTo(server, "api_tests", cancelled);
    }

    /// <summary>Few rows on a server of one's own, which may be killed.</summary>
    public static async Task<SeededDatabase> CreateOn(PostgresServer server, CancellationToken cancelled)
    {
        await Fill(server, Template, new SeedOptions { Users = 100, Products = 30, Orders = 50, Posts = 20, Stories = 5, Opportunities = 5 }, cancelled);
        return new(server, Template);
    }

    /// <summary>The same rows in a database that nobody else uses.</summary>
    public Task<SeededDatabase> Copy(CancellationToken cancelled) => CopyTo(_server, $"api_copy_{Guid.NewGuid():N}", cancelled);

    /// <summary>The first column of all rows.</summary>
    public async Task<List<T>> Column<T>(string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(Contract.Cancelled);
        var values = new List<T>();
        while (await reader.ReadAsync(Contract.Cancelled))
            values.Add(reader.GetFieldValue<T>(0));
        return values;
    }

    public async Task<T> Value<T>(string sql, params (string Name, object Value)[] parameters) => (await Column<T>(sql, parameters)).Single();

    public async Task Execute(string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync(Contract.Cancelled);
    }

    /// <summary>A new person of this role, and the header of a session of theirs, past POST /auth/login.</summary>
    /// <param name="token">As in <see cref="SignIn"/>.</param>
    public async Task<(long Id, (string Name, string Value) Session)> NewUser(string role = "user", string? token = null)
    {
        var name = $"{role}_{Guid.NewGuid():N}"[..30];
        var id = await Value<long>(
            "insert into users (email, username, display_name, role) values (@name || '@example.com', @name, @name, @role) returning id", ("name", name), ("role", role));
        return (id, await SignIn(id, token));
    }

    /// <summary>The header of a new session, past POST /auth/login. As long as one from there: it is not due for renewal.</summary>
    /// <param name="token">Null: a random one.</param>
    public async Task<(string Name, string Value)> SignIn(long userId, string? token = null)
    {
        token ??= SessionStore.NewToken().Token;
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(token));
        await Execute("insert into sessions (token_hash, user_id, expires_at) values (@hash, @user, now() + interval '30 days')", ("hash", hash), ("user", userId));
        return ("Authorization", "Bearer " + token);
    }

    public ValueTask DisposeAsync() => Sql.DisposeAsync();

    NpgsqlCommand Command(string sql, (string Name, object Value)[] parameters)
    {
        var command = Sql.CreateCommand(sql);
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    static async Task<SeededDatabase> CopyTo(PostgresServer server, string name, CancellationToken cancelled)
    {
        await server.CreateDatabase(name, Template, cancelled);
        return new(server, name);
    }

    static async Task Fill(PostgresServer server, string name, SeedOptions rows, CancellationToken cancelled)
    {
        var options = await server.CreateDatabase(name, template: null, cancelled);
        await using var source = Database.SessionSource(options);
        var migrated = await new Migrator(source, TextWriter.Null, TimeProvider.System).Run(cancelled);
        Assert.True(migrated.Succeeded, migrated.Message);
        var seeded = await new Seeder(source, new Progress(TextWriter.Null, TimeProvider.System, ProgressStyle.Lines), TimeProvider.System).Run(rows, cancelled);
        Assert.True(seeded.Succeeded, seeded.Message);
        // They are of the last 24 hours before today, most of which are over.
        await using var late = source.CreateCommand(
            "update stories set created_at = created_at + late, expires_at = expires_at + late from (select now() - max(created_at) as late from stories) as newest");
        await late.ExecuteNonQueryAsync(cancelled);
    }
}
