using Npgsql;

namespace Edge.Data.Seeding;

/// <summary>
/// Takes the foreign keys off while rows pour in, and puts them back as they were. Checked row by row, they took
/// half of the time of a seed (each COPY ended in a silent quarter of a minute); put back, each is checked by one
/// join, all eight in under two seconds. Nothing is trusted: a row that broke one would fail the seed. Dropping
/// the secondary indexes as well gained too little to be worth the code.
/// </summary>
internal sealed class ForeignKeys
{
    readonly List<(string Table, string Name, string Definition)> keys = [];

    public int Count => keys.Count;

    /// <summary>Inside a transaction: if it is rolled back, they were never gone.</summary>
    public static async Task<ForeignKeys> Drop(NpgsqlConnection connection, string[] tables, CancellationToken cancel)
    {
        var dropped = new ForeignKeys();
        await using (var command = new NpgsqlCommand(
            """
            select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
            from pg_constraint
            where contype = 'f' and conrelid::regclass::text = any(string_to_array($1, ' '))
            order by 1, 2
            """, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = string.Join(' ', tables) });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
                dropped.keys.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        }
        foreach (var (table, name, _) in dropped.keys)
            await Seeder.Execute(connection, $"alter table {table} drop constraint {name}", cancel);
        return dropped;
    }

    public async Task Restore(NpgsqlConnection connection, Action<long> report, CancellationToken cancel)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var (table, name, definition) = keys[i];
            await Seeder.Execute(connection, $"alter table {table} add constraint {name} {definition}", cancel);
            report(i + 1);
        }
    }
}
