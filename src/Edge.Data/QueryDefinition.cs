namespace Edge.Data;

/// <summary>
/// A query as the generator understood it, for the tests that prepare and explain each one against the real schema. The generated
/// <c>SqlCatalog</c> lists them; nothing at run time refers to it, so the native binary holds none of this.
/// </summary>
public sealed record QueryDefinition(
    string Name, bool IsRead, string? SequentialScan, IReadOnlyList<QueryParameter> Parameters, IReadOnlyList<QueryStatement> Statements)
{
    /// <summary>All statements as they are sent, with <c>$1…$n</c> for the parameters of each.</summary>
    public string Sql => string.Join(";\n", Statements.Select(statement => statement.Sql));
}

/// <summary>A parameter of the method.</summary>
/// <param name="Name">As in C#.</param>
/// <param name="PostgresType">As Postgres prints it: <c>bigint</c>, <c>timestamp with time zone</c>, <c>text[]</c>.</param>
/// <param name="IsNullable">Whether C# may pass null.</param>
public sealed record QueryParameter(string Name, string PostgresType, bool IsNullable);

/// <summary>One statement of a query.</summary>
/// <param name="Sql">Positional: <c>$1</c> is the first of <paramref name="Parameters"/>.</param>
/// <param name="Parameters">Only those that this statement uses, in the order of their numbers.</param>
/// <param name="Columns">What it answers. Empty for a command.</param>
public sealed record QueryStatement(string Sql, IReadOnlyList<QueryParameter> Parameters, IReadOnlyList<QueryColumn> Columns);

/// <summary>A column of a result.</summary>
/// <param name="Name">As Postgres names it; <c>?column?</c> for the unnamed expression of a scalar.</param>
/// <param name="PostgresType">What C# expects of it, as Postgres prints it.</param>
/// <param name="IsNullable">Whether C# takes null.</param>
public sealed record QueryColumn(string Name, string PostgresType, bool IsNullable);
