using Edge.Data;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Changes;

/// <summary>A migrated database with a few rows in each watched table. One per test, on the shared server or on one of its own.</summary>
internal sealed class ChangeDatabase : IAsyncDisposable
{
    const string Template = "changes_template";

    static readonly Lazy<Task> Made = new(MakeTemplate);
    static int count;

    ChangeDatabase(DatabaseOptions options)
    {
        Options = options;
        Source = Database.SessionSource(options);
    }

    /// <summary>Its listeners are <c>edge-changes</c> in pg_stat_activity.</summary>
    public DatabaseOptions Options { get; }

    public NpgsqlDataSource Source { get; }

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<ChangeDatabase> Create()
    {
        await Made.Value;
        var server = await SharedServers.Postgres(Cancelled);
        return new(await server.CreateDatabase($"changes_{Interlocked.Increment(ref count)}", Template, Cancelled));
    }

    /// <summary>On a server that the test may kill.</summary>
    public static async Task<ChangeDatabase> Create(PostgresServer server)
    {
        var options = await server.CreateDatabase("changes", null, Cancelled);
        await Fill(options);
        return new(options);
    }

    public async Task Execute(params string[] statements)
    {
        await using var connection = await Source.OpenConnectionAsync(Cancelled);
        // One at a time, each its own transaction unless they say otherwise.
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(Cancelled);
        }
    }

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>A transaction that has changed product 1 and is still open: meanwhile no other writer may NOTIFY.</summary>
    public async Task<OpenWriter> OpenWriter()
    {
        var connection = await Source.OpenConnectionAsync(Cancelled);
        var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var command = new NpgsqlCommand("update products set price = price + 1 where id = 1", connection);
        await command.ExecuteNonQueryAsync(Cancelled);
        return new(connection, transaction);
    }

    /// <summary>Ends every listening connection, as an operator would.</summary>
    public Task TerminateListeners() => Execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'edge-changes' and datname = current_database()");

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    static async Task MakeTemplate()
    {
        var server = await SharedServers.Postgres(CancellationToken.None);
        await Fill(await server.CreateDatabase(Template, null, CancellationToken.None));
    }

    static async Task Fill(DatabaseOptions options)
    {
        await using var source = Database.SessionSource(options);
        var migrated = await new Migrator(source, TextWriter.Null, TimeProvider.System).Run(CancellationToken.None);
        Assert.True(migrated.Succeeded, migrated.Message);
        await using var command = source.CreateCommand(
            """
            insert into users (email, username, display_name) select 'u' || n || '@example.com', 'user_' || n, 'User' from generate_series(1, 3) n;
            insert into categories (slug, name) select 'c' || n, 'Category' from generate_series(1, 3) n;
            insert into products (category_id, name, description, price, stock) select 1, 'P', 'd', 1, 0 from generate_series(1, 30);
            insert into blogs (author_id, slug, title, content, status, published_at)
            select 1, 'post-' || n, 'T', 'c', 'published', now() from generate_series(1, 3) n;
            insert into blogs (author_id, slug, title, content) values (1, 'draft', 'T', 'c');
            """);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}

internal sealed record OpenWriter(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
{
    /// <summary>Rolls back what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
