using System.Text.RegularExpressions;
using Edge.Hosting;
using Microsoft.Extensions.Configuration;

namespace Edge.Tests.House;

/// <summary>
/// The house rules, held against every file. Each rule is proved on bad samples first: a rule that catches nothing would pass for ever.
/// </summary>
public sealed partial class TidyTests
{
    delegate IEnumerable<string> Rule(SourceFile file);

    [Fact]
    public void A_file_has_at_most_400_lines() => Holds(
        Rules.IsShort,
        bad: [new("src/Edge/A.cs", new('\n', 401))],
        good: [new("src/Edge/A.cs", new('\n', 400)), new("dev", new('\n', 900))]);

    [Fact]
    public void Text_is_plain() => Holds(
        Rules.HasPlainText,
        bad: [new("a.md", "a\r\n"), new("a.md", "\ufeffa\n"), new("a.md", "a")],
        good: [new("a.md", "a\n"), new("empty", "")]);

    [Fact]
    public void A_name_says_what_a_thing_is() => Holds(
        Rules.SaysWhatItIs,
        bad:
        [
            Code("static class StringUtils;"), Code("record CacheManager(int a);"), Code("static class HttpExtensions {"), Code("enum Common {"),
            new("src/Edge/Helpers/A.cs", ""), new("src/Edge/TimeHelper.cs", ""),
        ],
        good: [Code("class Uncommon; class CommonPrefix; // class Helper"), new("src/Edge/Extension.cs", "")]);

    [Fact]
    public void Time_is_a_parameter() => Holds(
        Rules.TakesTimeAsAParameter,
        bad: [Code("var a = DateTime.UtcNow;"), Code("var a = DateTimeOffset.Now;"), Code("a = System.DateTime.Today;")],
        good: [Code("clock.GetUtcNow(); // not DateTime.UtcNow"), Code("DateTime.UnixEpoch")]);

    [Fact]
    public void Nothing_blocks_a_thread() => Holds(
        Rules.NeverBlocks,
        bad: [Code("Thread.Sleep(5);"), Code("return task.Result;"), Code("task.Wait();"), Code("a().GetAwaiter().GetResult();")],
        good: [Code("await task; outcome.Results; new() { Result = 1 }; gate.Wait(token);"), new("tests/A/A.cs", "task.Result")]);

    [Fact]
    public void A_test_waits_for_an_event_not_for_the_clock() => Holds(
        Rules.WaitsForEvents,
        bad: [new("tests/A/A.cs", "await Task.Delay(100);"), new("tests/A/A.cs", "Thread.Sleep(5);")],
        good: [Code("await Task.Delay(delay, clock);"), new("tests/A/A.cs", "await signal; // instead of Task.Delay(5)"), new("tests/A/A.cs", "Task.Delay(TimeSpan.FromSeconds(1), clock, cancelled)")]);

    [Fact]
    public void No_warning_and_no_test_is_switched_off() => Holds(
        Rules.HidesNothing,
        bad:
        [
            Code("#pragma warning disable CS1591"), Code("[Fact(Skip = \"later\")]"), Code("throw new NotImplementedException();"),
            Code("dynamic a = 1;")
        ],
        good: [Code("rows.Skip(1); skip == 1")]);

    [Fact]
    public void Nothing_is_left_for_later() => Holds(
        Rules.IsFinished,
        bad: [Code("// TO" + "DO: more"), new("a.md", "a HA" + "CK"), new("dev", "# FIX" + "ME")],
        good: [Code("// to do; hackneyed")]);

    [Fact]
    public void No_file_knows_this_machine_or_where_packages_come_from() => Holds(
        Rules.IsOfNoMachine,
        bad:
        [
            new("dev", "cd /ro" + "ot/edge"), new("a.md", "(/ho" + "me/ann/a)"),
            new("a.props", "<a>https://feed.example/v3/ind" + "ex.json</a>"), new("a.md", "from nuget" + ".org")
        ],
        good: [new("a.md", "a/home/b, /api/home, $PLACE/work/a, /homepage")]);

    [Fact]
    public void A_namespace_is_a_folder() => Holds(
        Rules.LivesInItsNamespace,
        bad:
        [
            new("src/Edge/Http/A.cs", "namespace Edge.Hosting;"),
            new("src/Edge.Data/Seeding/Tables/A.cs", "namespace Edge.Data.Seeding;")
        ],
        good: [new("src/Edge.Data/Seeding/A.cs", "namespace Edge.Data.Seeding;"), new("src/Edge/Program.cs", "return 0;")]);

    [Fact]
    public void Parts_of_the_service_look_down_only() => Holds(
        Rules.LooksDown,
        bad:
        [
            new("src/Edge/Http/A.cs", "using Edge.Features.Users;"), new("src/Edge/Http/A.cs", "using Edge.Hosting;"), new(
                "src/Edge/Http/A.cs", "using Edge.Health;"),
            new("src/Edge/Health/A.cs", "Hosting.EdgeVersion.Text"), new("src/Edge/Features/Users/A.cs", "using Edge.Features.Blogs;"),
            new("src/Edge/Features/Users/A.cs", "using Edge.Hosting;"), new(
                "src/Edge/Features/Users/A.cs", "var a = new Database(options);"),
        ],
        good:
        [
            new("src/Edge/Features/Users/A.cs", "namespace Edge.Features.Users; using Edge.Http; using Edge.Data;"), new(
                "src/Edge/Hosting/A.cs", "using Edge.Features.Users; new Database(a)"),
            new("src/Edge/Http/A.cs", "using Microsoft.Extensions.Hosting; // Edge.Hosting;"),
        ]);

