using Edge.Data.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator;

/// <summary>Every mistake that the generator can tell. Each has a page in docs/queries and a test.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor EmptySql = Error(
        "EDGE001", "The SQL is empty", "[Sql] of '{0}' holds no statement; write one");

    public static readonly DiagnosticDescriptor Unterminated = Error(
        "EDGE002", "The SQL ends too early", "The SQL of '{0}' ends within {1}; close it");

    public static readonly DiagnosticDescriptor NotStaticPartial = Error(
        "EDGE003", "A query must be a static partial method without a body",
        "'{0}' {1}; declare it as 'static partial … {0}(…);' in a partial, non-generic class");

    public static readonly DiagnosticDescriptor NoExecutor = Error(
        "EDGE004", "A query says first where it runs",
        "The first parameter of '{0}' must be of type Database, Transaction or QueryExecutor (namespace Edge.Data)");

    public static readonly DiagnosticDescriptor NoCancellation = Error(
        "EDGE005", "A query must be cancellable", "'{0}' has {1} of type CancellationToken; it needs exactly one");

    public static readonly DiagnosticDescriptor UnknownParameter = Error(
        "EDGE006", "A parameter of the SQL is not one of the method",
        "The SQL of '{0}' uses {1}, but the method has no such parameter; add it, or correct the name ({2})");

    public static readonly DiagnosticDescriptor UnusedParameter = Error(
        "EDGE007", "A parameter of the method is not used by the SQL",
        "Parameter '{1}' of '{0}' does not appear in its SQL as @{1}; use it or remove it");

    public static readonly DiagnosticDescriptor UnmappableParameter = Error(
        "EDGE008", "A parameter has no Postgres type",
        "Parameter '{1}' of '{0}' is of type {2}, which has no Postgres type here; {3}");

    public static readonly DiagnosticDescriptor UnmappableResult = Error(
        "EDGE009", "The result cannot be made of the columns", "'{0}' cannot make {1} of its columns; {2}");

    public static readonly DiagnosticDescriptor ParameterWithoutColumn = Error(
        "EDGE010", "A constructor parameter has no column",
        "'{0}': {1} is constructed with '{2}', but no column is named {3}; select it ('… as {3}') or remove the parameter");

    public static readonly DiagnosticDescriptor ColumnWithoutParameter = Error(
        "EDGE011", "A column is not used",
        "'{0}': column '{1}' has no parameter in the constructor of {2}; remove the column or add the parameter");

    public static readonly DiagnosticDescriptor UnnamedColumn = Error(
        "EDGE012", "A column has no name", "'{0}': column {1} of {2} has no name that can be told here; give it one with 'as'");

    public static readonly DiagnosticDescriptor DuplicateColumn = Error(
        "EDGE013", "Two columns have the same name", "'{0}': two columns match '{1}'; rename one with 'as' or remove it");

    public static readonly DiagnosticDescriptor SelectStar = Error(
        "EDGE014", "A query names its columns", "'{0}' uses '*', so a new column in the table would change it; list the columns");

    public static readonly DiagnosticDescriptor StatementCount = Error(
        "EDGE015", "Statements and results differ in number",
        "'{0}' has {1} statement(s), but its return type takes {2} result(s); return a tuple with one element per statement");

    public static readonly DiagnosticDescriptor WrongReturnType = Error(
        "EDGE016", "The return type is not one of a query",
        "'{0}' returns {1}; a query returns ValueTask, ValueTask<T>, ValueTask<T?>, ValueTask<List<T>>, IAsyncEnumerable<T> "
        + "or a ValueTask of a tuple of these");

    public static readonly DiagnosticDescriptor NoRows = Error(
        "EDGE017", "The statement answers no rows",
        "'{0}' returns {1}, but statement {2} answers no rows; add 'returning', or return ValueTask<int> (rows changed) or ValueTask");

    public static readonly DiagnosticDescriptor DuplicateName = Error(
        "EDGE018", "Two queries have the same name",
        "The name '{0}' is taken by another query of this assembly; set Name = \"…\" in one of the [Sql] attributes");

    public static readonly DiagnosticDescriptor NullableElement = Error(
        "EDGE019", "A list has no missing rows",
        "'{0}' returns a list or stream of {1}, but each row makes one; write it without '?'");

    public static readonly DiagnosticDescriptor NotPipelined = Error(
        "EDGE020", "Only a read of one row or none is pipelined",
        "'{0}' is Pipelined, but {1}; return ValueTask<T?> of one reading statement, or remove Pipelined");

    public static readonly DiagnosticDescriptor SameText = Error(
        "EDGE021", "Two members of an enum have the same text",
        "'{0}' uses {1}, whose members {2} have the same text '{3}'; rename one");

    static readonly Dictionary<string, DiagnosticDescriptor> ById = new()
    {
        ["EDGE001"] = EmptySql,
        ["EDGE002"] = Unterminated,
        ["EDGE003"] = NotStaticPartial,
        ["EDGE004"] = NoExecutor,
        ["EDGE005"] = NoCancellation,
        ["EDGE006"] = UnknownParameter,
        ["EDGE007"] = UnusedParameter,
        ["EDGE008"] = UnmappableParameter,
        ["EDGE009"] = UnmappableResult,
        ["EDGE010"] = ParameterWithoutColumn,
        ["EDGE011"] = ColumnWithoutParameter,
        ["EDGE012"] = UnnamedColumn,
        ["EDGE013"] = DuplicateColumn,
        ["EDGE014"] = SelectStar,
        ["EDGE015"] = StatementCount,
        ["EDGE016"] = WrongReturnType,
        ["EDGE017"] = NoRows,
        ["EDGE018"] = DuplicateName,
        ["EDGE019"] = NullableElement,
        ["EDGE020"] = NotPipelined,
        ["EDGE021"] = SameText,
    };

    public static IReadOnlyCollection<DiagnosticDescriptor> All => ById.Values;

    public static Diagnostic Of(QueryProblem problem) =>
        Diagnostic.Create(ById[problem.Id], problem.Place.ToLocation(), [.. problem.Arguments]);

    static DiagnosticDescriptor Error(string id, string title, string message) => new(
        id, title, message, "Edge.Queries", DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: $"docs/queries/{id}.md");
}
