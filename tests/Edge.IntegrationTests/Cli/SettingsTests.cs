using System.Net.Sockets;

namespace Edge.IntegrationTests.Cli;

public sealed class SettingsTests
{
    const string Secret = "hunter2-hunter2";

    [Fact]
    public async Task All_mistakes_are_told_at_once_each_with_its_key_and_what_to_write()
    {
        var ended = await EdgeRun.Of([], new()
        {
            ["PORT"] = "http",
            ["DATABASE_URL"] = $"mysql://ann:{Secret}@h/d",
            ["DB_MAX_CONNECTIONS"] = "0",
            ["ADMIN_TOKEN"] = Secret,
            ["EDGE_MODULE"] = "users",
            ["EDGE_LOG_LEVEL"] = "loud",
        });
        Assert.Equal((64, ""), (ended.ExitCode, ended.Output));
        var lines = ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("edge: 6 settings are wrong:", lines[0]);
        Assert.Equal(
            ["ADMIN_TOKEN", "DATABASE_URL", "DB_MAX_CONNECTIONS", "EDGE_LOG_LEVEL", "EDGE_MODULE", "PORT"],
            lines[1..].Select(static line => line.TrimStart().Split(' ')[0]).Order(StringComparer.Ordinal));
        Assert.Contains(lines, static line => line.Contains("write a whole number from 0 to 65535"));
        Assert.Contains(lines, static line => line.Contains("did you mean EDGE_MODULES?"));
        Assert.DoesNotContain(Secret, ended.Errors);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("migrate")]
    [InlineData("seed")]
    public async Task Every_command_refuses_wrong_settings(string command)
    {
        var ended = await EdgeRun.Of([command], new() { ["PORT"] = "70000" });
        Assert.Equal(64, ended.ExitCode);
        Assert.Contains("edge: a setting is wrong:\n  PORT is '70000'", ended.Errors);
    }

    [Fact]
    public async Task A_health_check_looks_at_no_setting_but_the_port_and_ends_with_0_or_1()
    {
        var ended = await EdgeRun.Of(["healthcheck"], new() { ["PORT"] = "1", ["EDGE_TYPO"] = "1", ["DATABASE_URL"] = "mysql://x" }, "{ broken");
        Assert.Equal((1, ""), (ended.ExitCode, ended.Output));
        Assert.Contains("edge: nothing ready on port 1: ", ended.Errors);
        Assert.DoesNotContain("EDGE_TYPO", ended.Errors);

        ended = await EdgeRun.Of(["healthcheck"], new() { ["PORT"] = "70000" });
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("PORT is '70000'", ended.Errors);

        ended = await EdgeRun.Of(["healthcheck"], new() { ["PORT"] = "0" });
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("PORT is 0, which takes any free port", ended.Errors);

        ended = await EdgeRun.Of(["healthcheck"], appSettings: """{ "PORT": 1 }""");
        Assert.Contains("edge: nothing ready on port 1: ", ended.Errors);
    }

    [Fact]
    public async Task A_file_in_the_working_folder_holds_settings_too()
    {
        var ended = await EdgeRun.Of(
            ["migrate"],
            appSettings: """{ "DB_MAX_CONNECTIONS": 5000, "EDGE_MIGRATE": "perhaps", "EDGE_TYPO": 1, "Other": { "EDGE_X": 1 } }""");
        Assert.Equal(64, ended.ExitCode);
        Assert.All(
            (string[])["DB_MAX_CONNECTIONS is '5000'", "EDGE_MIGRATE is 'perhaps'", "EDGE_TYPO is not"],
            text => Assert.Contains(text, ended.Errors));
    }

    [Fact]
    public async Task The_environment_wins_over_the_file()
    {
        var ended = await EdgeRun.Of(["migrate"], new() { ["DB_MAX_CONNECTIONS"] = "5" }, """{ "DB_MAX_CONNECTIONS": 5000 }""");
        Assert.Equal((64, "edge: this command needs a database: set DATABASE_URL. Try: edge --help\n"), (ended.ExitCode, ended.Errors));
    }

    /// <summary>Compose's <c>DATABASE_URL: ${DATABASE_URL:-}</c> makes an empty one.</summary>
    [Fact]
    public async Task An_empty_variable_leaves_what_the_file_says()
    {
        var ended = await EdgeRun.Of(["migrate"], new() { ["DATABASE_URL"] = "", ["PORT"] = " " }, """{ "DATABASE_URL": "postgres://ann@127.0.0.1:1/shop", "PORT": 70000 }""");
        Assert.Equal(64, ended.ExitCode);
        Assert.Contains("edge: a setting is wrong:\n  PORT is '70000'", ended.Errors);
        ended = await EdgeRun.Of(["migrate"], new() { ["DATABASE_URL"] = "" }, """{ "DATABASE_URL": "postgres://ann@127.0.0.1:1/shop" }""");
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("no connection to the database", ended.Errors);
    }

    [Theory]
    [InlineData("{ \"PORT\": 1,\n  \"PORT", "LineNumber: 1")]
    [InlineData("[]", "object")]
    [InlineData("", "")]
    [InlineData("{ \"PORT\": 1, \"port\": 2 }", "port")]
    public async Task A_file_that_cannot_be_read_is_named_with_the_place(string content, string place)
    {
        var ended = await EdgeRun.Of(["migrate"], appSettings: content);
        Assert.Equal(64, ended.ExitCode);
        Assert.StartsWith("edge: appsettings.json cannot be read: ", ended.Errors);
        Assert.Contains(place, ended.Errors);
        Assert.Single(ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_folder_or_a_socket_in_place_of_the_file_is_refused()
    {
        var ended = await EdgeRun.Of(["migrate"], prepare: static folder => folder.CreateSubdirectory("appsettings.json"));
        Assert.Equal(64, ended.ExitCode);
        Assert.Equal("edge: appsettings.json cannot be read: it is a folder\n", ended.Errors);

        // What not even root can open.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        ended = await EdgeRun.Of(["migrate"], prepare: folder => socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "appsettings.json"))));
        Assert.Equal(64, ended.ExitCode);
        Assert.StartsWith("edge: appsettings.json cannot be read: ", ended.Errors);
        Assert.Single(ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
