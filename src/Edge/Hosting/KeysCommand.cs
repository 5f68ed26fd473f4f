using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Edge.Data;
using Edge.Features.ApiKeys;
using Edge.Http;

namespace Edge.Hosting;

/// <summary>
/// <c>edge keys</c>: makes, lists and revokes API keys. A new key is printed once, alone on standard output, so that it can be piped to where it
/// is kept; what is for people goes to standard error. No other output holds a key, mistakes on the command line included.
/// </summary>
internal static class KeysCommand
{
    public const string Help = """
        edge keys - keys of programs that call the API, sent as X-API-Key

          create --name NAME [--plan PLAN]
                          make a key and print it, this once: it is not stored
                            --name  who uses it, for the list: 1 to 80 characters
                            --plan  its limits, by their name in the settings
                                    (default: standard)
          list            all keys, revoked ones too, by how they begin
          revoke ID|PREFIX
                          end a key on all instances, within moments and for good;
                          PREFIX is how it begins, as listed

        The key is on standard output, everything else on standard error.

        examples:
          edge keys create --name "Till 3"
          edge keys create --name ci --plan batch | pass insert -e edge/ci
          edge keys list
          edge keys revoke edge_Xb3kP0q

        To replace a key that is in use: create a second one, hand it over, and
        revoke the first when its user has changed. docs/api-keys.md has more.

        Exit codes: 0 done, 1 failed (no such key, the database is away), 64 wrong
        command line, 130 interrupted.
        """;

    public static async Task<int> Run(DatabaseOptions options, LimitSettings limits, string[] arguments, CancellationToken cancelled)
    {
        try
        {
            await using var database = new Database(options);
            return arguments switch
            {
                ["create", .. var rest] => await Create(database, limits, rest, cancelled),
                ["list"] => await List(database, cancelled),
                ["list", var extra, ..] => Refuse($"list takes no {Shown(extra)}"),
                ["revoke", var which] => await Revoke(database, which, cancelled),
                ["revoke"] => Refuse("revoke needs the ID or PREFIX of a key; edge keys list has both"),
                ["revoke", _, var extra, ..] => Refuse($"revoke takes one key, and there is {Shown(extra)} too"),
                [var other, ..] => Refuse($"there is no {Shown(other)}; there are create, list and revoke"),
                [] => Refuse("what is to be done is missing: create, list or revoke"),
            };
        }
        catch (Exception failure) when (DatabaseFailures.Classify(failure) is var kind and not DatabaseFailure.Other)
        {
            return Fail(kind == DatabaseFailure.Schema ? "the database has no table for keys yet: run `edge migrate` first" : $"the database does not answer: {DatabaseFailures.Reason(failure)}");
        }
    }

    static async Task<int> Create(Database database, LimitSettings limits, string[] arguments, CancellationToken cancelled)
    {
        string? name = null;
        var plan = ApiKeyRules.DefaultPlan;
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (arguments[i] is not ("--name" or "--plan"))
                return Refuse($"create has no {Shown(arguments[i])}; there are --name and --plan");
            if (i + 1 == arguments.Length)
                return Refuse($"{arguments[i]} needs a value");
            if (arguments[i] == "--name")
                name = arguments[i + 1].Trim();
            else
                plan = arguments[i + 1];
        }
        if (name is null)
            return Refuse("--name is missing: who uses the key, as in --name \"Till 3\"");
        if (new BodyCheck().KeyName(name).Plan(plan).Problem is { } invalid)
            return Refuse(string.Join("; ", invalid.Errors.Select(static error => $"--{error.Field} {error.Text}")));

