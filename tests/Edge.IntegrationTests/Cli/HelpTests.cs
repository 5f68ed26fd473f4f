namespace Edge.IntegrationTests.Cli;

public sealed class HelpTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    [InlineData("serve --help")]
    [InlineData("migrate -h")]
    [InlineData("seed --users 5 --help")]
    [InlineData("healthcheck --help")]
    public async Task Help_names_every_command(string arguments)
    {
        var ended = await EdgeRun.Of(arguments.Split(' '));
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.All(
            (string[])["serve", "migrate", "--pending", "seed", "--users", "healthcheck", "--version", "DATABASE_URL"],
            word => Assert.Contains(word, ended.Output));
        Assert.All(ended.Output.Split('\n'), static line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public async Task Help_comes_even_where_the_settings_are_wrong() =>
        Assert.Equal(0, (await EdgeRun.Of(["--help"], new() { ["PORT"] = "http" })).ExitCode);

    [Fact]
    public async Task The_version_is_one_line()
    {
        var ended = await EdgeRun.Of(["--version"]);
        Assert.Equal(0, ended.ExitCode);
        Assert.Matches(@"\Aedge \d+\.\d+\.\d+\S*\n\z", ended.Output);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("--port")]
    [InlineData("serve --port 9000")]
    [InlineData("migrate --now")]
    [InlineData("migrate --pending please")]
    [InlineData("--version please")]
    public async Task What_there_is_not_is_refused_with_the_way_to_help(string arguments)
    {
        var ended = await EdgeRun.Of(arguments.Split(' '));
        Assert.Equal((64, ""), (ended.ExitCode, ended.Output));
        Assert.Equal($"edge: there is no '{arguments}'. Try: edge --help\n", ended.Errors);
    }
}
