using Edge.Data.Generator.Model;
using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Analysis;

/// <summary>The mistakes found in one method. All are told at once.</summary>
internal sealed class ProblemList(string methodName, SourcePlace attribute, SourcePlace method)
{
    readonly List<QueryProblem> problems = [];

    public bool IsEmpty => problems.Count == 0;

    public IReadOnlyList<QueryProblem> All => problems;

    /// <summary>A mistake in the SQL: shown at the attribute.</summary>
    public void InSql(DiagnosticDescriptor descriptor, params string[] arguments) => Add(descriptor, attribute, arguments);

    /// <summary>A mistake in the declaration: shown at the method's name.</summary>
    public void InMethod(DiagnosticDescriptor descriptor, params string[] arguments) => Add(descriptor, method, arguments);

    void Add(DiagnosticDescriptor descriptor, SourcePlace place, string[] arguments)
    {
        var problem = new QueryProblem(descriptor.Id, place, new EquatableList<string>([methodName, .. arguments]));
        // What is wrong with a type is found wherever the method uses it.
        if (!problems.Contains(problem))
            problems.Add(problem);
    }
}
