using Edge.Data.Generator.Model;
using Edge.Data.Generator.Sql;
using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Analysis;

/// <summary>Decides how a row becomes a value: one column a scalar, several the arguments of the only public constructor.</summary>
internal static class RowAnalyzer
{
    /// <summary>Null if a problem was found.</summary>
    public static RowModel? Analyze(
        ITypeSymbol type, bool isNullable, List<OutputColumn> columns, int statement, TypeNames types, ProblemList problems)
    {
        if (Field(type, isNullable, 0, columns[0].Name ?? "?column?", "", types, problems) is { } scalar)
        {
            if (columns.Count == 1)
                return new RowModel(scalar.TypeName, false, new EquatableList<FieldModel>([scalar.Field]));
            Refuse($"statement {statement} answers {columns.Count}: return a record, or select one");
            return null;
        }
        if (Constructor(type) is not { } constructor)
        {
            Refuse("return a scalar, an enum, or a type with one public constructor that takes the columns");
            return null;
        }
        return Match(type, isNullable, constructor, columns, statement, types, problems);

        void Refuse(string fix) => problems.InMethod(Diagnostics.UnmappableResult, TypeNames.Short(type), fix);
    }

    static RowModel? Match(
        ITypeSymbol type, bool isNullable, IMethodSymbol constructor, List<OutputColumn> columns, int statement, TypeNames types,
        ProblemList problems)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i].Name is not { } name)
                problems.InSql(Diagnostics.UnnamedColumn, $"{i + 1}", $"statement {statement}");
            else if (columns.Take(i).Any(other => IsNamed(other, name)))
                problems.InSql(Diagnostics.DuplicateColumn, name);
            else if (!constructor.Parameters.Any(parameter => SnakeCase.Key(parameter.Name) == SnakeCase.Key(name)))
                problems.InSql(Diagnostics.ColumnWithoutParameter, name, TypeNames.Short(type));
        }
        var fields = new List<FieldModel>();
        foreach (var parameter in constructor.Parameters)
        {
            var ordinal = columns.FindIndex(column => IsNamed(column, parameter.Name));
            if (ordinal < 0)
            {
                // It may be the column that has no name, of which the author hears already.
                if (columns.Any(column => column.Name is null))
                    continue;
                problems.InSql(Diagnostics.ParameterWithoutColumn, TypeNames.Short(type), parameter.Name, SnakeCase.Of(parameter.Name));
                continue;
            }
            var (plain, isFieldNullable) = NullableType.Unwrap(parameter.Type);
            var name = TypeNames.Escaped(parameter.Name);
            if (Field(plain, isFieldNullable, ordinal, columns[ordinal].Name!, name, types, problems) is { } field)
                fields.Add(field.Field);
            else
                problems.InMethod(
                    Diagnostics.UnmappableResult, TypeNames.Short(type),
                    $"its parameter '{parameter.Name}' is of type {TypeNames.Short(parameter.Type)}, which no column can be read as");
        }
        var constructed = types.Of(type);
        return problems.IsEmpty
            ? new RowModel(isNullable && type.IsValueType ? constructed + "?" : constructed, true, new EquatableList<FieldModel>(fields))
            : null;
    }

    static (FieldModel Field, string TypeName)? Field(
        ITypeSymbol type, bool isNullable, int ordinal, string column, string parameter, TypeNames types, ProblemList problems)
    {
        var mark = isNullable ? "?" : "";
        if (EnumAnalyzer.Of(type, problems) is { } @enum)
            return (new FieldModel(ordinal, parameter, column, "", "text", isNullable, @enum), types.Of(type) + mark);
        var name = types.Of(type);
        if (PostgresTypes.Of(type) is { } mapping)
        {
            var getter = mapping.Getter ?? $"GetFieldValue<{name}>";
            return (new FieldModel(ordinal, parameter, column, getter, mapping.Postgres, isNullable, null), name + mark);
        }
        if (type is IArrayTypeSymbol { Rank: 1 } array && PostgresTypes.Of(NullableType.Unwrap(array.ElementType).Type) is { } element)
        {
            var field = new FieldModel(ordinal, parameter, column, $"GetFieldValue<{name}>", element.Postgres + "[]", isNullable, null);
            return (field, name + mark);
        }
        return null;
    }

    /// <summary>The only public constructor, not counting the one that every struct has.</summary>
    static IMethodSymbol? Constructor(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, IsAbstract: false } named)
            return null;
        var constructors = named.InstanceConstructors
            .Where(constructor => constructor.DeclaredAccessibility == Accessibility.Public && !IsOfEveryStruct(constructor))
            .ToList();
        return constructors.Count == 1 && constructors[0].Parameters.Length > 0 ? constructors[0] : null;
    }

    static bool IsOfEveryStruct(IMethodSymbol constructor) => constructor.IsImplicitlyDeclared && constructor.Parameters.Length == 0;

    static bool IsNamed(OutputColumn column, string name) =>
        column.Name is not null && SnakeCase.Key(column.Name) == SnakeCase.Key(name);
}
