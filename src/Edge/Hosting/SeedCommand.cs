using System.Globalization;
using Edge.Core.Basics;
using Edge.Data;
using Edge.Data.Seeding;

namespace Edge.Hosting;

/// <summary><c>edge seed</c>: progress on standard error, the outcome on standard output.</summary>
internal static class SeedCommand
{
    public static async Task<int> Run(DatabaseOptions database, string[] arguments, CancellationToken cancelled)
    {
        if (!TryRead(arguments, out var options, out var problem))
            return EdgeCommand.Refuse("seed: " + problem);

        var style = Progress.StyleFor(Console.IsErrorRedirected, Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM"));
        await using var source = Database.SessionSource(database);
        var result = await new Seeder(source, new(Console.Error, TimeProvider.System, style), TimeProvider.System).Run(options, cancelled);
        (result.Succeeded ? Console.Out : Console.Error).WriteLine("edge seed: " + result.Message);
        return result.Outcome switch
        {
            SeedOutcome.InvalidOptions => EdgeCommand.Usage,
            SeedOutcome.NotEmpty or SeedOutcome.SeededDifferently => EdgeCommand.HoldsData,
            _ => result.Succeeded ? EdgeCommand.Success : EdgeCommand.Failure,
        };
    }

    internal static bool TryRead(string[] arguments, out SeedOptions options, out string problem)
    {
        (options, problem) = (new(), "");
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var name = arguments[i];
            if (i + 1 == arguments.Length)
            {
                problem = $"{name} needs a value";
                return false;
            }
            var text = arguments[i + 1];
            if (name == "--as-of")
            {
                if (!DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day))
                {
                    problem = $"--as-of is '{text}': write a day as in 2026-11-21";
                    return false;
                }
                options = options with { AsOf = day };
                continue;
            }
            if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                problem = $"{name} is '{text}': write a whole number";
                return false;
            }
            if (With(options, name, number) is not { } changed)
            {
                problem = $"there is no {name}; there are --users --products --categories --orders --posts --stories --opportunities --seed --as-of";
                return false;
            }
            options = changed;
        }
        return true;
    }

    static SeedOptions? With(SeedOptions options, string name, int number) => name switch
    {
        "--users" => options with { Users = number },
        "--products" => options with { Products = number },
        "--categories" => options with { Categories = number },
        "--orders" => options with { Orders = number },
        "--posts" => options with { Posts = number },
        "--stories" => options with { Stories = number },
        "--opportunities" => options with { Opportunities = number },
        "--seed" => options with { Seed = number },
        _ => null,
    };
}
