using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Analysis;

/// <summary>How a C# type travels.</summary>
/// <param name="Postgres">As Postgres prints it.</param>
/// <param name="DbType">Member of NpgsqlDbType.</param>
/// <param name="Getter">Method of the reader that reads it; null: GetFieldValue of the type.</param>
internal sealed record PostgresType(string Postgres, string DbType, string? Getter);

/// <summary>The scalar types that a parameter or a column may have.</summary>
internal static class PostgresTypes
{
    static readonly PostgresType Bytes = new("bytea", "Bytea", null);

    public static PostgresType Text { get; } = new("text", "Text", "GetString");

    /// <summary>The mapping of a type that is neither nullable nor an enum; null if there is none.</summary>
    public static PostgresType? Of(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte } => Bytes,
        INamedTypeSymbol named => Named(named),
        _ => null,
    };

    static PostgresType? Named(INamedTypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean => new("boolean", "Boolean", "GetBoolean"),
        SpecialType.System_Int16 => new("smallint", "Smallint", "GetInt16"),
        SpecialType.System_Int32 => new("integer", "Integer", "GetInt32"),
        SpecialType.System_Int64 => new("bigint", "Bigint", "GetInt64"),
        SpecialType.System_Single => new("real", "Real", "GetFloat"),
        SpecialType.System_Double => new("double precision", "Double", "GetDouble"),
        SpecialType.System_Decimal => new("numeric", "Numeric", "GetDecimal"),
        SpecialType.System_String => Text,
        SpecialType.System_DateTime => new("timestamp with time zone", "TimestampTz", "GetDateTime"),
        _ => InSystem(type),
    };

    static PostgresType? InSystem(INamedTypeSymbol type) =>
        type.ContainingNamespace is not { Name: "System", ContainingNamespace.IsGlobalNamespace: true } ? null : type.Name switch
        {
            "Guid" => new("uuid", "Uuid", "GetGuid"),
            "DateTimeOffset" => new("timestamp with time zone", "TimestampTz", null),
            "DateOnly" => new("date", "Date", null),
            "TimeSpan" => new("interval", "Interval", "GetTimeSpan"),
            "ReadOnlyMemory" when type.TypeArguments[0].SpecialType == SpecialType.System_Byte => new("bytea", "Bytea", null),
            _ => null,
        };
}
