using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Analysis;

internal static class NullableType
{
    /// <summary>The type without its question mark, and whether it had one.</summary>
    public static (ITypeSymbol Type, bool IsNullable) Unwrap(ITypeSymbol type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => (nullable.TypeArguments[0], true),
        { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated } =>
            (type.WithNullableAnnotation(NullableAnnotation.NotAnnotated), true),
        _ => (type, false),
    };
}
