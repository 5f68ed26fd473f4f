using System.Collections.Immutable;
using Edge.Data.Generator.Analysis;
using Edge.Data.Generator.Emit;
using Edge.Data.Generator.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Edge.Data.Generator;

/// <summary>
/// Writes the bodies of <c>[Sql]</c> methods.
/// <code>
/// method ── QueryAnalyzer ──┬─ models ──┬─ per class ── QueryWriter   → ProductQueries.g.cs
///                           │           └─ all ──────── CatalogWriter → SqlCatalog.g.cs
///                           └─ problems (with places) ─────────────── → diagnostics
/// </code>
/// Models hold no places and nothing of Roslyn, so typing above a query does not write its code again.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class SqlGenerator : IIncrementalGenerator
{
    internal const string AttributeName = "Edge.Data.SqlAttribute";

    // Names of steps, for the tests of caching.
    internal const string ModelsStep = "Models";
    internal const string ClassesStep = "Classes";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var analyses = context.SyntaxProvider.ForAttributeWithMetadataName(
            AttributeName, static (node, _) => node is MethodDeclarationSyntax, QueryAnalyzer.Analyze);

        context.RegisterSourceOutput(analyses, static (output, analysis) =>
        {
            foreach (var problem in analysis.Problems)
                output.ReportDiagnostic(Diagnostics.Of(problem));
        });

        var named = analyses
            .Where(static analysis => analysis.Model is not null)
            .Select(static (analysis, _) => (analysis.Model!.Name, analysis.Place))
            .Collect();
        context.RegisterSourceOutput(named, ReportDuplicates);

        var models = analyses
            .Select(static (analysis, _) => analysis.Model)
            .Where(static model => model is not null)
            .Select(static (model, _) => model!)
            .WithTrackingName(ModelsStep)
            .Collect();

        var classes = models.SelectMany(static (all, _) => ByClass(all)).WithTrackingName(ClassesStep);
        context.RegisterSourceOutput(classes, static (output, queries) =>
            output.AddSource(queries[0].Container.HintName + ".g.cs", QueryWriter.Write(queries[0].Container, queries)));

        var assemblyName = context.CompilationProvider.Select(static (compilation, _) => compilation.AssemblyName);
        var rootNamespace = context.AnalyzerConfigOptionsProvider.Combine(assemblyName)
            .Select(static (pair, _) =>
                pair.Left.GlobalOptions.TryGetValue("build_property.RootNamespace", out var value) ? value : pair.Right ?? "");
        context.RegisterSourceOutput(models.Combine(rootNamespace), static (output, pair) =>
        {
            if (pair.Left.Length > 0)
                output.AddSource("SqlCatalog.g.cs", CatalogWriter.Write(pair.Right, pair.Left));
        });
    }

    static IEnumerable<EquatableList<QueryModel>> ByClass(ImmutableArray<QueryModel> models) =>
        models.GroupBy(model => model.Container.HintName).Select(queries => new EquatableList<QueryModel>(queries));

    static void ReportDuplicates(SourceProductionContext output, ImmutableArray<(string Name, SourcePlace Place)> queries)
    {
        foreach (var later in queries.GroupBy(query => query.Name).SelectMany(same => same.Skip(1)))
            output.ReportDiagnostic(Diagnostic.Create(Diagnostics.DuplicateName, later.Place.ToLocation(), later.Name));
    }
}
