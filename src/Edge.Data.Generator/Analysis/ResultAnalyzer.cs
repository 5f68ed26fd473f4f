using Edge.Data.Generator.Model;
using Edge.Data.Generator.Sql;
using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Analysis;

/// <summary>Matches what the statements answer with what the method returns.</summary>
internal static class ResultAnalyzer
{
    static readonly string[] TakenNames = ["batch", "reader", "cancel"];

    /// <summary>Null if a problem was found.</summary>
    public static List<StatementModel>? Analyze(
        IMethodSymbol method, List<SqlStatement> statements, List<IParameterSymbol> values, TypeNames types, ProblemList problems,
        out bool isTuple)
    {
        isTuple = false;
        var results = Results(method.ReturnType, out var isCommand, out var isStream);
        if (results is null)
        {
            problems.InMethod(Diagnostics.WrongReturnType, TypeNames.Short(method.ReturnType));
            return null;
        }
        if (!isCommand && results.Count != statements.Count)
        {
            problems.InMethod(Diagnostics.StatementCount, $"{statements.Count}", $"{results.Count}");
            return null;
        }
        isTuple = results.Count > 1;

        var models = new List<StatementModel>();
        for (var i = 0; i < statements.Count; i++)
        {
            var columns = OutputColumns.Of(statements[i].Tokens);
            var (shape, row) = isCommand
                ? (ResultShape.None, null)
                : Shape(results[i].Type, columns, isStream, i + 1, types, problems);
            var names = statements[i].ParameterNames();
            var indexes = new EquatableList<int>(names.Select(name => values.FindIndex(value => QueryAnalyzer.Same(value.Name, name))));
            var local = isTuple ? LocalName(results[i].Name) : "result";
            models.Add(new StatementModel(statements[i].Positional(names), indexes, shape, row, local));
        }
        return problems.IsEmpty ? models : null;
    }

    /// <summary>One type per statement; null if a query cannot return <paramref name="type"/>.</summary>
    static List<(ITypeSymbol Type, string Name)>? Results(ITypeSymbol type, out bool isCommand, out bool isStream)
    {
        isCommand = type is INamedTypeSymbol { Name: "ValueTask", Arity: 0 } && IsIn(type, "System.Threading.Tasks");
        isStream = type is INamedTypeSymbol { Name: "IAsyncEnumerable", Arity: 1 } && IsIn(type, "System.Collections.Generic");
        if (isCommand)
            return [];
        var isValue = type is INamedTypeSymbol { Name: "ValueTask", Arity: 1 } && IsIn(type, "System.Threading.Tasks");
        if (!isValue && !isStream)
            return null;
        var value = ((INamedTypeSymbol)type).TypeArguments[0];
        return isValue && value is INamedTypeSymbol { IsTupleType: true } tuple
            ? [.. tuple.TupleElements.Select(element => (element.Type, element.Name))]
            : [(value, "result")];
    }

    static (ResultShape, RowModel?) Shape(
        ITypeSymbol type, List<OutputColumn>? columns, bool isStream, int statement, TypeNames types, ProblemList problems)
    {
        if (columns is null)
        {
            if (type.SpecialType != SpecialType.System_Int32 || isStream)
                problems.InMethod(Diagnostics.NoRows, TypeNames.Short(type), $"{statement}");
            return (ResultShape.Affected, null);
        }
        if (columns.Any(column => column.IsStar))
        {
            problems.InSql(Diagnostics.SelectStar);
            return (ResultShape.None, null);
        }
        var isList = type is INamedTypeSymbol { Name: "List", Arity: 1 } && IsIn(type, "System.Collections.Generic");
        var row = isList ? ((INamedTypeSymbol)type).TypeArguments[0] : type;
        var (plain, isNullable) = NullableType.Unwrap(row);
        var model = RowAnalyzer.Analyze(plain, isNullable, columns, statement, types, problems);
        if (model is { IsConstructed: true } && isNullable && (isList || isStream))
            problems.InMethod(Diagnostics.NullableElement, TypeNames.Short(row));
        var shape = isStream ? ResultShape.Stream : isList ? ResultShape.List : isNullable ? ResultShape.Optional : ResultShape.Single;
        return (shape, model);
    }

    static bool IsIn(ITypeSymbol type, string space) => type.ContainingNamespace.ToDisplayString() == space;

    static string LocalName(string elementName)
    {
        var name = char.ToLowerInvariant(elementName[0]) + elementName.Substring(1);
        return TakenNames.Contains(name) ? name + "Result" : TypeNames.Escaped(name);
    }
}
