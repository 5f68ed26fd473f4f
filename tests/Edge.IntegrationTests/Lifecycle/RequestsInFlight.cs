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
    public static Task<RequestsInFlight> Start(EdgeServer server, SmallDatabase database, int count, CancellationToken cancelled)
    {
        // Reads by key share connections; one of them has its own. Lists always have.
        var reads = Enumerable.Range(1, count).Select(static i => new HttpRequestMessage(HttpMethod.Get, new Uri(i == 1 ? "/api/products/1" : $"/api/products?limit={i}", UriKind.Relative)));
        return Start(server, database, "products", [.. reads], cancelled);
    }

    /// <param name="table">That each of the requests needs first.</param>
    public static async Task<RequestsInFlight> Start(EdgeServer server, SmallDatabase database, string table, HttpRequestMessage[] requests, CancellationToken cancelled)
    {
        var locker = await database.Connect(cancelled);
        var held = await locker.BeginTransactionAsync(cancelled);
        await using (var command = new NpgsqlCommand($"lock table {table} in access exclusive mode", locker))
            await command.ExecuteNonQueryAsync(cancelled);
        var answers = requests.Select(request => server.Http.SendAsync(request, cancelled)).ToArray();
        await Poll.Until(
            async token =>
            {
                // One that has been answered, as a refusal, will never wait.
                foreach (var answer in answers.Where(static answer => answer.IsCompleted))
                    Assert.Fail($"{(await answer).StatusCode} at once");
                return await database.Scalar<long>($"select count(*) from pg_locks where not granted and relation = '{table}'::regclass", token) == requests.Length;
            },
            $"{requests.Length} requests wait for {table}", cancelled);
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
