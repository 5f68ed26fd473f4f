using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Micro;

const string help = """
    Edge.Micro [--check] [--rounds N]   time per hit of the in-process cache, beside what it is compared with

    Rounds of all scenarios alternate, so that a busy machine disturbs them alike. Shown are the least and the
    median over the rounds, in nanoseconds per operation; with two threads, how much more they do than one.
    --check     one short round each, for compile checks
    --rounds N  default 1000 (some 10 s)
    """;

if (args.Contains("--help"))
{
    Console.WriteLine(help);
    return 0;
}
var rounds = 1000;
if (args.Contains("--check")) rounds = 1;
else if (args is ["--rounds", var number] && int.TryParse(number, CultureInfo.InvariantCulture, out var given) && given > 0) rounds = given;
else if (args.Length > 0)
{
    Console.Error.WriteLine(help);
    return 2;
}

var kind = RuntimeFeature.IsDynamicCodeSupported ? "JIT" : "AOT";
Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {kind}, {Environment.ProcessorCount} processors");
return Measurement.Run([.. HitScenarios.All(), .. LookupScenarios.All()], rounds, Console.Out);
