using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Micro;

const string help = """
    Edge.Micro [--check] [--rounds N]   time per hit of the in-process cache, beside what it is compared with

    Rounds of all scenarios alternate, so that a busy machine disturbs them alike. Shown are the 10th percentile and
    the median over the rounds, in nanoseconds per operation; with two threads, how much more they do than one.
    --check     one short round each, for compile checks
    --rounds N  default 300 (some 20 s)
    """;

if (args.Contains("--help"))
{
    Console.WriteLine(help);
    return 0;
}
var rounds = 300;
if (args.Contains("--check")) rounds = 1;
else if (Array.IndexOf(args, "--rounds") is var at and >= 0 && at + 1 < args.Length) rounds = int.Parse(args[at + 1], CultureInfo.InvariantCulture);

var kind = RuntimeFeature.IsDynamicCodeSupported ? "JIT" : "AOT";
Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {kind}, {Environment.ProcessorCount} processors");
return Measurement.Run(LookupScenarios.All(), rounds, Console.Out);
