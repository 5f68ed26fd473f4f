using Edge.Core.Basics;
using Edge.Replay;
using Edge.Replay.Commands;
using Edge.Replay.Traces;

if (args.Any(arg => arg is "--help" or "-h" or "help"))
{
    Console.WriteLine(ReplayOptions.Help);
    return 0;
}
var (options, error) = ReplayOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine($"replay: {error}; --help shows what is.");
    return 2;
}
if (options.Command == "flood")
{
    FloodCommand.Run(options.BudgetsBytes[0], options.Times, Console.Out);
    return 0;
}
var (noColor, terminal) = (Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM"));
var style = Progress.StyleFor(Console.IsErrorRedirected, noColor, terminal);
try
{
    var rows = ReplayCommand.Run(Traces(options), options.BudgetsBytes, new Progress(Console.Error, TimeProvider.System, style));
    Console.Write(Report.Table(rows));
    if (options.MarkdownPath is { } path)
        File.WriteAllText(path, Report.Page(rows, $"replay {string.Join(' ', args)}", TimeProvider.System.GetUtcNow()));
    return 0;
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
{
    Console.Error.WriteLine($"replay: {failure.Message}");
    return 1;
}

static IEnumerable<Trace> Traces(ReplayOptions options)
{
    if (options.TracePath is { } path)
    {
        using var reader = path == "-" ? Console.In : new StreamReader(path);
        yield return TraceReader.Read(reader, Path.GetFileName(path), options.Format, options.SizeBytes, options.Requests);
        yield break;
    }
    foreach (var name in options.Synthetic) yield return SyntheticTraces.Make(name, options.Requests, options.Seed);
}
