using Edge.Data.Generator.Model;

namespace Edge.Data.Generator.Emit;

/// <summary>Writes the reader of a batch: one result after another, then the counts of the commands, which are known at the end.</summary>
internal static class BatchWriter
{
    public static string RowName(QueryModel query, int statement) =>
        query.Statements.Count == 1 ? $"{query.FieldName}_Row" : $"{query.FieldName}_Row{statement + 1}";

    public static void WriteResults(CodeWriter writer, QueryModel query)
    {
        if (!query.IsTuple)
            return;
        var library = query.Container.Library;
        writer.Line();
        writer.Line($"private static async {library.ValueTask}<{query.ReturnValueType}> {query.FieldName}_Results(");
        writer.Indent();
        writer.Line($"{library.NpgsqlBatch} batch, {library.NpgsqlDataReader} reader, {library.CancellationToken} cancel)");
        writer.Unindent();
        writer.Open();
        for (var i = 0; i < query.Statements.Count; i++)
        {
            var statement = query.Statements[i];
            if (statement.Row is null)
                continue;
            var read = $"{library.QueryResult}.{statement.Shape}({query.FieldName}_Query, reader, {RowName(query, i)}, cancel)";
            writer.Line($"var {statement.LocalName} = await {read};");
            writer.Line("await reader.NextResultAsync(cancel);");
        }
        if (query.Statements.All(statement => statement.Row is null))
            writer.Line("await reader.NextResultAsync(cancel);");
        for (var i = 0; i < query.Statements.Count; i++)
        {
            if (query.Statements[i].Row is null)
                writer.Line($"var {query.Statements[i].LocalName} = batch.BatchCommands[{i}].RecordsAffected;");
        }
        writer.Line($"return ({string.Join(", ", query.Statements.Select(statement => statement.LocalName))});");
        writer.Close();
    }
}
