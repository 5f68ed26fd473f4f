using System.Diagnostics;
using Edge.Testing;

namespace Edge.IntegrationTests.Servers;

/// <summary><c>./dev servers</c> as a person or a script calls it, with a space in the path.</summary>
public sealed class ServersScriptTests : IAsyncDisposable
{
    const int NotRunning = 3;

    readonly string folder = Path.Combine(Path.GetTempPath(), $"edge tests {Guid.NewGuid():N}");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Starting_what_runs_changes_nothing()
    {
        var first = await Servers("start", folder, "redis");
        var second = await Servers("start", folder, "redis");

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task A_stopped_server_has_its_port_again_when_it_starts()
    {
        var first = Value(await Servers("start", folder, "redis"), "REDIS_PORT");
        await Servers("stop", folder);
        Assert.Equal(NotRunning, (await Servers("status", folder, "redis")).ExitCode);

        Assert.Equal(first, Value(await Servers("start", folder, "redis"), "REDIS_PORT"));
    }

    [Fact]
    public async Task A_port_that_was_taken_meanwhile_is_given_up()
    {
        var port = Value(await Servers("start", folder, "redis"), "REDIS_PORT");
        await Servers("stop", folder);
        using var squatter = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, int.Parse(port));
        squatter.Start();

        var other = Value(await Servers("start", folder, "redis"), "REDIS_PORT");

        Assert.NotEqual(port, other);
    }

    [Fact]
    public async Task A_pid_file_of_a_killed_run_that_names_another_process_is_not_believed()
    {
        var place = Value(await Servers("start", folder, "redis"), "REDIS_DIR");
        await Servers("stop", folder);
        await File.WriteAllTextAsync(Path.Combine(place, "pid"), $"{Environment.ProcessId}", Cancel);

        Assert.Equal(NotRunning, (await Servers("status", folder, "redis")).ExitCode);
        await Servers("stop", folder);
        Assert.Equal(0, (await Servers("start", folder, "redis")).ExitCode);
    }

    [Fact]
    public async Task Servers_are_removed_when_their_owner_is_killed()
    {
        using var owner = Process.Start("sleep", ["3600"]);
        await Servers("start", folder, "redis", "--volatile", "--until-exit", $"{owner.Id}");
        Assert.True(Directory.Exists(folder));

        owner.Kill();

        await Poll.Until(() => !Directory.Exists(folder), "the servers are removed", Cancel);
    }

    [Fact]
    public async Task Servers_that_got_another_owner_meanwhile_are_left_to_it()
    {
        using var owner = Process.Start("sleep", ["3600"]);
        await Servers("start", folder, "redis", "--until-exit", $"{owner.Id}");

        // The lock is held as the next start would hold it, until the watch of the first owner waits for it.
        var file = Path.Combine(folder, "lock");
        using var start = Process.Start("flock", [file, "sleep", "3600"]);
        await Poll.Until(async cancel => await IsLocked(file, cancel), "the lock is held", Cancel);
        owner.Kill();
        await Poll.Until(() => Waiting() == 1, "the watch waits for the lock", Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "owner"), "1 0\n", Cancel);
        start.Kill(entireProcessTree: true);
        await Poll.Until(() => Waiting() == 0, "the watch has had the lock", Cancel);

        Assert.Equal(0, (await Servers("status", folder, "redis")).ExitCode);
    }

    [Fact]
    public async Task An_owner_that_does_not_exist_is_an_error()
    {
        using var owner = Process.Start("true");
        await owner.WaitForExitAsync(Cancel);

        Assert.Equal(1, (await Servers("start", folder, "redis", "--until-exit", $"{owner.Id}")).ExitCode);
    }

    [Theory]
    [InlineData]
    [InlineData("start")]
    [InlineData("launch", "folder")]
    [InlineData("start", "folder", "mysql")]
    public async Task A_wrong_call_is_answered_with_the_usage(params string[] arguments)
    {
        var result = await Servers(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
    }

    public async ValueTask DisposeAsync() => await Servers("remove", folder);

    /// <summary>The watches of this folder that have come so far as to ask for its lock.</summary>
    int Waiting() => Directory.EnumerateDirectories("/proc").Count(IsWaiting);

    static async ValueTask<bool> IsLocked(string file, CancellationToken cancel)
    {
        using var attempt = Process.Start("flock", ["-n", file, "true"]);
        await attempt.WaitForExitAsync(cancel);
        return attempt.ExitCode == 1;
    }

    bool IsWaiting(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains($"servers-watch\0{folder}\0", StringComparison.Ordinal)
                && Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd"), "9").Any();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static string Value(Result result, string key) =>
        result.Output.Split('\n').Single(line => line.StartsWith($"{key}=", StringComparison.Ordinal))[(key.Length + 1)..];

    static async Task<Result> Servers(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "dev"), ["servers", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return new Result(process.ExitCode, await output);
    }

    sealed record Result(int ExitCode, string Output);
}
