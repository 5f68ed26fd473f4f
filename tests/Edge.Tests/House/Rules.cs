using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Edge.Tests.House;

/// <summary>The house rules that a file can be checked for by itself. Each answers what breaks it, with the line.</summary>
static partial class Rules
{
    public const int FileLines = 400;

    public static IEnumerable<string> IsShort(SourceFile file)
    {
        var lines = file.Text.Count(static character => character == '\n');
        return file.IsCSharp && lines > FileLines ? [$"{file.Path}: {lines} lines, more than {FileLines}"] : [];
    }

    public static IEnumerable<string> HasPlainText(SourceFile file)
    {
        if (file.Text.Contains('\r'))
            yield return $"{file.Path}: a carriage return; lines end in LF";
        if (file.Text.StartsWith('\ufeff'))
            yield return $"{file.Path}: a byte order mark";
        if (file.Text.Length > 0 && !file.Text.EndsWith('\n'))
            yield return $"{file.Path}: no newline at its end";
    }

    public static IEnumerable<string> SaysWhatItIs(SourceFile file) =>
        file.IsCSharp ? Matches(file, file.Code, VagueName()).Concat(Matches(file, file.Path, VagueFile())) : [];

    public static IEnumerable<string> TakesTimeAsAParameter(SourceFile file) =>
        file.IsCSharp ? Matches(file, file.Code, WallClock()) : [];

    public static IEnumerable<string> NeverBlocks(SourceFile file) =>
        file.IsCSharp && file.IsIn("src") ? Matches(file, file.Code, Blocking()) : [];

    public static IEnumerable<string> WaitsForEvents(SourceFile file) =>
        file.IsCSharp && file.IsIn("tests") ? Matches(file, file.Code, Sleeping()) : [];

    public static IEnumerable<string> HidesNothing(SourceFile file) =>
        file.IsCSharp ? Matches(file, file.Code, Hiding()) : [];

    public static IEnumerable<string> IsFinished(SourceFile file) => Matches(file, file.Text, Unfinished());

    public static IEnumerable<string> IsOfNoMachine(SourceFile file) => Matches(file, file.Text, MachinePath()).Concat(Matches(
        file, file.Text, Registry()));

    /// <summary>Namespace = folder, so that a name tells where its file is. Only the compiler's own types are elsewhere.</summary>
    public static IEnumerable<string> LivesInItsNamespace(SourceFile file)
    {
        if (!file.IsCSharp || !(file.IsIn("src") || file.IsIn("tests")) || FileNamespace().Match(file.Code) is not { Success: true } declared)
            return [];
        if (declared.Groups[1].Value == "System.Runtime.CompilerServices")
            return [];
        var expected = file.Path[(file.Path.IndexOf('/') + 1)..file.Path.LastIndexOf('/')].Replace('/', '.');
        return declared.Groups[1].Value == expected ? [] : [$"{file.Path}: namespace {declared.Groups[1].Value}, its folder says {expected}"];
    }

    /// <summary>
    /// Inside of src/Edge: Http ← Health ← Hosting and Http ← Features ← Hosting. A feature is a stranger to its siblings; what two of them
    /// need goes down to Http. Only Hosting, which puts the parts together, says which adapter stands behind a port.
    /// </summary>
    public static IEnumerable<string> LooksDown(SourceFile file)
    {
        if (!file.IsCSharp || !file.IsIn("src/Edge") || file.IsIn("src/Edge/Hosting") || file.Path == "src/Edge/Program.cs")
            yield break;
        var parts = file.Path.Split('/');
        string[] forbidden = parts[2] switch
        {
            "Http" => ["Features", "Health", "Hosting"],
            "Health" => ["Features", "Hosting"],
            _ => ["Health", "Hosting"],
        };
        foreach (Match import in LayerName().Matches(file.Code))
        {
            var feature = import.Groups["feature"].Value;
            if (Array.IndexOf(forbidden, import.Groups["layer"].Value) >= 0 || (parts[2] == "Features" && feature.Length > 0 && feature != parts[3]))
                yield return At(file, file.Code, import);
        }
        foreach (Match adapter in Adapter().Matches(file.Code))
            yield return At(file, file.Code, adapter);
    }

