using Edge.Data;
using Edge.Testing;

namespace Edge.IntegrationTests.Data;

/// <summary>A database of its own on the shared server, with the tables of <see cref="DataQueries"/>. One per test.</summary>
internal sealed class DataFixture : IAsyncDisposable
{
    static int count;

    DataFixture(DatabaseOptions options) => Options = options;

    public DatabaseOptions Options { get; }

    public Database Database { get; private init; } = null!;

    public static async Task<DataFixture> Create(
        Func<DatabaseOptions, DatabaseOptions>? change = null, IQueryObserver? queries = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        var server = await SharedServers.Postgres(cancel);
        var options = await server.CreateDatabase($"data_{Interlocked.Increment(ref count)}", null, cancel);
        // Its own name in pg_stat_activity, so that tests that run at the same time do not end each other's backends.
        options = options with { ApplicationName = options.Name };
        options = change is null ? options : change(options);
        var fixture = new DataFixture(options) { Database = new Database(options, observer: queries) };
        await DataQueries.Create(fixture.Database, cancel);
        return fixture;
    }

    /// <summary>A second pool on the same database, under another name.</summary>
    public Database Observer() => new(Options with { ApplicationName = "observer" });

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
