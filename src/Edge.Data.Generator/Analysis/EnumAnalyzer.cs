using Edge.Data.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Analysis;

internal static class EnumAnalyzer
{
    /// <summary>The texts of an enum's members, each of which must be of one member; null for any other type.</summary>
    public static EnumModel? Of(ITypeSymbol type, ProblemList problems)
    {
        if (type.TypeKind != TypeKind.Enum)
            return null;
        // Two names for one value would be two cases of one switch: the first is the one that is stored.
        var members = type.GetMembers().OfType<IFieldSymbol>()
            .Where(field => field.HasConstantValue)
            .GroupBy(field => field.ConstantValue)
            .Select(same => new EnumMember(TypeNames.Escaped(same.First().Name), SnakeCase.Of(same.First().Name)))
            .ToList();
        foreach (var same in members.GroupBy(member => member.Text).Where(same => same.Skip(1).Any()))
        {
            var names = string.Join(" and ", same.Select(member => member.Name));
            problems.InMethod(Diagnostics.SameText, TypeNames.Short(type), names, same.Key);
        }
        var name = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return new EnumModel(name, type.Name, new EquatableList<string>(Path(type)), new EquatableList<EnumMember>(members));
    }

    static IEnumerable<string> Path(ISymbol symbol)
    {
        var path = new List<string>();
        while (symbol is not INamespaceSymbol { IsGlobalNamespace: true })
        {
            path.Insert(0, symbol.Name);
            symbol = symbol.ContainingSymbol;
        }
        return path;
    }
}
