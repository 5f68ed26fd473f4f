using Edge.IntegrationTests.Cli;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Lifecycle;

/// <summary>
/// Requests that are certain to be in the middle of their work: the table that they read is locked until <see cref="Finish"/>, and
/// Postgres tells how many wait for it.
/// </summary>
sealed class RequestsInFlight : IAsyncDisposable
{
    readonly NpgsqlConnection _locker;
    readonly NpgsqlTransaction _lock;

    RequestsInFlight(NpgsqlConnection locker, NpgsqlTransaction held, Task<HttpResponseMessage>[] answers) =>
        (_locker, _lock, Answers) = (locker, held, answers);

    public Task<HttpResponseMessage>[] Answers { get; }

    /// <param name="count">At most the instance's DB_MAX_CONNECTIONS: more would wait for a connection, not for the table.</param>
    public static async Task<RequestsInFlight> Start(EdgeServer server, SmallDatabase database, int count, CancellationToken cancelled)
    {
        var locker = await database.Connect(cancelled);
        var held = await locker.BeginTransactionAsync(cancelled);
        await using (var command = new NpgsqlCommand("lock table products in access exclusive mode", locker))
            await command.ExecuteNonQueryAsync(cancelled);
        // Reads by key share connections; one of them has its own. Lists always have.
        var answers = Enumerable.Range(1, count)
            .Select(i => server.Http.GetAsync(new Uri(i == 1 ? "/api/products/1" : $"/api/products?limit={i}", UriKind.Relative), cancelled))
            .ToArray();
        const string waiting = "select count(*) from pg_locks where not granted and relation = 'products'::regclass";
        await Poll.Until(
            async token => await database.Scalar<long>(waiting, token) == count,
            $"{count} requests wait for the table", cancelled);
        return new(locker, held, answers);
    }

    /// <summary>Lets them go on.</summary>
    public Task Finish(CancellationToken cancelled) => _lock.RollbackAsync(cancelled);

    public async ValueTask DisposeAsync()
    {
        await _lock.DisposeAsync();
        await _locker.DisposeAsync();
    }
}
