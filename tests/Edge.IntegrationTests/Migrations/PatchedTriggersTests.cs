using System.Globalization;
using Edge.Data;
using Npgsql;

namespace Edge.IntegrationTests.Migrations;

/// <summary>0010_unguessable.sql patches the triggers of 0003_changes.sql, and what makes them, where they are.</summary>
public sealed class PatchedTriggersTests
{
    const string Replaced = "0010_unguessable.sql";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_that_is_open_while_the_triggers_change_is_told_as_a_whole()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var files = MigrationFile.Embedded();
        var before = files.TakeWhile(static file => file.FileName != Replaced).ToList();
        Assert.InRange(before.Count, 1, files.Count - 1);
        Assert.True((await new Migrator(database.Source, database.Log, TimeProvider.System) { Files = before }.Run(Cancel)).Succeeded);
        await database.Execute("insert into users (email, username, display_name) values ('a@example.com', 'ann', 'Ann')");
        foreach (var slug in (string[])["one", "two", "three"])
            await database.Execute($"insert into blogs (author_id, slug, title, content, status, published_at) values (1, '{slug}', 'B', 'b', 'published', now())");
        await using var listener = await database.Source.OpenConnectionAsync(Cancel);
        var heard = new List<string>();
        listener.Notification += (_, message) => heard.Add(message.Payload);
        await Execute(listener, "listen edge_changes");

        await using var writer = await database.Source.OpenConnectionAsync(Cancel);
        await using var transaction = await writer.BeginTransactionAsync(Cancel);
        await Execute(writer, "update blogs set title = 'T' where slug = 'one'");
        Assert.True((await new Migrator(database.Source, database.Log, TimeProvider.System).Run(Cancel)).Succeeded);
        await Execute(writer, "update blogs set title = 'T' where slug = 'two'");
        await Execute(writer, "update blogs set title = 'U' where slug = 'two'");
        await Execute(writer, "update blogs set title = 'T' where slug = 'three'");
        await transaction.CommitAsync(Cancel);

        while (heard.Count < 3)
            await listener.WaitAsync(Cancel);
        Assert.Equal(["blogs one", "blogs three", "blogs two"], heard.Select(static message => $"blogs {message.Split(' ')[2]}").Order(StringComparer.Ordinal));
        Assert.Equal(2, heard.Select(static message => message.Split(' ')[1]).Distinct().Count());
    }

    [Fact]
    public async Task A_table_that_a_later_migration_watches_is_told_in_the_same_way()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        Assert.True((await new Migrator(database.Source, database.Log, TimeProvider.System).Run(Cancel)).Succeeded);
        await database.Execute("create table notes (id bigint primary key, title text); select edge_watch('notes', 'notes', 'id', '{title}')");
        await using var listener = await database.Source.OpenConnectionAsync(Cancel);
        var heard = new List<string>();
        listener.Notification += (_, message) => heard.Add(message.Payload);
        await Execute(listener, "listen edge_changes");
        await database.Execute("insert into notes values (7, 'n')");
        await database.Execute("truncate notes");
        while (heard.Count < 2)
            await listener.WaitAsync(Cancel);
        Assert.Matches("^notes [0-9]+ 7$", heard[0]);
        Assert.Matches("^notes [0-9]+$", heard[1]);
        var random = heard.Select(static message => (uint)ulong.Parse(message.Split(' ')[1], CultureInfo.InvariantCulture));
        Assert.Equal(2, random.Distinct().Count());
    }

    static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
