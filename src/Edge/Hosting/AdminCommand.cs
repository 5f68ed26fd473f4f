using Edge.Data;
using Edge.Features.Accounts;
using Edge.Http;

namespace Edge.Hosting;

/// <summary>
/// <c>edge admin create</c>: makes the first admin, whom nobody could make by the API. The password never stands on a command line, where
/// every process of the machine can read it: it is asked for on a terminal, unseen, or read from standard input.
/// </summary>
internal static class AdminCommand
{
    public const string Help = """
        edge admin create - make an account that may do everything

          --email ADDRESS   of the account
          --username NAME   of a new account: 3 to 30 characters of a-z, 0-9 and _
          --raise           give the rights to the account that has this email
                            already; its password and name stay as they are

        The password is asked for on a terminal. From a script, pipe one line in.

        examples:
          edge admin create --email ada@example.com --username ada
          pass show edge/ada | edge admin create --email ada@example.com --username ada
          edge admin create --email ada@example.com --raise

        Exit codes: 0 done, 1 failed (the account exists, the database is away), 64
        wrong command line or password, 130 interrupted.
        """;

    sealed record Arguments(string Email, string? Username, bool IsRaise);

    public static async Task<int> Run(DatabaseOptions options, string[] arguments, CancellationToken cancelled)
    {
        if (!TryRead(arguments, out var asked, out var problem))
            return Refuse(problem);
        var check = new BodyCheck().Email(asked.Email);
        if (asked.Username is not null)
            check.Username(asked.Username);
        if (check.Problem is { } invalid)
            return Refuse("--" + Text(invalid));
        try
        {
            await using var database = new Database(options);
            return asked.IsRaise ? await Raise(database, asked, cancelled) : await Create(database, asked, cancelled);
        }
        catch (Exception failure) when (DatabaseFailures.Classify(failure) is var kind and not DatabaseFailure.Other)
        {
            return Fail(kind == DatabaseFailure.Schema ? "the database has no tables yet: run `edge migrate` first" : $"the database does not answer: {DatabaseFailures.Reason(failure)}");
        }
    }

    static async Task<int> Raise(Database database, Arguments asked, CancellationToken cancelled)
    {
        if (await AccountQueries.SetRole(database, asked.Email, Role.Admin, cancelled) is not { } account)
            return Fail($"no account has the email {asked.Email}; leave --raise out to make one");
        return Done($"{account.Username} <{account.Email}> is an admin now");
    }

    static async Task<int> Create(Database database, Arguments asked, CancellationToken cancelled)
    {
        // What reads the console waits for keys or lines, and for no signal.
        var password = await Task.Run(static () => Console.IsInputRedirected ? Console.In.ReadLine() : Prompt(), CancellationToken.None).WaitAsync(cancelled);
        if (password is null)
            return Console.IsInputRedirected ? Refuse("there is no password on standard input; pipe one line in") : Interrupted();
        if (new BodyCheck().Password(password).Problem is { } invalid)
            return Refuse("the " + Text(invalid));
        try
        {
            var account = await AccountQueries.Insert(database, asked.Email, asked.Username!, Role.Admin, PasswordHashes.Of(password), cancelled);
            return Done($"made the admin {account.Username} <{account.Email}>");
        }
        catch (Exception failure) when (AccountQueries.Taken(failure) is { } field)
        {
            return Fail($"this {field} is taken; to raise the account that has {asked.Email}: edge admin create --email {asked.Email} --raise");
        }
    }

    /// <summary>Twice, so that nobody is locked out by a slip. Null: Ctrl-C.</summary>
    static string? Prompt()
    {
        while (true)
        {
            if (Unseen("Password, 8 to 128 characters, which are not shown:") is not { } first || Unseen("Once more:") is not { } second)
                return null;
            if (first == second)
                return first;
            Console.Error.WriteLine("These two differ.");
        }
    }

    /// <summary>A line that is not shown while it is typed.</summary>
    static string? Unseen(string prompt)
    {
        // Ctrl-C as a key: a signal would leave this waiting for the next one. It also ends the terminal's echo, so before the prompt.
        Console.TreatControlCAsInput = true;
        Console.Error.WriteLine(prompt);
        try
        {
            var line = "";
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                if (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control })
                    return null;
                if (key.Key == ConsoleKey.Enter)
                    return line;
                if (key.Key == ConsoleKey.Backspace)
                    line = line.Length > 0 ? line[..^1] : line;
                else if (key.KeyChar != '\0')
                    line += key.KeyChar;
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    static bool TryRead(string[] arguments, out Arguments asked, out string problem)
    {
        (asked, problem) = (new("", null, false), "");
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--raise")
            {
                asked = asked with { IsRaise = true };
                continue;
            }
            if (arguments[i] is not ("--email" or "--username"))
            {
                problem = $"there is no {arguments[i]}; there are --email --username --raise";
                return false;
            }
            if (i + 1 == arguments.Length)
            {
                problem = $"{arguments[i]} needs a value";
                return false;
            }
            asked = arguments[i] == "--email" ? asked with { Email = AccountRules.Normalized(arguments[++i]) } : asked with { Username = arguments[++i] };
        }
        problem = asked switch
        {
            { Email: "" } => "--email is missing",
            { IsRaise: false, Username: null } => "--username is missing",
            { IsRaise: true, Username: not null } => "--username is for a new account: an existing one keeps its own",
            _ => "",
        };
        return problem.Length == 0;
    }

    static string Text(Problem invalid) => string.Join("; ", invalid.Errors.Select(static error => $"{error.Field} {error.Text}"));

    static int Refuse(string problem)
    {
        Console.Error.WriteLine($"edge: admin create: {problem}. Try: edge admin --help");
        return EdgeCommand.Usage;
    }

    static int Fail(string problem)
    {
        Console.Error.WriteLine("edge admin create: " + problem);
        return EdgeCommand.Failure;
    }

    static int Done(string text)
    {
        Console.Out.WriteLine("edge admin create: " + text);
        return EdgeCommand.Success;
    }

    static int Interrupted()
    {
        Console.Error.WriteLine("edge: interrupted");
        return EdgeCommand.Interrupted;
    }
}
