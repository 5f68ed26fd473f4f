using System.Diagnostics;
using System.Globalization;
using System.Text;
using Edge.IntegrationTests.Cli;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Servers;

/// <summary>
/// <c>./dev run</c> as a person uses it, in a checkout of its own with a space in its path. It is given a binary, so that nothing is
/// published, and little data.
/// </summary>
public sealed class RunScriptTests : IAsyncDisposable
{
    readonly DirectoryInfo _checkout = Directory.CreateTempSubdirectory("edge run ");

    /// <summary>Everything that a run starts inherits it, whatever becomes of parents, groups and users.</summary>
    readonly string _mark = "RUN_" + Guid.NewGuid().ToString("N");

    readonly int _port = FreePort.Of();

    public RunScriptTests() => File.Copy(Path.Combine(Repository.Root, "dev"), Script);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    string Script => Path.Combine(_checkout.FullName, "dev");

    string Servers => Path.Combine(_checkout.FullName, ".dev", "servers");

    [Fact]
    public async Task Ctrl_c_stops_all_that_was_started_and_the_data_is_there_the_next_time()
    {
        await using (var first = await Start())
        {
            Assert.Contains(first.Lines, static line => line.Contains("applied 0001_schema.sql", StringComparison.Ordinal));
            await Change("update products set name = 'Kept' where id = 1");
            Assert.Superset(new HashSet<string> { "bash", "edge", "postgres" }, Ours().ToHashSet());
            Assert.Equal(0, await first.Interrupt());
        }
        await NothingIsLeft();

        await using (var second = await Start())
        {
            Assert.DoesNotContain(second.Lines, static line => line.Contains("applied 0001_schema.sql", StringComparison.Ordinal));
            Assert.Contains("\"name\":\"Kept\"", await second.Get("/api/products/1"));
            Assert.Equal(0, await second.Interrupt());
        }

        await using var fresh = await Start("--fresh");
        Assert.DoesNotContain("\"name\":\"Kept\"", await fresh.Get("/api/products/1"));
    }

    [Fact]
    public async Task A_killed_run_takes_all_with_it_and_the_next_one_finds_the_data()
    {
        await using (var killed = await Start())
        {
            await Change("update products set name = 'Kept' where id = 1");
            await killed.Kill();
        }
        await NothingIsLeft();

        await using var next = await Start();
        Assert.Contains("\"name\":\"Kept\"", await next.Get("/api/products/1"));
    }

    [Fact]
    public async Task What_a_run_uses_is_neither_run_nor_deleted_beside_it()
    {
        await using var run = await Start();
        var (again, said) = await Dev("run");
        Assert.Equal(1, again);
        Assert.Contains("is running in this checkout already", said);
        (var clean, said) = await Dev("clean");
        Assert.Equal(1, clean);
        Assert.Contains("stop it first", said);
        Assert.Contains("\"id\":1,", await run.Get("/api/products/1"));
    }

