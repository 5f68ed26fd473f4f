using Edge.Testing;

namespace Edge.IntegrationTests.Cli;

public sealed class MigrateTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pending_ones_are_named_applied_and_then_there_is_nothing_to_do()
    {
        var database = await SmallDatabase.Empty(Cancelled);
        Dictionary<string, string> settings = new() { ["DATABASE_URL"] = database.Url };

        var pending = await EdgeRun.Of(["migrate", "--pending"], settings);
        Assert.Equal(0, pending.ExitCode);
        Assert.Matches(@"\Aedge migrate: \d+ to apply: 0001_schema\.sql, ", pending.Output);
        Assert.Equal(0, await database.Scalar<long>("select count(*) from pg_tables where schemaname = 'public'", Cancelled));

        var applied = await EdgeRun.Of(["migrate"], settings);
        Assert.Equal(0, applied.ExitCode);
        Assert.Matches(@"\Aedge migrate: applied \d+; the database is at version \d+\n\z", applied.Output);
        Assert.Matches("applied 0001_schema.sql in [0-9,]+ ms", applied.Errors);

        foreach (var arguments in (string[][])[["migrate"], ["migrate", "--pending"]])
        {
            var again = await EdgeRun.Of(arguments, settings);
            Assert.Equal((0, ""), (again.ExitCode, again.Errors));
            Assert.StartsWith("edge migrate: nothing to do", again.Output);
        }
    }

    [Fact]
    public async Task Two_at_once_take_turns()
    {
        var database = await SmallDatabase.Empty(Cancelled);
        Dictionary<string, string> settings = new() { ["DATABASE_URL"] = database.Url };
        var both = await Task.WhenAll(EdgeRun.Of(["migrate"], settings), EdgeRun.Of(["migrate"], settings));
        Assert.All(both, static ended => Assert.True(ended.ExitCode == 0, ended.Errors));
        Assert.Single(both, static ended => ended.Output.Contains("nothing to do"));
        Assert.Single(both, static ended => ended.Output.Contains("applied"));
    }

    [Theory]
    [InlineData("migrate")]
    [InlineData("seed")]
    public async Task A_database_that_is_not_there_is_told_without_its_password(string command)
    {
        await using var proxy = CuttingProxy.Start(1);
        await proxy.Refuse();
        var ended = await EdgeRun.Of([command], new() { ["DATABASE_URL"] = $"postgres://ann:hunter2@127.0.0.1:{proxy.Port}/shop" });
        Assert.Equal((1, ""), (ended.ExitCode, ended.Output));
        Assert.Contains("no connection to the database", ended.Errors);
        Assert.Contains("refused", ended.Errors);
        Assert.DoesNotContain("hunter2", ended.Errors);
        Assert.DoesNotContain("   at ", ended.Errors);
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_not_shown()
    {
        var database = await SmallDatabase.Empty(Cancelled);
        var ended = await EdgeRun.Of(
            ["migrate"], new() { ["DATABASE_URL"] = database.Url.Replace(database.Password, "hunter2", StringComparison.Ordinal) });
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("password authentication failed", ended.Errors);
        Assert.DoesNotContain("hunter2", ended.Errors);
    }

    [Theory]
    [InlineData("migrate")]
    [InlineData("migrate --pending")]
    public async Task A_database_of_another_encoding_is_refused_with_what_to_write(string arguments)
    {
        var database = await SmallDatabase.OfBytes(Cancelled);
        var ended = await EdgeRun.Of(arguments.Split(' '), new() { ["DATABASE_URL"] = database.Url });
        Assert.Equal((1, ""), (ended.ExitCode, ended.Output));
        Assert.StartsWith("edge migrate: ", ended.Errors);
        Assert.Contains("SQL_ASCII", ended.Errors);
        Assert.Contains("encoding 'UTF8' template template0", ended.Errors);
        Assert.Equal(0, await database.Scalar<long>("select count(*) from pg_tables where schemaname = 'public'", Cancelled));
    }

    [Theory]
    [InlineData("migrate")]
    [InlineData("migrate --pending")]
    [InlineData("seed")]
    public async Task Without_a_database_it_says_which_setting_is_missing(string arguments)
    {
        var ended = await EdgeRun.Of(arguments.Split(' '));
        Assert.Equal(64, ended.ExitCode);
        Assert.Contains("set DATABASE_URL", ended.Errors);
    }
}
