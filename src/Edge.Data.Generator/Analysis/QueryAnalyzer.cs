using Edge.Data.Generator.Model;
using Edge.Data.Generator.Sql;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Edge.Data.Generator.Analysis;

/// <summary>Understands one <c>[Sql]</c> method: (1) its declaration, (2) its SQL, (3) its parameters, (4) its results.</summary>
internal static class QueryAnalyzer
{
    public static QueryAnalysis Analyze(GeneratorAttributeSyntaxContext context, CancellationToken cancel)
    {
        var method = (IMethodSymbol)context.TargetSymbol;
        var attribute = context.Attributes[0];
        var attributePlace = SourcePlace.Of(attribute.ApplicationSyntaxReference!.GetSyntax(cancel).GetLocation());
        var methodPlace = SourcePlace.Of(((MethodDeclarationSyntax)context.TargetNode).Identifier.GetLocation());
        var problems = new ProblemList(method.Name, attributePlace, methodPlace);

        var model = Understand(
            method, (MethodDeclarationSyntax)context.TargetNode, attribute, context.SemanticModel.Compilation, problems, cancel);
        return new QueryAnalysis(problems.IsEmpty ? model : null, attributePlace, new EquatableList<QueryProblem>(problems.All));
    }

    static QueryModel? Understand(
        IMethodSymbol method, MethodDeclarationSyntax syntax, AttributeData attribute, Compilation compilation, ProblemList problems,
        CancellationToken cancel)
    {
        // (1) the declaration
        CheckDeclaration(method, syntax, problems, cancel);
        var executor = method.Parameters.FirstOrDefault();
        if (executor is null || !IsExecutor(executor.Type))
            problems.InMethod(Diagnostics.NoExecutor);
        var tokens = method.Parameters.Where(parameter => IsCancellationToken(parameter.Type)).ToList();
        if (tokens.Count != 1)
            problems.InMethod(Diagnostics.NoCancellation, tokens.Count == 0 ? "no parameter" : "several parameters");

        // (2) the SQL
        var (sqlTokens, unterminated) = SqlTokenizer.Cut(attribute.ConstructorArguments[0].Value as string ?? "");
        var statements = SqlStatement.Split(sqlTokens);
        if (unterminated is not null)
            problems.InSql(Diagnostics.Unterminated, unterminated);
        else if (statements.Count == 0)
            problems.InSql(Diagnostics.EmptySql);
        if (!problems.IsEmpty)
            return null;

        // (3) the parameters
        var types = new TypeNames(method.ContainingType, compilation);
        var values = method.Parameters.Skip(1).Where(parameter => !IsCancellationToken(parameter.Type)).ToList();
        CheckParameterNames(statements, values, problems);
        var parameters = values.Select(value => ParameterAnalyzer.Analyze(value, types, problems)).ToList();

        // (4) the results
        var models = ResultAnalyzer.Analyze(method, statements, values, types, problems, out var isTuple);
        if (!problems.IsEmpty || models is null)
            return null;

        var isRead = Argument(attribute, "Writes") is not true && statements.All(statement => statement.IsRead);
        var isPipelined = Argument(attribute, "Pipelined") is true;
        if (isPipelined && !(isRead && models.Count == 1 && models[0].Shape == ResultShape.Optional))
        {
            problems.InMethod(Diagnostics.NotPipelined, !isRead ? "writes" : models.Count > 1 ? "is several statements" : "does not return ValueTask<T?>");
            return null;
        }

        return new QueryModel(
            Container(method.ContainingType, types),
            FieldName(method),
            Signature(method, types),
            ReturnValueType(method, types),
            TypeNames.Escaped(executor!.Name),
            TypeNames.Escaped(tokens[0].Name),
            Argument(attribute, "Name") as string ?? DefaultName(method),
            isRead,
            isPipelined,
            Argument(attribute, "SequentialScan") as string,
            new EquatableList<ParameterModel>(parameters.Select(parameter => parameter!)),
            new EquatableList<StatementModel>(models),
            isTuple);
    }

