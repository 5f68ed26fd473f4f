using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Micro;

const string help = """
    Edge.Micro [--check] [--rounds N] [--budgets FILE]   time per operation of the hot paths, beside what they are compared with

    Rounds of all scenarios alternate, so that a busy machine disturbs them alike. Shown are the least and the
    median over the rounds, in nanoseconds per operation; with two threads, how much more they do than one.
    --check         one short round each, for compile checks
    --rounds N      default 1000 (some 10 s)
    --budgets FILE  bench/budgets.json: exit 1 if what stands there is exceeded
    """;

if (args.Contains("--help"))
{
    Console.WriteLine(help);
    return 0;
}
var rounds = 1000;
LimiterBudgets? budgets = null;
string? budgetsPath = null;
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--check")
    {
        rounds = 1;
    }
    else if (args[i] == "--rounds" && i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var given) && given > 0)
    {
        rounds = given;
        i++;
    }
    else if (args[i] == "--budgets" && i + 1 < args.Length)
    {
        budgetsPath = args[++i];
        budgets = LimiterBudgets.Read(budgetsPath);
    }
    else
    {
        Console.Error.WriteLine(help);
        return 2;
    }
}

var kind = RuntimeFeature.IsDynamicCodeSupported ? "JIT" : "AOT";
Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {kind}, {Environment.ProcessorCount} processors");
// First: what the others leave in the process would hide some of what a table of keys adds.
var isTooLarge = LimiterMemory.Print(budgets, Console.Out);
var isTooDear = ScrapeCost.Print(budgetsPath, rounds, Console.Out);
Scenario[] scenarios = [.. LimitScenarios.All(), .. LatencyScenarios.All(), .. HitScenarios.All(), .. LookupScenarios.All()];
return isTooLarge | isTooDear | Measurement.Run(scenarios, rounds, budgetsPath is null ? null : OperationBudget.Read(budgetsPath), Console.Out);
