using Edge.Data.Generator.Model;

namespace Edge.Data.Generator.Emit;

/// <summary>Writes how a command gets its parameters: as they are, moments in UTC, and the members of enums as their texts.</summary>
internal static class ParameterWriter
{
    public static void Write(CodeWriter writer, QueryModel query, StatementModel statement, string command, EnumNames enums)
    {
        var library = query.Container.Library;
        foreach (var index in statement.ParameterIndexes)
        {
            var parameter = query.Parameters[index];
            var array = parameter.IsArray ? $"{library.NpgsqlDbType}.Array | " : "";
            var value = Value(parameter, library, enums);
            var initializer = $"{{ TypedValue = {value}, NpgsqlDbType = {array}{library.NpgsqlDbType}.{parameter.DbType} }}";
            writer.Line($"{command}.Parameters.Add(new {library.NpgsqlParameter}<{parameter.Type}> {initializer});");
        }
    }

    static string Value(ParameterModel parameter, LibraryNames library, EnumNames enums)
    {
        var name = parameter.Name;
        var none = parameter.IsNullable ? $"{name} is null ? null : " : "";
        if (parameter.Enum is { } @enum)
        {
            // A pattern's variable would need a name that no parameter has, and another in each statement that takes the parameter.
            return parameter.IsArray
                ? $"{none}{library.Array}.ConvertAll({name}, {enums.Text(@enum)})"
                : $"{none}{enums.Text(@enum)}({name}{(parameter.IsNullable ? ".Value" : "")})";
        }
        return parameter.IsArray && parameter.ToUtc.Length > 0
            ? $"{none}{library.Array}.ConvertAll({name}, static moment => moment{parameter.ToUtc})"
            : name + parameter.ToUtc;
    }
}
