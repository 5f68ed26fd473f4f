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
        var model = Scalar(name, type, isNullable, types, problems) ?? Array(name, type, isNullable, types, problems);
        if (model is null)
            problems.InMethod(Diagnostics.UnmappableParameter, parameter.Name, TypeNames.Short(parameter.Type), Supported);
        return model;
    }

    static ParameterModel? Scalar(string name, ITypeSymbol type, bool isNullable, TypeNames types, ProblemList problems)
    {
        var mark = isNullable ? "?" : "";
        if (EnumAnalyzer.Of(type, problems) is { } @enum)
            return new ParameterModel(name, "string" + mark, "", "Text", "text", isNullable, IsArray: false, @enum);
        if (PostgresTypes.Of(type) is not { } mapping)
            return null;
        return new ParameterModel(
            name, types.Of(type) + mark, ToUtc(type, isNullable), mapping.DbType, mapping.Postgres, isNullable, IsArray: false, null);
    }

    static ParameterModel? Array(string name, ITypeSymbol type, bool isNullable, TypeNames types, ProblemList problems)
    {
        if (type is not IArrayTypeSymbol { Rank: 1 } array)
            return null;
        var mark = isNullable ? "?" : "";
        var (element, hasNulls) = NullableType.Unwrap(array.ElementType);
        if (EnumAnalyzer.Of(element, problems) is { } @enum)
            return hasNulls ? null : new ParameterModel(name, "string[]" + mark, "", "Text", "text[]", isNullable, IsArray: true, @enum);
        if (PostgresTypes.Of(element) is not { } mapping)
            return null;
        return new ParameterModel(
            name, types.Of(array.WithNullableAnnotation(NullableAnnotation.NotAnnotated)) + mark, ToUtc(element, hasNulls), mapping.DbType,
            mapping.Postgres + "[]", isNullable, IsArray: true, null);
    }

    /// <summary>Npgsql sends a DateTimeOffset only if it is in UTC already.</summary>
    static string ToUtc(ITypeSymbol type, bool isNullable) =>
        type.Name != "DateTimeOffset" ? "" : isNullable ? "?.ToUniversalTime()" : ".ToUniversalTime()";
}
