using System.Runtime.InteropServices;
using Edge.Features.Accounts;
using Edge.Testing;

namespace Edge.IntegrationTests.Cli;

public sealed class AdminTests
{
    const string Password = "correct horse battery";

    static readonly string[] Create = ["admin", "create", "--email", "Ada@Example.com", "--username", "ada"];

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_makes_an_admin_with_the_password_that_is_piped_in()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var made = await EdgeRun.Of(Create, Settings(database), input: Password + "\n");
        Assert.True(made.ExitCode == 0, made.Errors);
        Assert.Equal(("edge admin create: made the admin ada <ada@example.com>\n", ""), (made.Output, made.Errors));
        Assert.Equal("admin", await database.Scalar<string>("select role from users where email = 'ada@example.com'", Cancelled));
        var hash = await database.Scalar<string>("select password_hash from users where email = 'ada@example.com'", Cancelled);
        Assert.True(PasswordHashes.Check(hash, Password).IsRight);

        var again = await EdgeRun.Of(Create, Settings(database), input: Password + "\n");
        Assert.Equal((1, ""), (again.ExitCode, again.Output));
        Assert.Contains("is taken; to raise the account that has ada@example.com: edge admin create --email ada@example.com --raise", again.Errors);
    }

    [Fact]
    public async Task It_raises_an_account_that_there_is()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var email = await database.Scalar<string>("select email from users where role = 'user' order by id limit 1", Cancelled);
        var raised = await EdgeRun.Of(["admin", "create", "--raise", "--email", email], Settings(database));
        Assert.True(raised.ExitCode == 0, raised.Errors);
        Assert.EndsWith($"<{email}> is an admin now\n", raised.Output);
        Assert.Equal("admin", await database.Scalar<string>($"select role from users where email = '{email}'", Cancelled));

        var nobody = await EdgeRun.Of(["admin", "create", "--raise", "--email", "nobody@example.com"], Settings(database));
        Assert.Equal((1, "edge admin create: no account has the email nobody@example.com; leave --raise out to make one\n"), (nobody.ExitCode, nobody.Errors));
    }

    [Fact]
    public async Task On_a_terminal_it_asks_twice_and_shows_nothing_of_it()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await using var run = EdgeRun.Start(Create, Settings(database), onTerminal: true);
        await run.Type("Password, 8 to 128", Password + "\n", Cancelled);
        await run.Type("Once more:", Password + "\n", Cancelled);
        var ended = await run.End(Cancelled);
        Assert.True(ended.ExitCode == 0, ended.Output);
        Assert.Contains("made the admin ada", ended.Output);
        Assert.DoesNotContain(Password, ended.Output);
        var hash = await database.Scalar<string>("select password_hash from users where email = 'ada@example.com'", Cancelled);
        Assert.True(PasswordHashes.Check(hash, Password).IsRight);
    }

    [Fact]
    public async Task Ctrl_C_at_the_prompt_makes_nobody()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await using var run = EdgeRun.Start(Create, Settings(database), onTerminal: true);
        await run.Type("Password, 8 to 128", "half\u0003", Cancelled);
        Assert.Equal(130, (await run.End(Cancelled)).ExitCode);
        Assert.Equal(0, await database.Scalar<long>("select count(*) from users where email = 'ada@example.com'", Cancelled));
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGINT, 130)]
    public async Task A_signal_ends_it_while_it_waits_for_a_line(PosixSignal signal, int exitCode)
    {
        await using var run = EdgeRun.Start(Create, Nowhere);
        await Poll.Until(() => run.Reads, "it reads standard input", Cancelled);
        run.Send(signal);
        Assert.Equal(exitCode, (await run.End(Cancelled)).ExitCode);
    }

    [Theory]
    [InlineData("", "--email is missing")]
    [InlineData("--email ada@example.com", "--username is missing")]
    [InlineData("--email ada@example.com --username", "--username needs a value")]
    [InlineData("--email ada --username ada", "--email must be an address")]
    [InlineData("--email ada@example.com --username Ada", "--username must be 3 to 30 characters")]
    [InlineData("--email ada@example.com --username ada --raise", "--username is for a new account")]
    [InlineData("--email ada@example.com --password hunter2", "there is no --password; there are --email --username --raise")]
    public async Task A_wrong_option_is_told_with_what_to_write(string options, string told)
    {
        var ended = await EdgeRun.Of(["admin", "create", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)], Nowhere, input: Password);
        Assert.Equal((64, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(told, ended.Errors);
    }

    [Theory]
    [InlineData("", "there is no password on standard input")]
    [InlineData("short\n", "the password must be 8 to 128 characters")]
    public async Task A_password_that_will_not_do_is_refused(string input, string told)
    {
        var ended = await EdgeRun.Of(Create, Nowhere, input: input);
        Assert.Equal((64, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(told, ended.Errors);
        Assert.DoesNotContain("short", ended.Errors);
    }

    [Fact]
    public async Task Without_a_database_it_says_so()
    {
        var unset = await EdgeRun.Of(Create, input: Password);
        Assert.Equal((64, true), (unset.ExitCode, unset.Errors.Contains("set DATABASE_URL")));
        var away = await EdgeRun.Of(Create, Nowhere, input: Password);
        Assert.Equal((1, true), (away.ExitCode, away.Errors.StartsWith("edge admin create: the database does not answer: ", StringComparison.Ordinal)));
        var empty = await EdgeRun.Of(Create, Settings(await SmallDatabase.Empty(Cancelled)), input: Password);
        Assert.Equal((1, "edge admin create: the database has no tables yet: run `edge migrate` first\n"), (empty.ExitCode, empty.Errors));
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("admin --help")]
    [InlineData("admin create --help")]
    public async Task Its_help_has_examples(string arguments)
    {
        var ended = await EdgeRun.Of(arguments.Split(' '));
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.Contains("edge admin create --email ada@example.com --raise", ended.Output);
        Assert.All(ended.Output.Split('\n'), static line => Assert.True(line.Length <= 80, line));
    }

    static Dictionary<string, string> Nowhere { get; } = new() { ["DATABASE_URL"] = "postgres://ann@127.0.0.1:1/never-asked" };

    static Dictionary<string, string> Settings(SmallDatabase database) => new() { ["DATABASE_URL"] = database.Url };
}
