using Edge.Data.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Analysis;

/// <summary>Decides how a parameter of the method is sent.</summary>
internal static class ParameterAnalyzer
{
    const string Supported =
        "use bool, short, int, long, float, double, decimal, string, Guid, DateTime, DateTimeOffset, DateOnly, TimeSpan, byte[], "
        + "ReadOnlyMemory<byte>, an enum, or an array of one of these";

    public static ParameterModel? Analyze(IParameterSymbol parameter, TypeNames types, ProblemList problems)
    {
        var name = TypeNames.Escaped(parameter.Name);
        var (type, isNullable) = NullableType.Unwrap(parameter.Type);
        var model = Scalar(name, type, isNullable, problems) ?? Array(name, type, isNullable, types, problems);
        if (model is null)
            problems.InMethod(Diagnostics.UnmappableParameter, parameter.Name, TypeNames.Short(parameter.Type), Supported);
        return model;
    }

    static ParameterModel? Scalar(string name, ITypeSymbol type, bool isNullable, ProblemList problems)
    {
        var mark = isNullable ? "?" : "";
        if (EnumAnalyzer.Of(type, problems) is { } @enum)
        {
            var local = name.TrimStart('@') + "Value";
            var value = isNullable ? $"{name} is {{ }} {local} ? {@enum.Name}_Text({local}) : null" : $"{@enum.Name}_Text({name})";
            return new ParameterModel(name, "string" + mark, value, "NpgsqlDbType.Text", "text", isNullable, @enum);
        }
        if (PostgresTypes.Of(type) is not { } mapping)
            return null;
        // Npgsql sends a DateTimeOffset only if it is in UTC already.
        var expression = mapping.CSharp == "DateTimeOffset" ? $"{name}{mark}.ToUniversalTime()" : name;
        var dbType = "NpgsqlDbType." + mapping.DbType;
        return new ParameterModel(name, mapping.CSharp + mark, expression, dbType, mapping.Postgres, isNullable, null);
    }

    static ParameterModel? Array(string name, ITypeSymbol type, bool isNullable, TypeNames types, ProblemList problems)
    {
        if (type is not IArrayTypeSymbol { Rank: 1 } array)
            return null;
        var mark = isNullable ? "?" : "";
        var (element, hasNulls) = NullableType.Unwrap(array.ElementType);
        if (EnumAnalyzer.Of(element, problems) is { } @enum)
        {
            var texts = ConvertAll(name, isNullable, $"{@enum.Name}_Text");
            const string textArray = "NpgsqlDbType.Array | NpgsqlDbType.Text";
            return hasNulls ? null : new ParameterModel(name, "string[]" + mark, texts, textArray, "text[]", isNullable, @enum);
        }
        if (PostgresTypes.Of(element) is not { } mapping)
            return null;
        var elementMark = hasNulls ? "?" : "";
        var expression = mapping.CSharp == "DateTimeOffset"
            ? ConvertAll(name, isNullable, $"static moment => moment{elementMark}.ToUniversalTime()")
            : name;
        return new ParameterModel(
            name, types.Of(array.WithNullableAnnotation(NullableAnnotation.NotAnnotated)) + mark, expression,
            "NpgsqlDbType.Array | NpgsqlDbType." + mapping.DbType, mapping.Postgres + "[]", isNullable, null);
    }

    static string ConvertAll(string name, bool isNullable, string convert) =>
        isNullable ? $"{name} is null ? null : Array.ConvertAll({name}, {convert})" : $"Array.ConvertAll({name}, {convert})";
}