    [Fact]
    public async Task Data_whose_folder_has_vanished_are_made_anew_and_not_where_the_caller_happens_to_be()
    {
        var caller = _checkout.CreateSubdirectory("caller");
        Directory.CreateDirectory(Servers);
        await File.WriteAllTextAsync(Path.Combine(Servers, "place"), Path.Combine(_checkout.FullName, "vanished") + "\n", Cancel);

        await using (var run = await Start(caller))
        {
            Assert.Contains("\"id\":1,", await run.Get("/api/products/1"));
            Assert.Equal(0, await run.Interrupt());
        }

        Assert.Empty(caller.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task Servers_that_do_not_start_end_the_run()
    {
        var caller = _checkout.CreateSubdirectory("caller");
        // No folder can be made below a file.
        Directory.CreateDirectory(Servers);
        await File.WriteAllTextAsync(Path.Combine(Servers, "postgres"), "", Cancel);
        await File.WriteAllTextAsync(Path.Combine(Servers, "place"), Servers + "\n", Cancel);

        var (code, said) = await Dev(caller, "run");

        Assert.NotEqual(0, code);
        Assert.DoesNotContain("Private postgres", said);
        Assert.Empty(caller.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task The_addresses_of_the_last_run_are_no_servers_of_ones_own()
    {
        await using (var first = await Start())
            Assert.Equal(0, await first.Interrupt());
        var start = Prepared(Script, ["run"]);
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(_checkout.FullName, ".dev", "env"), Cancel))
        {
            var (name, value) = (line["export ".Length..line.IndexOf('=', StringComparison.Ordinal)], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            start.Environment[name] = value;
        }

        await using var second = await ScriptRun.Start(start, _port, Cancel);

        Assert.Contains("\"id\":1,", await second.Get("/api/products/1"));
    }

    [Fact]
    public async Task To_clean_ends_the_servers_of_benchmarks_and_deletes_their_data_wherever_they_are()
    {
        var servers = Path.Combine(_checkout.FullName, ".dev", "bench");
        Assert.Equal(0, (await Dev("servers", "start", servers, "redis")).ExitCode);
        var noted = Path.Combine(servers, "place");
        var place = File.Exists(noted) ? (await File.ReadAllTextAsync(noted, Cancel)).TrimEnd() : servers;
        var pid = (await File.ReadAllTextAsync(Path.Combine(place, "redis", "pid"), Cancel)).Trim();

        Assert.Equal(0, (await Dev("clean")).ExitCode);

        Assert.False(Directory.Exists(place), place);
        // It has ended; whoever inherited it may take a moment to notice.
        await Poll.Until(() => !Directory.Exists(Path.Combine("/proc", pid)), $"process {pid} is gone", Cancel);
    }

    [Fact]
    public async Task What_dotnet_says_against_the_sdk_that_is_asked_for_is_shown()
    {
        await File.WriteAllTextAsync(Path.Combine(_checkout.FullName, "global.json"), """{ "sdk": { "version": "99.0.100" } }""", Cancel);
        var (code, said) = await Dev("publish");
        Assert.Equal(1, code);
        Assert.Contains("99.0.100", said);
        Assert.Contains("Edge is built with the .NET SDK", said);
    }

    [Fact]
    public async Task A_taken_port_is_told_without_the_program_that_knows_its_holder_too()
    {
        using var holder = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, _port);
        holder.Start();
        var programs = _checkout.CreateSubdirectory("programs");
        File.CreateSymbolicLink(Path.Combine(programs.FullName, "ss"), "/bin/false");

        var start = Prepared(Script, ["run"]);
        start.Environment["PATH"] = programs.FullName + ":" + start.Environment["PATH"];
        var (code, said) = await End(start);

        Assert.Equal(1, code);
        Assert.Contains($"Port {_port} is taken by another process.", said);
    }

    [Fact]
    public async Task A_copy_of_the_checkout_has_data_of_its_own()
    {
        await using (var first = await Start())
        {
            await Change("update products set name = 'Kept' where id = 1");
            Assert.Equal(0, await first.Interrupt());
        }
        var copy = _checkout.FullName + " copied";
        using (var copying = Process.Start("cp", ["-a", _checkout.FullName, copy]))
            await copying.WaitForExitAsync(Cancel);
        try
        {
            var (code, said) = await End(Prepared(Path.Combine(copy, "dev"), ["clean"]));
            Assert.True(code == 0, said);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }

        await using var second = await Start();
        Assert.Contains("\"name\":\"Kept\"", await second.Get("/api/products/1"));
    }

    [Theory]
    [InlineData("clean", "--help")]
    [InlineData("publish", "--output")]
    [InlineData("run", "--frsh")]
    [InlineData("servers", "start", "folder", "--until-exit")]
    public async Task A_wrong_call_does_nothing_and_says_how_to_call(params string[] arguments)
    {
        var kept = Directory.CreateDirectory(Path.Combine(_checkout.FullName, "artifacts"));
        var (code, said) = await Dev(arguments);
        Assert.Equal(2, code);
        Assert.Matches("`./dev help` lists|./dev servers start DIR", said);
        Assert.True(kept.Exists);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0")]
    [InlineData("65536")]
    public async Task A_port_that_is_none_is_told_before_anything_is_started(string port)
    {
        var start = Prepared(Script, ["run"]);
        start.Environment["PORT"] = port;
        var (code, said) = await End(start);
        Assert.Equal(2, code);
        Assert.Contains($"PORT is '{port}': write a number from 1 to 65535", said);
        Assert.False(Directory.Exists(Servers));
    }

    [Fact]
    public async Task Servers_of_ones_own_may_be_given_in_parts()
    {
        var start = Prepared(Script, ["run"]);
        foreach (var (name, value) in new[] { ("DB_HOST", "127.0.0.1"), ("DB_PORT", "1"), ("DB_NAME", "edge"), ("DB_USER", "edge"), ("REDIS_HOST", "127.0.0.1") })
            start.Environment[name] = value;
        var (code, said) = await End(start);
        Assert.Equal(1, code);
        Assert.Contains("127.0.0.1:1", said);
        Assert.False(Directory.Exists(Servers), said);
    }

    [Fact]
    public async Task What_is_built_goes_by_this_repository_and_a_home_that_cannot_be_written_is_replaced()
    {
        var programs = _checkout.CreateSubdirectory("programs");
        var dotnet = Path.Combine(programs.FullName, "dotnet");
        await File.WriteAllTextAsync(dotnet, "#!/bin/sh\nprintf '%s|%s|%s\\n' \"$PWD\" \"$HOME\" \"$NUGET_PACKAGES\" >>\"$0.said\"\n[ \"$1\" = --version ] && echo 10.0.100\n", Cancel);
        using (var allowed = Process.Start("chmod", ["+x", dotnet]))
            await allowed.WaitForExitAsync(Cancel);
        var start = Prepared(Script, ["publish"], _checkout.CreateSubdirectory("caller"));
        start.Environment["PATH"] = programs.FullName + ":" + start.Environment["PATH"];
        start.Environment["HOME"] = Path.Combine(_checkout.FullName, "nowhere");
        start.Environment.Remove("NUGET_PACKAGES");

        var (code, _) = await End(start);

        // There is no project here that it could publish.
        Assert.Equal(1, code);
        var own = Path.Combine(_checkout.FullName, ".dev");
        Assert.All(await File.ReadAllLinesAsync(dotnet + ".said", Cancel), line => Assert.Equal($"{_checkout.FullName}|{own}/home|{own}/packages", line));
    }

    public async ValueTask DisposeAsync()
    {
        await Dev("servers", "remove", Servers);
        _checkout.Delete(recursive: true);
    }

    Task<ScriptRun> Start(params string[] options) => Start(_checkout, options);

    Task<ScriptRun> Start(DirectoryInfo caller, params string[] options) => ScriptRun.Start(Prepared(Script, ["run", .. options], caller), _port, Cancel);

    Task<(int ExitCode, string Errors)> Dev(params string[] arguments) => Dev(_checkout, arguments);

    Task<(int ExitCode, string Errors)> Dev(DirectoryInfo caller, params string[] arguments) => End(Prepared(Script, arguments, caller));

    static async Task<(int ExitCode, string Errors)> End(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var errors = await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, errors);
    }

    /// <summary>In a session of its own, as a terminal gives it, so that its group can be sent signals.</summary>
    ProcessStartInfo Prepared(string program, string[] arguments, DirectoryInfo? caller = null)
    {
        var start = new ProcessStartInfo("setsid", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.WorkingDirectory = (caller ?? _checkout).FullName;
        foreach (var name in start.Environment.Keys.ToArray())
            if (name is "DATABASE_URL" or "REDIS_URL" || name.StartsWith("EDGE_", StringComparison.Ordinal))
                start.Environment.Remove(name);
        start.Environment[_mark] = "1";
        start.Environment["PORT"] = _port.ToString(CultureInfo.InvariantCulture);
        start.Environment["EDGE_NATIVE_BINARY"] = EdgeRun.Binary;
        start.Environment["SEED_OPTIONS"] = "--users 100 --products 100 --orders 100 --posts 20 --stories 20 --opportunities 20";
        return start;
    }

    async Task Change(string sql)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(_checkout.FullName, ".dev", "env"), Cancel);
        var line = lines.Single(static line => line.Contains("DATABASE_URL=", StringComparison.Ordinal));
        var url = new Uri(line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        var user = url.UserInfo.Split(':');
        await using var source = new NpgsqlSlimDataSourceBuilder(new NpgsqlConnectionStringBuilder
        {
            Host = url.Host, Port = url.Port, Database = url.AbsolutePath[1..], Username = user[0], Password = user[1], Pooling = false,
        }.ConnectionString).Build();
        await using var command = source.CreateCommand(sql);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancel));
    }

    async Task NothingIsLeft()
    {
        await Poll.Until(() => !Ours().Any(), "everything that the run started has ended", Cancel);
        // Redis writes its title over the environment that it was given.
        Assert.Contains("redis is not running", (await Dev("servers", "status", Servers)).Errors);
    }

    /// <summary>The names of the processes that a run has started.</summary>
    IEnumerable<string> Ours()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
            if (Read(process, "environ").Contains(_mark, StringComparison.Ordinal))
                yield return Read(process, "comm").TrimEnd();
    }

    static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file), Encoding.Latin1);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is somebody else's.
            return "";
        }
    }
}