    [Fact]
    public void Projects_refer_one_way() => Holds(
        Rules.RefersDown,
        bad:
        [
            Project("Edge.Data", "../Edge.Redis/Edge.Redis.csproj"), Project("Edge.Redis", "../Edge.Data/Edge.Data.csproj"),
            Project("Edge.Core", "../Edge.Data/Edge.Data.csproj"), Project("Edge", "../../tests/Edge.Testing/Edge.Testing.csproj")
        ],
        good: [Project("Edge", "../Edge.Data/Edge.Data.csproj"), Project("Edge.Data", "../Edge.Core/Edge.Core.csproj"), new("tests/A/A.csproj", Project("A", "../../src/Edge/Edge.csproj").Text)]);

    [Fact]
    public void A_project_is_built_one_way() => Holds(
        Rules.IsBuiltOneWay,
        bad:
        [
            new("tests/A/A.csproj", "<ProjectReference Include=\"../B.csproj\" SetTargetFramework=\"TargetFramework=net10.0\" />"),
            new("src/A/A.csproj", "<ProjectReference Include=\"../B.csproj\"><AdditionalProperties>A=1</AdditionalProperties></ProjectReference>"),
        ],
        good: [Project("Edge", "../Edge.Data/Edge.Data.csproj")]);

    [Fact]
    public void What_is_left_out_of_the_binary_is_told_by_signature() => Holds(
        Rules.TrimsBySignature,
        bad: [new("src/Edge/Trimming.xml", "<linker><assembly><type><method name=\"Run\" /></type></assembly></linker>")],
        good: [new("src/Edge/Trimming.xml", "<linker><assembly><type><method signature=\"System.Void Run()\" /></type></assembly></linker>")]);

    [Fact]
    public void Package_versions_stand_in_one_place() => Holds(
        Rules.LeavesVersionsToTheCentre,
        bad: [Package("Version=\"1.0\""), Package("VersionOverride=\"1.0\"")],
        good: [Package("PrivateAssets=\"all\"")]);

    [Fact]
    public void What_a_document_points_at_is_there() => Holds(
        static file => Rules.LeadsSomewhere(file, Exists),
        bad:
        [
            new("docs/a.md", "[a](missing.md)"), new("a.md", "see `src/Missing/`"), new("a.md", "`tests/Missing.cs`"),
            new("docs/a.md", "[a](../missing/b.md#part)")
        ],
        good: [new("docs/a.md", "[a](settings.md), [b](../Edge.sln#top), [c](https://example.org/x), [d](#here), `src/Edge/Http`, `src/{name}/A.cs`, `docs/NNNN_a.md`, `src/XQueries.cs`")]);

    [Fact]
    public void Every_setting_is_documented_and_every_documented_one_is_read()
    {
        // Some are read only where others ask for it.
        var source = new SettingsSource(new ConfigurationBuilder()
            .AddInMemoryCollection([new("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector"), new("OTEL_METRICS_EXPORTER", "otlp")]).Build());
        SettingsReader.Read(source);
        Assert.Equal(
            source.Known.Order(StringComparer.Ordinal),
            Documented(Checkout.Files.Single(static file => file.Path == "docs/settings.md").Text));
        Assert.Equal(["A_B", "C", "D"], Documented("| key | what |\n|---|---|\n| `C` `A_B` | not `X` |\n| `D` | |\n\n`E`\n"));
    }

    /// <summary>The keys in the first column of the table.</summary>
    static IEnumerable<string> Documented(string document) => FirstColumn().Matches(document)
        .SelectMany(static row => Key().Matches(row.Value))
        .Select(static key => key.Groups[1].Value)
        .Order(StringComparer.Ordinal);

    static void Holds(Rule rule, SourceFile[] bad, SourceFile[] good)
    {
        Assert.All(bad, sample => Assert.NotEmpty(rule(sample)));
        Assert.All(good, sample => Assert.Empty(rule(sample)));
        var broken = Checkout.Files.SelectMany(file => rule(file)).ToList();
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    static SourceFile Code(string code) => new("src/Edge/Http/A.cs", code);

    static SourceFile Project(string name, string reference) => new(
        $"src/{name}/{name}.csproj", $"<Project><ItemGroup><ProjectReference Include=\"{reference}\" /></ItemGroup></Project>");

    static SourceFile Package(string attribute) => new(
        "src/Edge/Edge.csproj", $"<Project><ItemGroup><PackageReference Include=\"Npgsql\" {attribute} /></ItemGroup></Project>");

    static bool Exists(string path) => Path.Exists(Path.Combine(Checkout.Root, path));

    [GeneratedRegex(@"^\| [^|]*\|", RegexOptions.Multiline)]
    private static partial Regex FirstColumn();

    [GeneratedRegex("`([A-Z_]+)`")]
    private static partial Regex Key();
}
