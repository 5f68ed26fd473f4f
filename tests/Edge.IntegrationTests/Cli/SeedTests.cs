using System.Runtime.InteropServices;
using Edge.Testing;

namespace Edge.IntegrationTests.Cli;

public sealed class SeedTests
{
    static readonly string[] Small =
    [
        "seed", "--users", "100", "--products", "50", "--orders", "40", "--posts", "5", "--stories", "5", "--opportunities", "5"
    ];

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static async Task<(SmallDatabase Database, Dictionary<string, string> Settings)> Migrated()
    {
        var database = await SmallDatabase.Empty(Cancelled);
        Dictionary<string, string> settings = new() { ["DATABASE_URL"] = database.Url };
        Assert.Equal(0, (await EdgeRun.Of(["migrate"], settings)).ExitCode);
        return (database, settings);
    }

    [Fact]
    public async Task It_fills_an_empty_database_once()
    {
        var (database, settings) = await Migrated();
        var seeded = await EdgeRun.Of(Small, settings);
        Assert.True(seeded.ExitCode == 0, seeded.Errors);
        Assert.Matches(@"\Aedge seed: seeded [0-9,]+ rows in ", seeded.Output);
        Assert.Matches("(?m)^users: 100 in ", seeded.Errors);
        Assert.DoesNotContain('\e', seeded.Output + seeded.Errors);
        Assert.Equal(100, await database.Scalar<long>("select count(*) from users", Cancelled));

        var again = await EdgeRun.Of(Small, settings);
        Assert.Equal((0, "edge seed: already seeded: nothing to do\n"), (again.ExitCode, again.Output));

        var other = await EdgeRun.Of([.. Small, "--seed", "2"], settings);
        Assert.Equal((3, ""), (other.ExitCode, other.Output));
        Assert.Contains("--users 100", other.Errors);
        Assert.Equal(100, await database.Scalar<long>("select count(*) from users", Cancelled));
    }

    [Fact]
    public async Task Without_tables_it_says_what_to_do_first()
    {
        var database = await SmallDatabase.Empty(Cancelled);
        var ended = await EdgeRun.Of(Small, new() { ["DATABASE_URL"] = database.Url });
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("run `edge migrate` first", ended.Errors);
    }

    [Theory]
    [InlineData("--users many", "write a whole number")]
    [InlineData("--users", "needs a value")]
    [InlineData("--customers 5", "there is no --customers; there are --users")]
    [InlineData("--as-of yesterday", "write a day as in")]
    [InlineData("--users 5 --products 0", "users is 5: write a number from 100 to 2000000; products is 0")]
    public async Task A_wrong_option_is_told_with_what_to_write(string options, string told)
    {
        var ended = await EdgeRun.Of(
            ["seed", .. options.Split(' ')], new() { ["DATABASE_URL"] = "postgres://ann@127.0.0.1:1/never-asked" });
        Assert.Equal((64, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(told, ended.Errors);
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT, 130)]
    [InlineData(PosixSignal.SIGTERM, 143)]
    public async Task A_signal_leaves_the_database_empty(PosixSignal signal, int exitCode)
    {
        var (database, settings) = await Migrated();
        await using var seed = EdgeRun.Start(["seed", "--users", "2000000"], settings);
        await Poll.Until(
            async token => await database.Scalar<bool>(
                "select exists (select from pg_stat_progress_copy where datname = current_database() and tuples_processed > 0)", token),
            "rows are being copied", Cancelled);
        seed.Send(signal);
        var ended = await seed.End(Cancelled);
        Assert.Equal((exitCode, ""), (ended.ExitCode, ended.Output));
        Assert.EndsWith("edge: interrupted\n", ended.Errors);
        Assert.DoesNotContain("   at ", ended.Errors);
        Assert.Equal(0, await database.Scalar<long>("select count(*) from users", Cancelled));
        Assert.Equal(0, (await EdgeRun.Of(Small, settings)).ExitCode);
    }
}
