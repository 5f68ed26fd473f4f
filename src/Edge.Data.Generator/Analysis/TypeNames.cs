using Edge.Data.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Edge.Data.Generator.Analysis;

/// <summary>How types are written in generated code: short where its usings and its namespace make that safe, in full elsewhere.</summary>
internal sealed class TypeNames(INamedTypeSymbol container, Compilation compilation)
{
    static readonly SymbolDisplayFormat Full = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes
        | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
        | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    // The usings of each generated file (QueryWriter).
    static readonly string[] Imported =
        ["global::System.Threading.Tasks.", "global::System.Threading.", "global::System.Collections.Generic.", "global::System.",
         "global::Edge.Data."];

    readonly string ownNamespace =
        container.ContainingNamespace.IsGlobalNamespace ? "" : $"global::{container.ContainingNamespace.ToDisplayString()}.";

    // With what other assemblies have in it.
    readonly INamespaceSymbol? scope = compilation.GetCompilationNamespace(container.ContainingNamespace);

    public LibraryNames Library() => new(
        Query: Written("Query", "Edge.Data"),
        QueryResult: Written("QueryResult", "Edge.Data"),
        QueryErrors: Written("QueryErrors", "Edge.Data"),
        NpgsqlBatch: Written("NpgsqlBatch", "Npgsql"),
        NpgsqlBatchCommand: Written("NpgsqlBatchCommand", "Npgsql"),
        NpgsqlCommand: Written("NpgsqlCommand", "Npgsql"),
        NpgsqlDataReader: Written("NpgsqlDataReader", "Npgsql"),
        NpgsqlDbType: Written("NpgsqlDbType", "NpgsqlTypes"),
        NpgsqlParameter: Written("NpgsqlParameter", "Npgsql"),
        Array: Written("Array", "System"),
        CancellationToken: Written("CancellationToken", "System.Threading"),
        ValueTask: Written("ValueTask", "System.Threading.Tasks"));

    public string Of(ITypeSymbol type)
    {
        var name = type.ToDisplayString(Full);
        foreach (var prefix in Imported)
            name = Shorten(name, prefix);
        return ownNamespace.Length == 0 ? name : Shorten(name, ownNamespace);
    }

    public static string Short(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    public static string Escaped(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    string Written(string name, string space) => Shorten($"global::{space}.{name}", $"global::{space}.");

    /// <summary>Drops the prefix where a simple name follows it, unless that name means something else in the class.</summary>
    string Shorten(string name, string prefix)
    {
        var from = 0;
        while ((from = name.IndexOf(prefix, from, StringComparison.Ordinal)) >= 0)
        {
            var start = from + prefix.Length;
            var end = start;
            while (end < name.Length && (char.IsLetterOrDigit(name[end]) || name[end] is '_' or '@'))
                end++;
            var isSimple = end == name.Length || name[end] != '.';
            if (isSimple && !IsHidden(name.Substring(start, end - start).TrimStart('@'), prefix))
                name = name.Remove(from, prefix.Length);
            else
                from = start;
        }
        return name;
    }

    /// <summary>
    /// Whether a type of the class, of one around it or of a base comes before the usings, or a member of the namespace. Enclosing
    /// namespaces come after them: the usings stand within the namespace.
    /// </summary>
    bool IsHidden(string name, string prefix)
    {
        for (var outer = container; outer is not null; outer = outer.ContainingType)
        {
            for (var type = outer; type is not null; type = type.BaseType)
            {
                if (!type.GetTypeMembers(name).IsEmpty)
                    return true;
            }
        }
        return prefix != ownNamespace && scope is not null
            && scope.GetMembers(name).Any(member => compilation.IsSymbolAccessibleWithin(member, container));
    }
}
