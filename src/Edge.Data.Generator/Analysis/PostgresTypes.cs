using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Analysis;

/// <summary>How a C# type travels.</summary>
/// <param name="CSharp">Its name in generated code.</param>
/// <param name="Postgres">As Postgres prints it.</param>
/// <param name="DbType">Member of NpgsqlDbType.</param>
/// <param name="Getter">Method of the reader that reads it.</param>
internal sealed record PostgresType(string CSharp, string Postgres, string DbType, string Getter);

/// <summary>The scalar types that a parameter or a column may have.</summary>
internal static class PostgresTypes
{
    static readonly PostgresType Bytes = new("byte[]", "bytea", "Bytea", "GetFieldValue<byte[]>");

    public static PostgresType Text { get; } = new("string", "text", "Text", "GetString");

    /// <summary>The mapping of a type that is neither nullable nor an enum; null if there is none.</summary>
    public static PostgresType? Of(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte } => Bytes,
        INamedTypeSymbol named => Named(named),
        _ => null,
    };

    static PostgresType? Named(INamedTypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean => new("bool", "boolean", "Boolean", "GetBoolean"),
        SpecialType.System_Int16 => new("short", "smallint", "Smallint", "GetInt16"),
        SpecialType.System_Int32 => new("int", "integer", "Integer", "GetInt32"),
        SpecialType.System_Int64 => new("long", "bigint", "Bigint", "GetInt64"),
        SpecialType.System_Single => new("float", "real", "Real", "GetFloat"),
        SpecialType.System_Double => new("double", "double precision", "Double", "GetDouble"),
        SpecialType.System_Decimal => new("decimal", "numeric", "Numeric", "GetDecimal"),
        SpecialType.System_String => Text,
        SpecialType.System_DateTime => new("DateTime", "timestamp with time zone", "TimestampTz", "GetDateTime"),
        _ => InSystem(type),
    };

    static PostgresType? InSystem(INamedTypeSymbol type) =>
        type.ContainingNamespace is not { Name: "System", ContainingNamespace.IsGlobalNamespace: true } ? null : type.Name switch
        {
            "Guid" => new("Guid", "uuid", "Uuid", "GetGuid"),
            "DateTimeOffset" => new("DateTimeOffset", "timestamp with time zone", "TimestampTz", "GetFieldValue<DateTimeOffset>"),
            "DateOnly" => new("DateOnly", "date", "Date", "GetFieldValue<DateOnly>"),
            "TimeSpan" => new("TimeSpan", "interval", "Interval", "GetTimeSpan"),
            "ReadOnlyMemory" when type.TypeArguments[0].SpecialType == SpecialType.System_Byte =>
                new("ReadOnlyMemory<byte>", "bytea", "Bytea", "GetFieldValue<ReadOnlyMemory<byte>>"),
            _ => null,
        };
}