    static void CheckDeclaration(
        IMethodSymbol method, MethodDeclarationSyntax syntax, ProblemList problems, CancellationToken cancel)
    {
        var reason =
            !method.IsStatic ? "is not static"
            : !syntax.Modifiers.Any(SyntaxKind.PartialKeyword) ? "is not partial"
            : syntax.Body is not null || syntax.ExpressionBody is not null ? "has a body"
            : method.IsGenericMethod ? "is generic"
            : method.Parameters.Any(parameter => parameter.RefKind != RefKind.None || parameter.IsParams) ?
                "has a ref, in, out or params parameter"
            : null;
        for (var type = method.ContainingType; reason is null && type is not null; type = type.ContainingType)
        {
            if (type.IsGenericType)
                reason = $"is in {type.Name}, which is generic";
            else if (!type.DeclaringSyntaxReferences.Any(part => IsPartial(part.GetSyntax(cancel))))
                reason = $"is in {type.Name}, which is not partial";
        }
        if (reason is not null)
            problems.InMethod(Diagnostics.NotStaticPartial, reason);
    }

    static bool IsPartial(SyntaxNode node) =>
        node is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword);

    static bool IsExecutor(ITypeSymbol type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.Name == "QueryExecutor" && current.ContainingNamespace.ToDisplayString() == "Edge.Data")
                return true;
        }
        return false;
    }

    static bool IsCancellationToken(ITypeSymbol type) =>
        type.Name == "CancellationToken" && type.ContainingNamespace.ToDisplayString() == "System.Threading";

    static void CheckParameterNames(List<SqlStatement> statements, List<IParameterSymbol> values, ProblemList problems)
    {
        var used = statements.SelectMany(statement => statement.ParameterNames()).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var known = values.Count == 0 ? "it has none" : "it has " + string.Join(", ", values.Select(value => "@" + value.Name));
        foreach (var name in used.Where(name => !values.Any(value => Same(value.Name, name))))
            problems.InSql(Diagnostics.UnknownParameter, "@" + name, known);
        foreach (var position in statements.SelectMany(statement => statement.Tokens).Where(token => token.Kind == SqlTokenKind.Position))
            problems.InSql(Diagnostics.UnknownParameter, position.Text, known);
        foreach (var value in values.Where(value => !used.Any(name => Same(value.Name, name))))
            problems.InMethod(Diagnostics.UnusedParameter, value.Name);
    }

    /// <summary>Upper and lower case do not tell parameters apart, as in all of SQL.</summary>
    public static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    static ContainerModel Container(INamedTypeSymbol type, TypeNames types)
    {
        var declarations = new List<string>();
        var names = new List<string>();
        for (var current = type; current is not null; current = current.ContainingType)
        {
            var keyword = (current.IsRecord, current.TypeKind) switch
            {
                (true, TypeKind.Struct) => "record struct",
                (true, _) => "record",
                (false, TypeKind.Struct) => "struct",
                (false, TypeKind.Interface) => "interface",
                _ => "class",
            };
            declarations.Insert(0, $"partial {keyword} {TypeNames.Escaped(current.Name)}");
            names.Insert(0, current.Name);
        }
        var space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        var hint = string.Join(".", space.Length == 0 ? names : [space.Replace("@", ""), .. names]);
        return new ContainerModel(space, new EquatableList<string>(declarations), hint, types.Library());
    }

    /// <summary>Overloads are told apart by a number.</summary>
    static string FieldName(IMethodSymbol method)
    {
        var overloads = method.ContainingType.GetMembers(method.Name).OfType<IMethodSymbol>().ToList();
        return overloads.Count == 1 ? method.Name : method.Name + (overloads.FindIndex(other => IsSame(other, method)) + 1);
    }

    static bool IsSame(IMethodSymbol left, IMethodSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);

    static string Signature(IMethodSymbol method, TypeNames types)
    {
        var parameters = method.Parameters.Select(parameter => $"{types.Of(parameter.Type)} {TypeNames.Escaped(parameter.Name)}");
        var self = method.IsExtensionMethod ? "this " : "";
        var accessibility = SyntaxFacts.GetText(method.DeclaredAccessibility);
        var returns = types.Of(method.ReturnType);
        return $"{accessibility} static partial {returns} {TypeNames.Escaped(method.Name)}({self}{string.Join(", ", parameters)})";
    }

    static string ReturnValueType(IMethodSymbol method, TypeNames types) =>
        method.ReturnType is INamedTypeSymbol { Arity: 1 } generic ? types.Of(generic.TypeArguments[0]) : "";

    static string DefaultName(IMethodSymbol method)
    {
        const string suffix = "Queries";
        var type = method.ContainingType.Name;
        var owner = type.Length > suffix.Length && type.EndsWith(suffix, StringComparison.Ordinal)
            ? type.Substring(0, type.Length - suffix.Length)
            : type;
        return $"{owner}.{method.Name}";
    }

    static object? Argument(AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value;
}
