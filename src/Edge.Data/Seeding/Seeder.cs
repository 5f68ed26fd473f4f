using System.Globalization;
using System.Net.Sockets;
using Edge.Core.Basics;
using Edge.Data.Seeding.Tables;
using Npgsql;

namespace Edge.Data.Seeding;

/// <summary>
/// Fills an empty, migrated database with believable data by COPY.
/// <para>
/// Everything happens in one transaction: a seed that is interrupted or crashes leaves the database empty, and
/// nobody sees half of one. A per-table marker could resume, but resuming saves seconds and costs a state to reason
/// about. Only VACUUM comes after the commit (it cannot run inside); without it the data is complete but
/// index-only scans visit the heap until autovacuum has passed.
/// </para>
/// </summary>
public sealed class Seeder(NpgsqlDataSource source, Progress progress, TimeProvider clock)
{
    const int ReportEvery = 256;
    const int LockTimeoutMs = 60_000;
    static readonly TimeSpan CopyTimeout = TimeSpan.FromHours(1);

    public async Task<SeedResult> Run(SeedOptions options, CancellationToken cancel)
    {
        var mistakes = options.Mistakes();
        if (mistakes.Count > 0) return new(SeedOutcome.InvalidOptions, string.Join("; ", mistakes));
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            return await Seed(connection, options, cancel);
        }
        catch (PostgresException e)
        {
            return new(SeedOutcome.Failed, $"the database refused: {e.MessageText} (SQLSTATE {e.SqlState}); nothing was kept");
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            return new(SeedOutcome.Failed, $"no connection to the database, or it broke: {DatabaseFailures.Reason(e)}; nothing was kept");
        }
    }

    async Task<SeedResult> Seed(NpgsqlConnection connection, SeedOptions options, CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        var asOf = options.AsOf?.UtcDateTime ?? clock.GetUtcNow().UtcDateTime.Date;
        var world = new SeedWorld(options, asOf);
        SeedTable[] tables =
        [
            new UsersTable(world), new UserLocationsTable(world), new CategoriesTable(world), new ProductsTable(world),
            new OrdersTable(world), new OrderItemsTable(world), new BlogsTable(world), new StoriesTable(world), new OpportunitiesTable(world),
        ];
        var rows = 0L;
        // For the session: VACUUM needs it too. The pool resets it with the connection.
        await Execute(connection,
            $"set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = {LockTimeoutMs}", cancel);
        if (await Refusal(connection, options, cancel) is { } refusal) return refusal;
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            // Keeps a second seeder and a running service out until the end; then whoever was faster is seen.
            var names = Array.ConvertAll(tables, static table => table.Name);
            await Execute(connection, $"lock table {string.Join(", ", names)} in access exclusive mode", cancel);
            if (await Refusal(connection, options, cancel) is { } late) return late;
            var keys = await ForeignKeys.Drop(connection, names, cancel);
            foreach (var table in tables) rows += await Copy(connection, table, cancel);
            progress.Start("foreign keys", keys.Count);
            await keys.Restore(connection, progress.Report, cancel);
            progress.Finish(keys.Count);
            await Record(connection, options, asOf, cancel);
            await transaction.CommitAsync(cancel);
        }
        if (await Vacuum(connection, tables, cancel) is { } failure)
            return new(SeedOutcome.Seeded, $"seeded {rows:N0} rows, but VACUUM failed ({failure}); autovacuum will make up for it", rows);
        return new(SeedOutcome.Seeded, string.Create(CultureInfo.InvariantCulture,
            $"seeded {rows:N0} rows in {clock.GetElapsedTime(started).TotalSeconds:0.0} s, as of {asOf:yyyy-MM-dd HH:mm} UTC"), rows);
    }

    /// <summary>Why it failed, if it did: the data is committed by then, and complete.</summary>
    async Task<string?> Vacuum(NpgsqlConnection connection, SeedTable[] tables, CancellationToken cancel)
    {
        progress.Start("vacuum, tables", tables.Length);
        try
        {
            for (var i = 0; i < tables.Length; i++)
            {
                await Execute(connection, $"vacuum (analyze) {tables[i].Name}", cancel);
                progress.Report(i + 1);
            }
        }
        catch (NpgsqlException e)
        {
            return e.Message;
        }
        progress.Finish(tables.Length);
        return null;
    }

    static async Task<SeedResult?> Refusal(NpgsqlConnection connection, SeedOptions options, CancellationToken cancel)
    {
        if (await Scalar(connection, "select to_regclass('edge_seeds') is not null", cancel) is not true)
            return new(SeedOutcome.SchemaMissing, "the tables are missing: run `edge migrate` first");
        if (await Scalar(connection, "select exists (select from users) or exists (select from products)", cancel) is not true) return null;
        return await Scalar(connection, "select options from edge_seeds order by id desc limit 1", cancel) switch
        {
            string made when made == options.Describe() => await OtherDay(connection, options, cancel) ?? new(SeedOutcome.AlreadySeeded, "already seeded: nothing to do"),
            string made => new(SeedOutcome.SeededDifferently, $"already seeded with {made}; to get other data, name an empty database"),
            _ => new(SeedOutcome.NotEmpty, "the database holds data that the seeder did not make: name an empty database"),
        };
    }

    /// <summary>Only a day that was asked for can be another than that of the data.</summary>
    static async Task<SeedResult?> OtherDay(NpgsqlConnection connection, SeedOptions options, CancellationToken cancel)
    {
        if (options.AsOf is not { } day || await Scalar(connection, "select as_of from edge_seeds order by id desc limit 1", cancel) is not DateTime made || made == day.UtcDateTime)
            return null;
        return new(SeedOutcome.SeededDifferently, string.Create(CultureInfo.InvariantCulture,
            $"already seeded with --as-of {made:yyyy-MM-dd}; to get data of another day, name an empty database"));
    }

    async Task<long> Copy(NpgsqlConnection connection, SeedTable table, CancellationToken cancel)
    {
        progress.Start(table.Name, table.Units);
        await using var importer = await connection.BeginBinaryImportAsync($"copy {table.Name} ({table.Columns}) from stdin (format binary)", cancel);
        importer.Timeout = CopyTimeout;
        var copy = new CopyWriter(importer, cancel);
        for (var unit = 0L; unit < table.Units; unit++)
        {
            await table.Write(unit, copy);
            if (unit % ReportEvery == 0) progress.Report(unit);
        }
        await importer.CompleteAsync(cancel);
        progress.Finish(copy.Rows);
        return copy.Rows;
    }

    static async Task Record(NpgsqlConnection connection, SeedOptions options, DateTime asOf, CancellationToken cancel)
    {
        await Execute(connection, """
            do $$
            declare t text; last bigint;
            begin
                foreach t in array array['users', 'user_locations', 'categories', 'products', 'orders', 'blogs', 'stories', 'opportunities'] loop
                    execute format('select max(id) from %I', t) into last;
                    if last is not null then perform setval(pg_get_serial_sequence(t, 'id'), last); end if;
                end loop;
            end $$
            """, cancel);
        await using var insert = new NpgsqlCommand("insert into edge_seeds (options, as_of) values ($1, $2)", connection);
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = options.Describe() });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = asOf });
        await insert.ExecuteNonQueryAsync(cancel);
    }

    static async Task<object?> Scalar(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync(cancel);
    }

    internal static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
