using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Edge.Data.Generator.Tests;

/// <summary>The generator, run by the compiler over one source text.</summary>
internal sealed class GeneratorRun
{
    static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);

    // What ImplicitUsings gives to every project of the solution.
    static readonly SyntaxTree Usings = CSharpSyntaxTree.ParseText(
        "global using System; global using System.Collections.Generic; global using System.Threading; global using System.Threading.Tasks;",
        Language, "Usings.cs");

    GeneratorDriver driver;
    CSharpCompilation compilation;

    GeneratorRun(string source)
    {
        compilation = CSharpCompilation.Create(
            "Sample", [Usings, Parse(source)], References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        driver = CSharpGeneratorDriver.Create(
            [new SqlGenerator().AsSourceGenerator()], parseOptions: Language,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        Run();
    }

    public GeneratorRunResult Result => driver.GetRunResult().Results[0];

    public IEnumerable<Diagnostic> Problems =>
        Result.Diagnostics.OrderBy(problem => problem.Location.SourceSpan.Start).ThenBy(problem => problem.Id);

    public static GeneratorRun Of(string source) => new(source);

    /// <summary>Compiles the changed source with the same driver, as an editor does.</summary>
    public void Edit(string source)
    {
        compilation = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[1], Parse(source));
        Run();
    }

    /// <summary>Adds a file that has nothing to do with queries.</summary>
    public void AddFile(string source)
    {
        compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, Language, "Other.cs"));
        Run();
    }

    /// <summary>All generated files in one text.</summary>
    public string Output()
    {
        var text = new StringBuilder();
        foreach (var file in Result.GeneratedSources.OrderBy(file => file.HintName == "SqlCatalog.g.cs").ThenBy(file => file.HintName))
            text.Append(CultureInfo.InvariantCulture, $"// ======== {file.HintName}\n").Append(file.SourceText);
        return text.ToString();
    }

    /// <summary>What the generator reported, one per line, with its place counted from 1.</summary>
    public string Reported() => string.Concat(Problems.Select(problem =>
    {
        var place = problem.Location.GetLineSpan().StartLinePosition;
        var message = problem.GetMessage(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{problem.Id} {place.Line + 1}:{place.Character + 1} {message}\n");
    }));

    /// <summary>What the compiler has to say about source and generated code together.</summary>
    public IEnumerable<string> CompilerComplaints()
    {
        driver.RunGeneratorsAndUpdateCompilation(compilation, out var whole, out _, CancellationToken.None);
        return whole.GetDiagnostics(CancellationToken.None)
            .Where(problem => problem.Severity >= DiagnosticSeverity.Warning).Select(problem => problem.ToString());
    }

    void Run() => driver = driver.RunGenerators(compilation, CancellationToken.None);

    static SyntaxTree Parse(string source) =>
        CSharpSyntaxTree.ParseText(SourceText.From(source, Encoding.UTF8), Language, "Sample.cs");
}
