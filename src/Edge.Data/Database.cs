using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Edge.Data;

/// <summary>
/// The pool of connections to one Postgres. Opens none before it is used. Thread-safe; one per process.
/// </summary>
public sealed partial class Database : QueryExecutor, IAsyncDisposable
{
    /// <summary>How much later than the server the client gives up, so that normally the server's own cancel ends a statement.</summary>
    const int ClientTimeoutSlackSeconds = 2;

    /// <summary>
    /// Round trips of one query's pipelined reads at once, while they move (<see cref="Data.Pipeline"/>): as many as there are processors to prepare and read them, up to this.
    /// (Two processors, Postgres on the same, 32 callers: 22,000 reads/s with two, 20,000 with four.)
    /// </summary>
    internal const int MostLanes = 8;

    /// <summary>How often at most the pool is emptied because a write met a server that only reads: where all do, reads would open a connection each.</summary>
    const int ReadOnlyPauseMs = 5_000;

    /// <summary>How long a probe waits for the pool.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    readonly DatabaseOptions options;
    readonly Deadlines deadlines;
    readonly IQueryObserver? observer;
    readonly ILogger log;
    readonly ConcurrentDictionary<Query, Pipeline> pipelines = new();
    readonly Func<Query, Pipeline> makePipeline;
    long clearedUntil;

    /// <param name="options">Where it is, and how long to wait for it.</param>
    /// <param name="loggers">Null: nothing is logged.</param>
    /// <param name="observer">Hears of each query. Null: nothing is timed.</param>
    public Database(DatabaseOptions options, ILoggerFactory? loggers = null, IQueryObserver? observer = null)
        : this(options, new Deadlines(TimeSpan.FromSeconds(options.CommandTimeoutSeconds + ClientTimeoutSlackSeconds)), loggers, observer)
    {
    }

    Database(DatabaseOptions options, Deadlines deadlines, ILoggerFactory? loggers, IQueryObserver? observer)
        : base(deadlines, observer)
    {
        this.options = options;
        this.deadlines = deadlines;
        this.observer = observer;
        log = loggers?.CreateLogger<Database>() ?? NullLogger<Database>.Instance;
        Source = Build(DatabaseConnectionString.From(options), options.PoolName, loggers);
        var trips = new PipelineTrips(this, deadlines, isTimed: observer is not null);
        var lanes = Math.Min(Math.Clamp(Environment.ProcessorCount, 2, MostLanes), options.MaxConnections);
        makePipeline = _ => new(lanes, trips.Go, TimeProvider.System);
    }

    private protected override Pipeline PipelineOf(Query query) => pipelines.GetOrAdd(query, makePipeline);

    /// <summary>
    /// For what is not a query: COPY, migrations. A connection of the pool must go back with its session unchanged
    /// (no SET, LISTEN, session lock, temporary table): nothing resets it.
    /// </summary>
    internal NpgsqlDataSource Source { get; }

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction. It is committed when the work is done, and rolled back if the work throws
    /// or calls <see cref="Transaction.RollBack"/>.
    /// </summary>
    public async ValueTask<T> InTransaction<T>(Func<Transaction, CancellationToken, ValueTask<T>> work, CancellationToken cancel)
    {
        var transaction = await Begin(cancel);
        try
        {
            var value = await work(transaction, cancel);
            await transaction.Complete();
            return value;
        }
        finally
        {
            await transaction.End();
        }
    }

    /// <inheritdoc cref="InTransaction{T}"/>
    public async ValueTask InTransaction(Func<Transaction, CancellationToken, ValueTask> work, CancellationToken cancel) =>
        await InTransaction(
            async (transaction, inner) =>
            {
                await work(transaction, inner);
                return true;
            },
            cancel);

