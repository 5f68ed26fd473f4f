using Edge.Data.Generator.Model;

namespace Edge.Data.Generator.Emit;

/// <summary>Writes the switches between enums and their texts, for those directions that the class's queries use.</summary>
internal static class EnumWriter
{
    public static void Write(CodeWriter writer, IReadOnlyList<QueryModel> queries)
    {
        var sent = queries.SelectMany(query => query.Parameters).Select(parameter => parameter.Enum).OfType<EnumModel>();
        var read = queries.SelectMany(query => query.Statements).Select(statement => statement.Row).OfType<RowModel>()
            .SelectMany(row => row.Fields).Select(field => field.Enum).OfType<EnumModel>();
        foreach (var @enum in sent.Distinct())
            WriteText(writer, @enum);
        foreach (var @enum in read.Distinct())
            WriteMember(writer, @enum);
    }

    static void WriteText(CodeWriter writer, EnumModel @enum)
    {
        writer.Line();
        writer.Line($"private static string {@enum.Name}_Text({@enum.Type} value) => value switch");
        writer.Open();
        foreach (var member in @enum.Members)
            writer.Line($"{@enum.Type}.{member.Name} => \"{member.Text}\",");
        writer.Line($"_ => throw QueryErrors.UnknownMember(\"{@enum.Name}\", (long)value),");
        writer.Close("};");
    }

    static void WriteMember(CodeWriter writer, EnumModel @enum)
    {
        writer.Line();
        writer.Line($"private static {@enum.Type} {@enum.Name}_Member(Query query, NpgsqlDataReader reader, int ordinal) =>");
        writer.Indent();
        writer.Line("reader.GetString(ordinal) switch");
        writer.Open();
        foreach (var member in @enum.Members)
            writer.Line($"\"{member.Text}\" => {@enum.Type}.{member.Name},");
        writer.Line($"_ => throw QueryErrors.UnknownText(query, reader, ordinal, \"{@enum.Name}\"),");
        writer.Close("};");
        writer.Unindent();
    }
}
