using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using NpgsqlTypes;

namespace Edge.Data;

/// <summary>
/// Brings a database to the schema of this binary. Each file is applied in one transaction together with its row
/// in <c>edge_migrations</c>, so a file is either wholly applied and recorded or not at all.
/// <para>
/// Instances that start together take turns on a session advisory lock; whoever comes second finds nothing to do.
/// The lock is polled, not waited for: a statement that waits inside the server holds a snapshot, and CREATE INDEX
/// CONCURRENTLY in the instance at work would wait for that snapshot to go, forever. (A pooler in transaction mode
/// between here and the server would break session locks: connect directly.)
/// </para>
/// <para>
/// statement_timeout is off: an index may take minutes. lock_timeout is on: DDL that queues behind a long query
/// makes every later query of that table queue behind the DDL. So it gives up soon, and tries again a few times.
/// </para>
/// <para><c>log</c> gets a line per step, for the operator's terminal.</para>
/// </summary>
public sealed class Migrator(NpgsqlDataSource source, TextWriter log, TimeProvider clock)
{
    // "edge" in ASCII, then 1. Advisory locks are per database: two databases of one server do not meet.
    internal const long AdvisoryLock = 0x65646765_00000001;
    const int TurnPollMs = 200;
    const int UnlockTimeoutSeconds = 5;

    /// <summary>Seconds to wait for another instance that is migrating. Default 900: longer than any index that a deploy should wait for. 0: not at all.</summary>
    public int TurnTimeoutSeconds { get; init; } = 900;

    /// <summary>Milliseconds to wait for a table's lock, per attempt. Default 10,000.</summary>
    public int LockTimeoutMs { get; init; } = 10_000;

    /// <summary>How often a file that met a locked table is tried. Default 5.</summary>
    public int LockAttempts { get; init; } = 5;

    /// <summary>Milliseconds between two such attempts, in which the queries queued meanwhile proceed. Default 2,000.</summary>
    public int LockRetryDelayMs { get; init; } = 2_000;

    /// <summary>Replaced by tests.</summary>
    internal IReadOnlyList<MigrationFile> Files { get; init; } = MigrationFile.Embedded();

    /// <summary>What <see cref="Run"/> would do now. Changes nothing, takes no lock.</summary>
    public Task<MigrationResult> Pending(CancellationToken cancel) => Connected(async connection =>
    {
        var plan = MigrationPlan.Make(Files, await Applied(connection, cancel));
        return plan.Refusal ?? (plan.Pending.Count == 0
            ? NothingToDo()
            : new(MigrationOutcome.Pending, Names(plan.Pending), $"{plan.Pending.Count} to apply: {string.Join(", ", Names(plan.Pending))}"));
    }, cancel);

    /// <summary>Applies what is pending.</summary>
    public Task<MigrationResult> Run(CancellationToken cancel) => Connected(async connection =>
    {
        if (!await TakeTurn(connection, cancel))
            return new(MigrationOutcome.Busy, [],
                $"another session has been migrating this database for more than {TurnTimeoutSeconds} s; look for its advisory lock in pg_locks "
                + "and for what it waits on in pg_stat_activity, then run this again");
        try
        {
            await Execute(connection,
                $"set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = {LockTimeoutMs}", cancel);
            return await ApplyPending(connection, cancel);
        }
        finally
        {
            // The pool resets a session only when it is used again: the lock must not wait for that.
            if (connection.FullState == System.Data.ConnectionState.Open) await EndTurn(connection);
        }
    }, cancel);