    /// <summary>
    /// Asks the server for a sign of life. Null: it gave one; otherwise why it did not. Ends by the timeouts of a query. Where no connection of the
    /// pool comes free, since all wait for a lock, say, one more connection tells that it is not the server that is silent.
    /// </summary>
    public async ValueTask<Exception?> Probe()
    {
        var ping = Ping(this);
        if (await Task.WhenAny(ping, Task.Delay(s_patience)) == ping)
            return await ping;
        // One that was answered is enough: a server without room refuses new connections, and answers on those there are.
        var aside = PingAside();
        var first = await Task.WhenAny(ping, aside);
        return await first is null ? null : await (first == ping ? aside : ping);
    }

    async Task<Exception?> PingAside()
    {
        await using var aside = new Database(options with { MinConnections = 0, MaxConnections = 1, PoolName = options.PoolName + "_probe" });
        return await Ping(aside);
    }

    static async Task<Exception?> Ping(Database database)
    {
        try
        {
            await DatabaseQueries.Ping(database, CancellationToken.None);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var (_, pipeline) in pipelines)
            pipeline.Dispose();
        return Source.DisposeAsync();
    }

    internal override ValueTask<NpgsqlConnection> Rent(CancellationToken cancel) => Source.OpenConnectionAsync(cancel);

    internal override ValueTask Return(NpgsqlConnection connection) => connection.DisposeAsync();

    async ValueTask<Transaction> Begin(CancellationToken cancel)
    {
        var connection = await Source.OpenConnectionAsync(cancel);
        try
        {
            // Sends nothing yet: BEGIN goes with the first query.
            return new(this, connection, await connection.BeginTransactionAsync(CancellationToken.None), deadlines, observer);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A primary that was demoted may keep its connections, and takes no write on them any more. New connections go where the name or the proxy
    /// leads by then, so the pool is emptied. (The write itself fails: it is repeated by whoever wants it.)
    /// </summary>
    internal override void Heed(Exception failure)
    {
        if (!DatabaseFailures.IsReadOnly(failure))
            return;
        var (now, until) = (Environment.TickCount64, Volatile.Read(ref clearedUntil));
        if (now < until || Interlocked.CompareExchange(ref clearedUntil, now + ReadOnlyPauseMs, until) != until)
            return;
        Source.Clear();
        LogReadOnly(log, failure.Message);
    }

    private protected override bool MayRepeat(Query query, Exception failure)
    {
        // A server that refuses a new connection refuses the next one too; only a connection that was there and broke is worth another.
        if (!DatabaseFailures.IsTransientConnection(failure) || DatabaseFailures.IsConnecting(failure))
            return false;
        // The second attempt gets no idle connection with the same fault: Npgsql empties its pool when one breaks, but not when it loses step.
        if (DatabaseFailures.IsOutOfStep(failure))
            Source.Clear();
        LogRepeat(log, query.Name, failure.Message);
        return true;
    }

    /// <summary>
    /// For work that changes its session (migrations, seeding): a pool apart from the queries', whose sessions are reset and
    /// have no statement timeout.
    /// </summary>
    public static NpgsqlDataSource SessionSource(DatabaseOptions options)
    {
        var settings = DatabaseConnectionString.From(options);
        settings.NoResetOnClose = false;
        settings.Options = "-c statement_timeout=0";
        settings.MaxAutoPrepare = 0;
        return Build(settings, options.PoolName, null);
    }

    internal static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings, string poolName, ILoggerFactory? loggers)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString) { Name = poolName };
        builder.EnableArrays();
        if (settings.SslMode != SslMode.Disable)
            builder.EnableTransportSecurity();
        // Only built-in types are used, whose numbers are fixed. Asking the server for its types would make the first query wait.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        builder.UseLoggerFactory(loggers);
        return builder.Build();
    }

    // Debug: an outage breaks every connection of the pool at once, and the second attempt either answers or fails and is logged.
    [LoggerMessage(1, LogLevel.Debug, "Query {Query} lost its connection and is run once more: {Reason}")]
    static partial void LogRepeat(ILogger log, string query, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The database takes no writes; new connections are opened, in case another server is the primary by now: {Reason}")]
    static partial void LogReadOnly(ILogger log, string reason);
}
