using System.Text.Json;
using Edge.Data;
using Npgsql;

namespace Edge.IntegrationTests.Queries;

/// <summary>
/// Looks for large tables that a query reads from end to end: with the plan for any arguments, which Postgres may change to after five
/// runs of a prepared statement, and with the plans for typical ones. A function of ours that is not inlined counts as such a read, since
/// nothing tells what it scans.
/// </summary>
sealed class PlanChecker(NpgsqlDataSource source, TypicalArguments arguments)
{
    /// <summary>What is wrong; empty: nothing.</summary>
    public async Task<List<string>> Mistakes(QueryDefinition query, CancellationToken cancelled)
    {
        var scans = await SequentialScans(query, cancelled);
        if (string.IsNullOrWhiteSpace(query.SequentialScan))
            return scans;
        return scans.Count > 0 ? [] : [$"needs no reason for a sequential scan, since there is none; it says: {query.SequentialScan}"];
    }

    async Task<List<string>> SequentialScans(QueryDefinition query, CancellationToken cancelled)
    {
        await using var connection = await source.OpenConnectionAsync(cancelled);
        var large = await LargeTables(connection, cancelled);
        var scans = new List<string>();
        foreach (var statement in query.Statements)
        {
            var types = string.Join(", ", statement.Parameters.Select(static parameter => parameter.PostgresType));
            await Execute(connection, $"prepare explained{(types.Length > 0 ? $"({types})" : "")} as {statement.Sql}", cancelled);
            foreach (var mode in (string[])["force_generic_plan", "force_custom_plan"])
            {
                await Execute(connection, $"set plan_cache_mode = {mode}", cancelled);
                foreach (var call in arguments.Calls(query, statement))
                {
                    var nodes = Nodes(await Explain(connection, call, cancelled)).ToList();
                    foreach (var table in nodes.Select(ScannedTable).OfType<string>().Where(large.Contains))
                        scans.Add($"reads all of {table} ({mode}, arguments {call})");
                    foreach (var function in nodes.Select(OpaqueFunction).OfType<string>())
                        scans.Add($"runs {function}(), which is not inlined and may scan anything ({mode}, arguments {call})");
                }
            }
            await Execute(connection, "deallocate explained", cancelled);
        }
        return scans;
    }

    static async Task<HashSet<string>> LargeTables(NpgsqlConnection connection, CancellationToken cancelled)
    {
        await using var command = new NpgsqlCommand(
            "select relname::text from pg_class where relkind = 'r' and reltuples > $1", connection);
        command.Parameters.Add(new NpgsqlParameter<float> { TypedValue = LargeDatabase.LargeRows });
        await using var reader = await command.ExecuteReaderAsync(cancelled);
        var tables = new HashSet<string>();
        while (await reader.ReadAsync(cancelled))
            tables.Add(reader.GetString(0));
        return tables;
    }

    static async Task<JsonElement> Explain(NpgsqlConnection connection, string call, CancellationToken cancelled)
    {
        await using var command = new NpgsqlCommand(
            $"explain (verbose, format json) execute explained{(call.Length > 0 ? $"({call})" : "")}", connection);
        return JsonDocument.Parse((string)(await command.ExecuteScalarAsync(cancelled))!).RootElement[0].GetProperty("Plan");
    }

    /// <summary>The node and those below it.</summary>
    static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        node.TryGetProperty("Plans", out var inner) ? inner.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    static string? ScannedTable(JsonElement node) =>
        node.GetProperty("Node Type").GetString() == "Seq Scan" ? node.GetProperty("Relation Name").GetString() : null;

    /// <summary>Null for a function of Postgres, and for several in one node (<c>unnest(a, b)</c>), of which the plan names none.</summary>
    static string? OpaqueFunction(JsonElement node) =>
        node.GetProperty("Node Type").GetString() == "Function Scan"
        && node.TryGetProperty("Schema", out var schema) && schema.GetString() == "public"
            ? node.GetProperty("Function Name").GetString()
            : null;

    static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancelled)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancelled);
    }
}
