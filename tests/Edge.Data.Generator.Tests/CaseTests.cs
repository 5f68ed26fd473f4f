using System.Text.RegularExpressions;

namespace Edge.Data.Generator.Tests;

/// <summary>
/// Pairs of files in Cases: NAME.input.cs is given to the generator, which must write NAME.output.cs and report
/// NAME.diagnostics.txt (no file: nothing). With APPROVE=1 the tests write what they found instead of comparing.
/// </summary>
public sealed partial class CaseTests
{
    const string InputEnding = ".input.cs";

    static readonly string Folder = Path.Combine(Sources.Root, "tests", "Edge.Data.Generator.Tests", "Cases");
    static readonly bool IsApproving = Environment.GetEnvironmentVariable("APPROVE") == "1";

    public static TheoryData<string> Cases() =>
        [.. Directory.EnumerateFiles(Folder, "*" + InputEnding).Select(path => Path.GetFileName(path)[..^InputEnding.Length]).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_generator_makes_of_the_input_what_was_approved(string name)
    {
        var run = GeneratorRun.Of(File.ReadAllText(PathOf(name + InputEnding)));

        Check(name + ".diagnostics.txt", run.Reported());
        Check(name + ".output.cs", run.Output());
        // A query with a mistake has no body, of which the compiler complains too.
        if (!run.Problems.Any())
            Assert.Equal([], run.CompilerComplaints());
    }

    [Fact]
    public void Every_diagnostic_has_a_case()
    {
        var reported = Directory.EnumerateFiles(Folder, "*.diagnostics.txt")
            .SelectMany(path => DiagnosticId().Matches(File.ReadAllText(path)));
        Assert.Equal(Diagnostics.All.Select(diagnostic => diagnostic.Id).Order(), reported.Select(match => match.Value).Distinct().Order());
    }

    [Fact]
    public void Every_diagnostic_has_a_page_with_its_title()
    {
        foreach (var diagnostic in Diagnostics.All)
        {
            var page = File.ReadAllText(Path.Combine(Sources.Root, diagnostic.HelpLinkUri));
            Assert.StartsWith($"# {diagnostic.Id}: {diagnostic.Title}\n", page, StringComparison.Ordinal);
        }
    }

    static void Check(string file, string actual)
    {
        var path = PathOf(file);
        if (!IsApproving)
            Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "", actual);
        else if (actual.Length == 0)
            File.Delete(path);
        else
            File.WriteAllText(path, actual);
    }

    static string PathOf(string file) => Path.Combine(Folder, file);

    [GeneratedRegex("^EDGE[0-9]{3}", RegexOptions.Multiline)]
    private static partial Regex DiagnosticId();
}
