using Edge.Core.Basics;
using Edge.Data;
using Edge.Data.Seeding;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Migrations;

public class MigratorTests
{
    static readonly (string, string) First = ("0001_first.sql", "create table first (id int);");
    static readonly (string, string) Second = ("0002_second.sql", "create table second (id int);");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_database_gets_every_table_and_a_second_run_finds_nothing_to_do()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var migrator = new Migrator(database.Source, database.Log, TimeProvider.System);

        var pending = await migrator.Pending(Cancel);
        Assert.Equal(MigrationOutcome.Pending, pending.Outcome);
        Assert.Equal("0001_schema.sql", pending.Files[0]);
        Assert.False(await database.HasTable("edge_migrations"));

        var first = await migrator.Run(Cancel);
        Assert.Equal(MigrationOutcome.Applied, first.Outcome);
        Assert.Equal(pending.Files, first.Files);
        foreach (var table in (string[])["users", "sessions", "user_locations", "products", "categories", "orders", "order_items", "blogs", "stories", "opportunities", "edge_seeds"])
            Assert.True(await database.HasTable(table), table);

        Assert.Equal(MigrationOutcome.NothingToDo, (await migrator.Run(Cancel)).Outcome);
        Assert.Equal(MigrationOutcome.NothingToDo, (await migrator.Pending(Cancel)).Outcome);
        Assert.Equal(first.Files.Count, await database.Scalar<long>("select count(*) from edge_migrations where octet_length(checksum) = 32"));
    }

    [Fact]
    public async Task Of_two_at_once_one_applies_and_the_other_finds_nothing_to_do()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var results = await Task.WhenAll(
            new Migrator(database.Source, database.Log, TimeProvider.System).Run(Cancel),
            new Migrator(database.Source, database.Log, TimeProvider.System).Run(Cancel));
        Assert.Equal([MigrationOutcome.Applied, MigrationOutcome.NothingToDo], results.Select(static result => result.Outcome).Order());
    }

    [Fact]
    public async Task It_says_that_it_waits_for_another_instance_and_goes_on_when_that_has_ended()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await using var other = await database.Source.OpenConnectionAsync(Cancel);
        await Execute(other, $"select pg_advisory_lock({Migrator.AdvisoryLock})");
        var waiting = database.Log.Written("another instance");
        var run = database.Migrator(First).Run(Cancel);
        await waiting.WaitAsync(TimeSpan.FromSeconds(Poll.TimeoutSeconds), Cancel);
        Assert.False(run.IsCompleted);
        Assert.False(await database.HasTable("first"));
        await Execute(other, $"select pg_advisory_unlock({Migrator.AdvisoryLock})");
        Assert.Equal(MigrationOutcome.Applied, (await run).Outcome);
    }

    [Fact]
    public async Task The_wait_for_another_instance_has_a_limit_that_says_where_to_look()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await using var other = await database.Source.OpenConnectionAsync(Cancel);
        await Execute(other, $"select pg_advisory_lock({Migrator.AdvisoryLock})");
        var result = await new Migrator(database.Source, database.Log, TimeProvider.System) { TurnTimeoutSeconds = 0 }.Run(Cancel);
        Assert.Equal(MigrationOutcome.Busy, result.Outcome);
        Assert.False(result.Succeeded);
        Assert.Contains("pg_locks", result.Message);
    }

    [Fact]
    public async Task The_wait_for_another_instance_ends_with_the_token()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await using var other = await database.Source.OpenConnectionAsync(Cancel);
        await Execute(other, $"select pg_advisory_lock({Migrator.AdvisoryLock})");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        database.Log.When("another instance", deadline.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Migrator(First).Run(deadline.Token));
        Assert.False(await database.HasTable("first"));
    }

    [Fact]
    public async Task A_file_changed_after_it_was_applied_is_refused_by_name_and_nothing_runs()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await database.Migrator(First).Run(Cancel);
        var result = await database.Migrator(("0001_first.sql", "create table first (id bigint);"), Second).Run(Cancel);
        Assert.Equal(MigrationOutcome.ChecksumDiffers, result.Outcome);
        Assert.Contains("0001_first.sql", result.Message);
        Assert.Contains("0003", result.Message);
        Assert.False(await database.HasTable("second"));
    }

    [Fact]
    public async Task Other_line_endings_are_not_a_change()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await database.Migrator(("0001_first.sql", "create table first (\n id int);\n")).Run(Cancel);
        var result = await database.Migrator(("0001_first.sql", "create table first (\r\n id int);\r\n")).Run(Cancel);
        Assert.Equal(MigrationOutcome.NothingToDo, result.Outcome);
    }

    [Fact]
    public async Task A_database_newer_than_the_binary_is_refused()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await database.Migrator(First, Second).Run(Cancel);
        var result = await database.Migrator(First).Run(Cancel);
        Assert.Equal(MigrationOutcome.DatabaseNewer, result.Outcome);
        Assert.Contains("up to 1, the database has 2", result.Message);
        Assert.Contains("deploy a newer binary", result.Message);
    }

    [Fact]
    public async Task A_gap_in_what_was_applied_is_refused()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await database.Migrator(First, Second).Run(Cancel);
        await database.Execute("delete from edge_migrations where version = 1");
        var result = await database.Migrator(First, Second).Run(Cancel);
        Assert.Equal(MigrationOutcome.Gap, result.Outcome);
        Assert.Contains("0001_first.sql", result.Message);
    }

    [Fact]
    public async Task A_failing_file_leaves_nothing_tells_its_line_and_keeps_the_files_before_it()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var broken = ("0002_broken.sql", "create table half (id int);\n\n-- now the typo\ninsert into half\nvaleus (1);\ncreate table never (id int);");
        var result = await database.Migrator(First, broken).Run(Cancel);
        Assert.Equal(MigrationOutcome.Failed, result.Outcome);
        Assert.Equal(["0001_first.sql"], result.Files);
        Assert.Contains("0002_broken.sql line 5: syntax error at or near \"valeus\" (SQLSTATE 42601)", result.Message);
        Assert.True(await database.HasTable("first"));
        Assert.False(await database.HasTable("half"));
        Assert.Equal(1, await database.Scalar<long>("select count(*) from edge_migrations"));

        var mended = await database.Migrator(First, Second).Run(Cancel);
        Assert.Equal(["0002_second.sql"], mended.Files);
    }

    [Fact]
    public async Task A_file_marked_so_runs_outside_a_transaction()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var index = ("0002_index.sql", "-- no transaction\ncreate index concurrently a on first (id);\ncreate index concurrently b on first (id);\n");
        Assert.Equal(MigrationOutcome.Applied, (await database.Migrator(First, index).Run(Cancel)).Outcome);
        Assert.True(await database.HasTable("a") && await database.HasTable("b"));
    }

    [Fact]
    public async Task A_failure_outside_a_transaction_says_that_something_was_kept()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var index = ("0002_index.sql", "-- no transaction\ncreate index concurrently a on first (id);\ncreate index concurrently b on first (nothing);\n");
        var result = await database.Migrator(First, index).Run(Cancel);
        Assert.Equal(MigrationOutcome.Failed, result.Outcome);
        Assert.Contains("line 3", result.Message);
        Assert.Contains("took effect", result.Message);
        Assert.Equal(1, await database.Scalar<long>("select count(*) from edge_migrations"));
    }

    [Fact]
    public async Task A_deadlock_is_tried_again_as_a_locked_table_is()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        // As Postgres would tell it: which of two it ends is its choice.
        var deadlocked = ("0002_deadlocked.sql", "do $$ begin raise exception 'deadlock detected' using errcode = 'deadlock_detected'; end $$;");
        Assert.Equal(MigrationOutcome.TableLocked, (await database.Migrator(First, deadlocked).Run(Cancel)).Outcome);
        Assert.Contains("attempt 2 of 3", database.Log.ToString());
    }

    [Fact]
    public async Task A_locked_table_is_tried_again_and_then_given_up()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await database.Migrator(First).Run(Cancel);
        var alter = ("0002_alter.sql", "alter table first add column name text;");
        await using (var reader = await database.Source.OpenConnectionAsync(Cancel))
        {
            await using var transaction = await reader.BeginTransactionAsync(Cancel);
            await Execute(reader, "select * from first");
            var result = await database.Migrator(First, alter).Run(Cancel);
            Assert.Equal(MigrationOutcome.TableLocked, result.Outcome);
            Assert.Contains("0002_alter.sql line 1", result.Message);
            Assert.Contains("attempt 1 of 3", database.Log.ToString());
            Assert.Contains("attempt 2 of 3", database.Log.ToString());
        }
        Assert.Equal(MigrationOutcome.Applied, (await database.Migrator(First, alter).Run(Cancel)).Outcome);
    }

    [Fact]
    public async Task Without_the_right_to_create_an_extension_it_says_what_to_ask_for()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var role = "weak_" + Guid.NewGuid().ToString("N");
        await database.Execute($"create role {role} login password 'weak'; grant create on schema public to {role}");
        await using var source = MigrationDatabase.SourceOf(
            new NpgsqlConnectionStringBuilder(database.Server.ConnectionString(database.Name)) { Username = role, Password = "weak" }.ConnectionString);
        var result = await new Migrator(source, database.Log, TimeProvider.System).Run(Cancel);
        Assert.Equal(MigrationOutcome.Failed, result.Outcome);
        Assert.Contains("Ask the administrator to run, in this database: CREATE EXTENSION pg_trgm;", result.Message);
    }

    [Theory]
    [InlineData("SQL_ASCII")]
    [InlineData("LATIN1")]
    public async Task A_database_that_keeps_other_text_than_UTF8_is_refused_with_how_to_make_one_and_not_changed(string encoding)
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var name = "encoded_" + Guid.NewGuid().ToString("N");
        await database.Execute($"create database {name} encoding '{encoding}' lc_collate 'C' lc_ctype 'C' template template0");
        await using var source = MigrationDatabase.SourceOf(database.Server.ConnectionString(name));
        var migrator = new Migrator(source, database.Log, TimeProvider.System);

        foreach (var result in new[] { await migrator.Pending(Cancel), await migrator.Run(Cancel) })
        {
            Assert.Equal(MigrationOutcome.WrongEncoding, result.Outcome);
            Assert.False(result.Succeeded);
            Assert.Contains(encoding, result.Message);
            Assert.Contains("create database NAME encoding 'UTF8' template template0", result.Message);
        }

        await using var tables = source.CreateCommand("select count(*) from pg_class where relnamespace = 'public'::regnamespace");
        Assert.Equal(0L, await tables.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task No_server_and_no_database_are_values_with_a_reason()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await using var nowhere = MigrationDatabase.SourceOf("Host=127.0.0.1;Port=1;Username=edge;Database=edge");
        var refused = await new Migrator(nowhere, database.Log, TimeProvider.System).Run(Cancel);
        Assert.Equal(MigrationOutcome.Unreachable, refused.Outcome);
        Assert.False(refused.Succeeded);

        await using var missing = MigrationDatabase.SourceOf(database.Server.ConnectionString("no_such_database"));
        var result = await new Migrator(missing, database.Log, TimeProvider.System).Pending(Cancel);
        Assert.Equal(MigrationOutcome.Failed, result.Outcome);
        Assert.Contains("no_such_database", result.Message);
    }

    [Theory]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(System.Net.Sockets.SocketException))]
    public async Task So_is_what_comes_from_below_Npgsql_while_a_connection_is_opened(Type failure)
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var builder = new NpgsqlSlimDataSourceBuilder(database.Server.ConnectionString(database.Name));
        builder.UsePhysicalConnectionInitializer(_ => throw New(), _ => Task.FromException(New()));
        await using var source = builder.Build();

        Assert.Equal(MigrationOutcome.Unreachable, (await new Migrator(source, database.Log, TimeProvider.System).Run(Cancel)).Outcome);
        var silent = new Progress(TextWriter.Null, TimeProvider.System, ProgressStyle.Lines);
        Assert.Equal(SeedOutcome.Failed, (await new Seeder(source, silent, TimeProvider.System).Run(new(), Cancel)).Outcome);

        Exception New() => (Exception)Activator.CreateInstance(failure)!;
    }

    [Fact]
    public async Task The_connection_goes_back_to_the_pool_without_the_lock()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        await database.Migrator(("0001_broken.sql", "no such statement")).Run(Cancel);
        Assert.Equal(0, await database.Scalar<long>("select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"));
    }

    static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
