using Edge.Data.Generator.Model;

namespace Edge.Data.Generator.Emit;

/// <summary>Writes the switches between enums and their texts, for those directions that the class's queries use.</summary>
internal static class EnumWriter
{
    public static void Write(CodeWriter writer, EnumNames enums, LibraryNames library)
    {
        foreach (var @enum in enums.Sent)
            WriteText(writer, @enum, enums.Text(@enum), library);
        foreach (var @enum in enums.Read)
            WriteMember(writer, @enum, enums.Member(@enum), library);
    }

    static void WriteText(CodeWriter writer, EnumModel @enum, string method, LibraryNames library)
    {
        writer.Line();
        writer.Line($"private static string {method}({@enum.Type} value) => value switch");
        writer.Open();
        foreach (var member in @enum.Members)
            writer.Line($"{@enum.Type}.{member.Name} => \"{member.Text}\",");
        writer.Line($"_ => throw {library.QueryErrors}.UnknownMember(\"{@enum.Name}\", (long)value),");
        writer.Close("};");
    }

    static void WriteMember(CodeWriter writer, EnumModel @enum, string method, LibraryNames library)
    {
        writer.Line();
        writer.Line($"private static {@enum.Type} {method}({library.Query} query, {library.NpgsqlDataReader} reader, int ordinal) =>");
        writer.Indent();
        writer.Line("reader.GetString(ordinal) switch");
        writer.Open();
        foreach (var member in @enum.Members)
            writer.Line($"\"{member.Text}\" => {@enum.Type}.{member.Name},");
        writer.Line($"_ => throw {library.QueryErrors}.UnknownText(query, reader, ordinal, \"{@enum.Name}\"),");
        writer.Close("};");
        writer.Unindent();
    }
}
