using System.Data;
using System.Data.Common;
using Edge.Data;
using Npgsql;

namespace Edge.IntegrationTests.Queries;

/// <summary>
/// Compares what the generator understood of a query with what Postgres says of it. Parameters are looked at twice: left open, to see
/// which types Postgres expects, and with our types, as the program sends them. Nullability is known of plain columns only: an
/// expression, or a column of the outer side of a join, may be null whatever its table says, and is left to other tests.
/// </summary>
static class QueryChecker
{
    /// <summary>What differs; empty: nothing.</summary>
    public static async Task<List<string>> Mistakes(NpgsqlDataSource source, QueryDefinition query, CancellationToken cancelled)
    {
        await using var connection = await source.OpenConnectionAsync(cancelled);
        var mistakes = new List<string>();
        foreach (var statement in query.Statements)
        {
            try
            {
                await CheckParameters(connection, statement, mistakes, cancelled);
                await CheckColumns(connection, statement, mistakes, cancelled);
            }
            catch (PostgresException refusal)
            {
                mistakes.Add($"Postgres refuses it: {refusal.MessageText}");
            }
        }
        return mistakes;
    }

    static async Task CheckParameters(
        NpgsqlConnection connection, QueryStatement statement, List<string> mistakes, CancellationToken cancelled)
    {
        if (await ExpectedTypes(connection, statement.Sql, cancelled) is not { } expected)
            return;
        if (expected.Length != statement.Parameters.Count)
        {
            mistakes.Add($"has {expected.Length} parameters, not {statement.Parameters.Count}");
            return;
        }
        for (var i = 0; i < expected.Length; i++)
            if (!IsAsGood(statement.Parameters[i].PostgresType, expected[i]))
                mistakes.Add($"parameter {statement.Parameters[i].Name} is {expected[i]} to Postgres, not {statement.Parameters[i].PostgresType}");
    }

    /// <summary>Null: the parameters' types are not to be told from the statement alone.</summary>
    static async Task<string[]?> ExpectedTypes(NpgsqlConnection connection, string sql, CancellationToken cancelled)
    {
        try
        {
            await Execute(connection, $"prepare untyped as {sql}", cancelled);
        }
        catch (PostgresException open) when (open.SqlState is PostgresErrorCodes.IndeterminateDatatype or PostgresErrorCodes.AmbiguousParameter)
        {
            return null;
        }
        await using var command = new NpgsqlCommand(
            "select parameter_types::text[] from pg_prepared_statements where name = 'untyped'", connection);
        var types = (string[])(await command.ExecuteScalarAsync(cancelled))!;
        await Execute(connection, "deallocate untyped", cancelled);
        return types;
    }

    /// <summary>Only integers may be narrower: that costs no index. A numeric compared with a bigint column would.</summary>
    static bool IsAsGood(string type, string expected) =>
        type == expected || (type, expected) is ("smallint", "integer" or "bigint") or ("integer", "bigint");

    static async Task CheckColumns(
        NpgsqlConnection connection, QueryStatement statement, List<string> mistakes, CancellationToken cancelled)
    {
        await using var command = new NpgsqlCommand(statement.Sql, connection);
        foreach (var parameter in statement.Parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = DBNull.Value, DataTypeName = parameter.PostgresType });
        // KeyInfo makes Npgsql ask for the tables behind the columns, and so for nullability.
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly | CommandBehavior.KeyInfo, cancelled);
        var columns = await reader.GetColumnSchemaAsync(cancelled);
        if (columns.Count != statement.Columns.Count)
        {
            mistakes.Add($"answers {columns.Count} columns, not {statement.Columns.Count}");
            return;
        }
        for (var i = 0; i < columns.Count; i++)
            CheckColumn(columns[i], reader.GetPostgresType(i).DisplayName, statement.Columns[i], mistakes);
    }

    static void CheckColumn(DbColumn column, string type, QueryColumn declared, List<string> mistakes)
    {
        if (column.ColumnName != declared.Name)
            mistakes.Add($"column {declared.Name} is called {column.ColumnName}");
        if (type != declared.PostgresType)
            mistakes.Add($"column {declared.Name} is {type}, not {declared.PostgresType}");
        if (column.AllowDBNull == true && !declared.IsNullable)
            mistakes.Add($"column {declared.Name} may be null, which its C# type does not take");
    }

    static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancelled)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancelled);
    }
}
