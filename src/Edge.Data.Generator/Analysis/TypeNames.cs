using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Edge.Data.Generator.Analysis;

/// <summary>How types are written in generated code: short where its usings and its namespace make that safe, in full elsewhere.</summary>
internal sealed class TypeNames(INamedTypeSymbol container)
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

    public string Of(ITypeSymbol type)
    {
        var name = type.ToDisplayString(Full);
        foreach (var prefix in Imported)
            name = Shorten(name, prefix);
        return ownNamespace.Length == 0 ? name : Shorten(name, ownNamespace);
    }

    public static string Short(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    public static string Escaped(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary>Drops the prefix where a simple name follows it, unless the class has a type of that name.</summary>
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
            if (isSimple && container.GetTypeMembers(name.Substring(start, end - start)).IsEmpty)
                name = name.Remove(from, prefix.Length);
            else
                from = start;
        }
        return name;
    }
}
