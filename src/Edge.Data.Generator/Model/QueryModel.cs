namespace Edge.Data.Generator.Model;

// Everything that the generated code depends on, and nothing of Roslyn: two compilations that give equal models give the same code,
// so the pipeline stops here unless a query really changed. Places in the source are kept apart (QueryProblem).

/// <summary>The class that holds the methods, with the types around it, outermost first.</summary>
/// <param name="Namespace">Empty for the global one.</param>
/// <param name="Declarations">As in <c>partial class ProductQueries</c>.</param>
/// <param name="HintName">File name of the generated code, without extension.</param>
internal sealed record ContainerModel(string Namespace, EquatableList<string> Declarations, string HintName, LibraryNames Library);

/// <summary>The types that generated code names of itself: in full where the class sees another of that name.</summary>
internal sealed record LibraryNames(
    string Query,
    string QueryResult,
    string QueryErrors,
    string NpgsqlBatch,
    string NpgsqlBatchCommand,
    string NpgsqlCommand,
    string NpgsqlDataReader,
    string NpgsqlDbType,
    string NpgsqlParameter,
    string Array,
    string CancellationToken,
    string ValueTask);

/// <summary>
/// One <c>[Sql]</c> method. Signature is its declaration up to the closing parenthesis; FieldName the prefix, unique in the class, of
/// the members made for it.
/// </summary>
internal sealed record QueryModel(
    ContainerModel Container,
    string FieldName,
    string Signature,
    string ReturnValueType,
    string ExecutorName,
    string CancelName,
    string Name,
    bool IsRead,
    bool IsPipelined,
    string? SequentialScan,
    EquatableList<ParameterModel> Parameters,
    EquatableList<StatementModel> Statements,
    bool IsTuple);

/// <summary>
/// A parameter of the SQL. Name is as in C#, escaped; Type that of what is sent; DbType the member of NpgsqlDbType, for an array that of
/// its elements; ToUtc the call that converts a moment, or an element that is one, and empty for all else.
/// </summary>
internal sealed record ParameterModel(
    string Name, string Type, string ToUtc, string DbType, string PostgresType, bool IsNullable, bool IsArray, EnumModel? Enum);

/// <summary>One statement. ParameterIndexes says which of the query's parameters are its <c>$1…$n</c>.</summary>
internal sealed record StatementModel(string Sql, EquatableList<int> ParameterIndexes, ResultShape Shape, RowModel? Row, string LocalName);

internal enum ResultShape
{
    /// <summary>A command whose outcome nobody asks for.</summary>
    None,
    Affected,
    Single,
    Optional,
    List,
    Stream,
}

/// <summary>What a row becomes.</summary>
/// <param name="Type">What the reader of a row returns: nullable where a struct or scalar may be missing.</param>
/// <param name="IsConstructed">False for a scalar.</param>
/// <param name="Fields">In the order of the constructor's parameters; one for a scalar.</param>
internal sealed record RowModel(string Type, bool IsConstructed, EquatableList<FieldModel> Fields);

/// <summary>
/// A column and how it is read: Getter is a method of the reader, as in <c>GetInt64</c>. ParameterName is as in C#, escaped.
/// </summary>
internal sealed record FieldModel(
    int Ordinal, string ParameterName, string ColumnName, string Getter, string PostgresType, bool IsNullable, EnumModel? Enum);

/// <summary>An enum, stored as the snake_case of its members' names. Path ends in its name; before it are those of all around it.</summary>
internal sealed record EnumModel(string Type, string Name, EquatableList<string> Path, EquatableList<EnumMember> Members);

internal sealed record EnumMember(string Name, string Text);