        var key = ApiKeyText.New();
        var hash = new byte[SHA256.HashSizeInBytes];
        ApiKeyText.TryHash(key, hash);
        var made = await ApiKeyQueries.Insert(database, name, key[..ApiKeyText.PrefixChars], hash, plan, cancelled);
        Console.Out.WriteLine(key);
        // The instances' settings need not be at hand where keys are made, so any plan is taken. A slip of the pen should show all the same.
        var doubt = Array.Exists(limits.Plans, known => known.Name == plan)
            ? "" : $"; EDGE_LIMIT_PLANS has no {plan} here: instances where it has none either limit the key as {LimitSettings.StandardPlan}";
        return Tell($"made key {Number(made.Id)} ({made.Prefix}…) for {made.Name} with plan {made.Plan}; it is not shown again{doubt}");
    }

    static async Task<int> List(Database database, CancellationToken cancelled)
    {
        var keys = await ApiKeyQueries.All(database, cancelled);
        if (keys.Count == 0)
            return Tell("there is no key yet; edge keys create --name NAME makes one");
        var (idChars, planChars) = (2, 4);
        foreach (var key in keys)
            (idChars, planChars) = (Math.Max(idChars, Number(key.Id).Length), Math.Max(planChars, key.Plan.Length));
        // The name comes last: it may have spaces in it.
        var table = new StringBuilder();
        void Row(string id, string prefix, string plan, string created, string revoked, string name) => table
            .Append(id.PadLeft(idChars)).Append("  ").Append(prefix.PadRight(ApiKeyText.PrefixChars)).Append("  ").Append(plan.PadRight(planChars)).Append("  ")
            .Append(created.PadRight(DateChars)).Append("  ").Append(revoked.PadRight(DateChars)).Append("  ").Append(name).Append('\n');
        Row("ID", "PREFIX", "PLAN", "CREATED (UTC)", "REVOKED (UTC)", "NAME");
        foreach (var key in keys)
            Row(Number(key.Id), key.Prefix, key.Plan, Date(key.CreatedAt), key.RevokedAt is { } at ? Date(at) : "-", key.Name);
        Console.Out.Write(table);
        return EdgeCommand.Success;
    }

    static async Task<int> Revoke(Database database, string which, CancellationToken cancelled)
    {
        List<ListedApiKey> found;
        if (long.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            found = await ApiKeyQueries.ById(database, id, cancelled);
        // A whole key too: whoever found one where it should not be has nothing else at hand.
        else if (which.Length is ApiKeyText.PrefixChars or ApiKeyText.Chars && which.StartsWith("edge_", StringComparison.Ordinal))
            found = await ApiKeyQueries.ByPrefix(database, which[..ApiKeyText.PrefixChars], cancelled);
        else
            return Refuse($"{Shown(which)} is neither an ID nor a PREFIX as edge keys list shows them: 42, or edge_ and 7 more characters");

        if (found.Count == 0)
            return Fail($"there is no key {Shown(which)}; edge keys list shows those that there are");
        if (found.Count > 1)
            return Fail($"several keys begin with {Shown(which)}; revoke it by its ID: {string.Join(' ', found.Select(static key => Number(key.Id)))}");
        var key = found[0];
        var told = $"key {Number(key.Id)} ({key.Prefix}…) of {key.Name}";
        return await ApiKeyQueries.Revoke(database, key.Id, cancelled) == 1
            ? Tell($"revoked {told}")
            : Tell($"{told} was revoked already{(key.RevokedAt is { } at ? $", {Date(at)} UTC" : "")}");
    }

    const int DateChars = 16;

    static string Date(DateTime time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);

    /// <summary>What was typed, but never a whole key.</summary>
    static string Shown(string argument) =>
        argument.Contains("edge_", StringComparison.Ordinal) && argument.Length > ApiKeyText.PrefixChars ? argument[..ApiKeyText.PrefixChars] + "…" : argument;

    static int Refuse(string problem)
    {
        Console.Error.WriteLine($"edge: keys: {problem}. Try: edge keys --help");
        return EdgeCommand.Usage;
    }

    static int Fail(string problem)
    {
        Console.Error.WriteLine("edge keys: " + problem);
        return EdgeCommand.Failure;
    }

    static int Tell(string text)
    {
        Console.Error.WriteLine("edge keys: " + text);
        return EdgeCommand.Success;
    }
}