    async Task<MigrationResult> Connected(Func<NpgsqlConnection, Task<MigrationResult>> work, CancellationToken cancel)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            return await OtherEncoding(connection, cancel) ?? await work(connection);
        }
        catch (PostgresException e)
        {
            return new(MigrationOutcome.Failed, [], $"the database refused: {e.MessageText} (SQLSTATE {e.SqlState})");
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            return new(MigrationOutcome.Unreachable, [], $"no connection to the database: {DatabaseFailures.Reason(e)}");
        }
    }

    /// <summary>
    /// Null: it is UTF8. SQL_ASCII would keep any bytes and count them as characters, so that lengths and searches are wrong; any other lacks
    /// letters that clients may send. Neither shows before the first such letter, and no database can be changed to another encoding.
    /// </summary>
    static async Task<MigrationResult?> OtherEncoding(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("show server_encoding", connection);
        return await command.ExecuteScalarAsync(cancel) is string encoding and not "UTF8"
            ? new(MigrationOutcome.WrongEncoding, [],
                $"the database keeps its text in {encoding}, which has to be UTF8 and cannot be changed: make another one by "
                + "create database NAME encoding 'UTF8' template template0; (with locale 'C.UTF-8' before template, if the server's own locale "
                + "does not go with UTF8) and name it in DATABASE_URL")
            : null;
    }

    async Task<bool> TakeTurn(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = AdvisoryLock });
        var (told, began) = (false, clock.GetTimestamp());
        while (await command.ExecuteScalarAsync(cancel) is not true)
        {
            if (clock.GetElapsedTime(began).TotalSeconds >= TurnTimeoutSeconds) return false;
            if (!told) log.WriteLine($"another instance is migrating this database; waiting up to {TurnTimeoutSeconds} s for it");
            told = true;
            await Task.Delay(TimeSpan.FromMilliseconds(TurnPollMs), clock, cancel);
        }
        return true;
    }

    static async Task EndTurn(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            $"""
            reset statement_timeout; reset idle_in_transaction_session_timeout; reset lock_timeout;
            select pg_advisory_unlock({AdvisoryLock})
            """, connection)
        {
            CommandTimeout = UnlockTimeoutSeconds,
        };
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    async Task<MigrationResult> ApplyPending(NpgsqlConnection connection, CancellationToken cancel)
    {
        await Execute(connection, """
            create table if not exists edge_migrations (
                version     integer     primary key,
                name        text        not null,
                checksum    bytea       not null,
                applied_at  timestamptz not null default now(),
                duration_ms integer     not null)
            """, cancel);
        var plan = MigrationPlan.Make(Files, await Applied(connection, cancel));
        if (plan.Refusal is not null) return plan.Refusal;
        if (plan.Pending.Count == 0) return NothingToDo();

        var applied = new List<string>();
        foreach (var file in plan.Pending)
        {
            var start = clock.GetTimestamp();
            if (await ApplyWithRetries(connection, file, start, cancel) is { } failure) return failure with { Files = applied };
            applied.Add(file.FileName);
            log.WriteLine($"applied {file.FileName} in {ElapsedMs(start).ToString("N0", CultureInfo.InvariantCulture)} ms");
        }
        return new(MigrationOutcome.Applied, applied, $"applied {applied.Count}; the database is at version {Files.Count}");
    }

    async Task<MigrationResult?> ApplyWithRetries(NpgsqlConnection connection, MigrationFile file, long start, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var failure = await Apply(connection, file, start, cancel);
            // Outside a transaction the first statements have taken effect: only a person can tell how to go on.
            if (failure?.Outcome != MigrationOutcome.TableLocked || !file.InTransaction || attempt >= LockAttempts) return failure;
            log.WriteLine($"{failure.Message}; attempt {attempt} of {LockAttempts}, next in {LockRetryDelayMs} ms");
            await Task.Delay(TimeSpan.FromMilliseconds(LockRetryDelayMs), clock, cancel);
        }
    }

    async Task<MigrationResult?> Apply(NpgsqlConnection connection, MigrationFile file, long start, CancellationToken cancel)
    {
        await using var transaction = file.InTransaction ? await connection.BeginTransactionAsync(cancel) : null;
        foreach (var range in MigrationStatements.Split(file.Text))
        {
            try
            {
                await Execute(connection, file.Text[range], cancel);
            }
            catch (PostgresException e)
            {
                return MigrationFailure.Explain(file, range, e);
            }
        }
        await Record(connection, file, ElapsedMs(start), cancel);
        if (transaction is not null) await transaction.CommitAsync(cancel);
        return null;
    }

    static async Task Record(NpgsqlConnection connection, MigrationFile file, int durationMs, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "insert into edge_migrations (version, name, checksum, duration_ms) values ($1, $2, $3, $4)", connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = file.Version });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = file.FileName });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = file.Checksum, NpgsqlDbType = NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = durationMs });
        await command.ExecuteNonQueryAsync(cancel);
    }

    static async Task<List<AppliedMigration>> Applied(NpgsqlConnection connection, CancellationToken cancel)
    {
        var applied = new List<AppliedMigration>();
        await using (var exists = new NpgsqlCommand("select to_regclass('edge_migrations') is not null", connection))
            if (await exists.ExecuteScalarAsync(cancel) is not true) return applied;
        await using var command = new NpgsqlCommand("select version, name, checksum from edge_migrations order by version", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            applied.Add(new(reader.GetInt32(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2)));
        return applied;
    }

    static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        // 0: the client does not give up either; the token does.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    MigrationResult NothingToDo() => new(MigrationOutcome.NothingToDo, [], $"nothing to do; the database is at version {Files.Count}");

    int ElapsedMs(long start) => (int)clock.GetElapsedTime(start).TotalMilliseconds;

    static List<string> Names(IReadOnlyList<MigrationFile> files)
    {
        var names = new List<string>(files.Count);
        foreach (var file in files) names.Add(file.FileName);
        return names;
    }
}