    /// <summary>Which project of src may refer to which. Those of tests and bench may refer to all of src; src to none of them.</summary>
    public static IEnumerable<string> RefersDown(SourceFile file)
    {
        if (!file.IsIn("src") || !file.Path.EndsWith(".csproj", StringComparison.Ordinal))
            return [];
        string[] allowed = Path.GetFileNameWithoutExtension(file.Path) switch
        {
            "Edge" => ["Edge.Core", "Edge.Data", "Edge.Redis", "Edge.Prometheus", "Edge.Data.Generator"],
            "Edge.Data" => ["Edge.Core", "Edge.Data.Generator"],
            "Edge.Redis" => ["Edge.Core"],
            _ => [],
        };
        return XDocument.Parse(file.Text).Descendants("ProjectReference")
            .Select(static reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
            .Where(name => Array.IndexOf(allowed, name) < 0)
            .Select(name => $"{file.Path}: refers to {name}");
    }

    /// <summary>Two ways to refer to one project are two builds of it, at once, into one folder.</summary>
    public static IEnumerable<string> IsBuiltOneWay(SourceFile file) => NamesUnder(
        file, "ProjectReference", "is referred to with properties of its own, and so built twice at once", ["SetTargetFramework", "SetConfiguration", "SetPlatform", "AdditionalProperties", "Properties", "GlobalPropertiesToRemove", "UndefineProperties"]);

    /// <summary>The native compiler passes over methods that are told by name, without a word: nothing is left out then.</summary>
    public static IEnumerable<string> TrimsBySignature(SourceFile file) => file.Path.EndsWith("Trimming.xml", StringComparison.Ordinal)
        ? XDocument.Parse(file.Text).Descendants("method").Where(static method => method.Attribute("signature") is null)
            .Select(method => $"{file.Path}: {method.Attribute("name")?.Value} is told by name, and so not left out; write its signature")
        : [];

    public static IEnumerable<string> LeavesVersionsToTheCentre(SourceFile file) => NamesUnder(
        file, "PackageReference", "has a version of its own; Directory.Packages.props is the place", ["Version", "VersionOverride"]);

    static IEnumerable<string> NamesUnder(SourceFile file, string item, string what, string[] names) => file.Path.EndsWith(".csproj", StringComparison.Ordinal)
        ? XDocument.Parse(file.Text).Descendants(item)
            .Where(found => found.Attributes().Select(static attribute => attribute.Name)
                .Concat(found.Elements().Select(static element => element.Name))
                .Any(name => names.Contains(name.LocalName)))
            .Select(found => $"{file.Path}: {found.Attribute("Include")?.Value} {what}")
        : [];

    /// <summary>Links, and paths in backticks, lead somewhere. NNNN and X stand for what a reader would write there.</summary>
    public static IEnumerable<string> LeadsSomewhere(SourceFile file, Func<string, bool> exists)
    {
        if (!file.Path.EndsWith(".md", StringComparison.Ordinal))
            yield break;
        var folder = Path.GetDirectoryName(file.Path)!;
        foreach (Match link in Link().Matches(file.Text))
        {
            var target = link.Groups["path"].Value.Split('#')[0];
            if (target.Length > 0 && !target.Contains(':') && !exists(Path.Combine(folder, target)))
                yield return At(file, file.Text, link);
        }
        foreach (Match quoted in QuotedPath().Matches(file.Text))
            if (!Placeholder().IsMatch(quoted.Value) && !exists(quoted.Groups["path"].Value))
                yield return At(file, file.Text, quoted);
    }

    static IEnumerable<string> Matches(SourceFile file, string text, Regex pattern) => pattern.Matches(text).Select(match => At(
        file, text, match));

    static string At(SourceFile file, string text, Match match) =>
        $"{file.Path}:{text.AsSpan(0, match.Index).Count('\n') + 1}: {match.Value.Trim()}";

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+\w*(Utils?|Helpers?|Common|Managers?|Extensions)\b")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"(Utils?|Helpers?|Common|Managers?|Extensions)(\.cs$|/)")]
    private static partial Regex VagueFile();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"\bThread\.Sleep\b|\.Result\b(?!\s*=[^=])|\.Wait\(\)|\.GetAwaiter\(\)\.GetResult\(\)")]
    private static partial Regex Blocking();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\((?!.*[,\s](clock|time)\b)|\bSpinWait\b")]
    private static partial Regex Sleeping();

    [GeneratedRegex(@"#pragma\s+warning\s+disable|\bSkip\s*=|\bNotImplementedException\b|\bdynamic\s+\w+\s*[=;]")]
    private static partial Regex Hiding();

    [GeneratedRegex(@"\b(TOD[O]|FIXM[E]|HAC[K])\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.$}])/(root|work|home|Users)/\w[^\s""']*")]
    private static partial Regex MachinePath();

    [GeneratedRegex(
        @"\b(api\.)?nuget\.org\b|\bnpmjs\.(org|com)\b|\bpypi\.org\b|\bproxy\.golang\.org\b|https?://[^\s""']*/(v3/index\.json|simple/)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Registry();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex FileNamespace();

    [GeneratedRegex(@"(?<![\w.])(Edge\.)?((?<layer>Features)\.(?<feature>\w+)|(?<layer>Health|Hosting)(\.|;))")]
    private static partial Regex LayerName();

    [GeneratedRegex(@"\bnew\s+(Database|Migrator|Seeder|RedisClient|RedisConnection)\(")]
    private static partial Regex Adapter();

    [GeneratedRegex(@"\[[^\]]*\]\((?<path>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("NNNN|/X[A-Z]")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"`(?<path>(?:src|tests|docs|bench)/[\w./-]+)`")]
    private static partial Regex QuotedPath();
}
