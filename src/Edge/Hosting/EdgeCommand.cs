using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Edge.Data;
using Edge.Http;

namespace Edge.Hosting;

/// <summary>The command line: which command, with which settings, and what its end means to a shell.</summary>
internal static class EdgeCommand
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>It ran, and failed or was refused; the reason is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>A seed was asked for, and the database holds other data already. Nothing was changed.</summary>
    public const int HoldsData = 3;

    /// <summary>The command line or the settings are wrong (EX_USAGE of sysexits.h).</summary>
    public const int Usage = 64;

    /// <summary>Ended by Ctrl-C: 128 + SIGINT, as shells expect.</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by SIGTERM: 128 + its number.</summary>
    public const int Terminated = 143;

    const string Help = """
        edge - a read-heavy JSON API in one binary

        usage: edge [command] [options]

          serve         answer requests (the default)
          migrate       bring the database to this binary's schema
                          --pending         only say what would be applied
          seed          fill an empty database with made-up, repeatable data
                          --users N --products N --categories N --orders N --posts N
                          --stories N --opportunities N --seed N --as-of YYYY-MM-DD
          admin create  make the first admin; edge admin --help has the details
                          --email ADDRESS --username NAME | --email ADDRESS --raise
          keys          API keys of programs; edge keys --help has the details
                          create --name NAME [--plan PLAN] | list | revoke ID|PREFIX
          warm          load what everybody asks for into the cache that instances
                        share (Redis), as after a deploy that emptied it
          healthcheck   exit 0 if an instance on PORT is ready, 1 if not
          --version     print the version
          --help        print this

        Settings come from the environment, or from appsettings.json in the working
        folder. The ones that most people need:

          DATABASE_URL  postgres://user:password@host:5432/name
          REDIS_URL     redis://host:6379
          PORT          port of the API (default 8080)
          ADMIN_TOKEN   key of the operators' routes (default: they are off)
          EDGE_PROXIES  networks of the proxies in front, whose word on client
                        addresses is taken: limits count by these (default: none)

        docs/settings.md has all of them, docs/limits.md those of rate limits.

        examples:
          DATABASE_URL=postgres://edge@localhost/edge edge migrate
          DATABASE_URL=postgres://edge@localhost/edge edge seed --orders 5000
          DATABASE_URL=postgres://edge@localhost/edge PORT=9000 edge
        """;

    public static async Task<int> Run(string[] args)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        switch (args)
        {
            case ["--help" or "-h" or "help", ..]:
                Console.Out.WriteLine(Help);
                return Success;
            case ["admin"] or ["admin", .., "--help" or "-h"]:
                Console.Out.WriteLine(AdminCommand.Help);
                return Success;
            case ["keys"] or ["keys", .., "--help" or "-h"]:
                Console.Out.WriteLine(KeysCommand.Help);
                return Success;
            case [_, .., "--help" or "-h"]:
                Console.Out.WriteLine(Help);
                return Success;
            case ["--version"]:
                Console.Out.WriteLine("edge " + EdgeVersion.Text);
                return Success;
        }

        if (args is ["healthcheck"])
            return await CheckHealth();
        if (!TryLoad(out var settings))
            return Usage;

        return args switch
        {
            [] or ["serve"] => await Serve(settings, startedAt),
            ["warm"] => await Warm(settings),
            ["migrate"] => await WithDatabase(settings, (database, cancelled) => MigrateCommand.Run(database, onlyPending: false, cancelled)),
            ["migrate", "--pending"] => await WithDatabase(settings, (database, cancelled) => MigrateCommand.Run(database, onlyPending: true, cancelled)),
            ["admin", "create", .. var options] => await WithDatabase(settings, (database, cancelled) => AdminCommand.Run(database, options, cancelled)),
            ["keys", .. var options] => await WithDatabase(settings, (database, cancelled) => KeysCommand.Run(database, settings.Limits, options, cancelled)),
            ["seed", .. var options] => await WithDatabase(settings, (database, cancelled) => SeedCommand.Run(database, options, cancelled)),
            _ => Refuse($"there is no '{string.Join(' ', args)}'"),
        };
    }

    /// <summary>A file that somebody is editing says nothing of the instance that runs: of all settings only the port is read.</summary>
    static async Task<int> CheckHealth()
    {
        if (!TryRead(SettingsFile.Here, out var source))
            source = SettingsFile.Here.ReadEnvironment();
        var port = SettingsReader.ReadPort(source);
        if (port == 0)
            source.Mistake("PORT", "is 0, which takes any free port", "set it to the instance's, which its log tells");
        return AreRight(source) ? await HealthCheck.Run(port) : Failure;
    }

    static async Task<int> Serve(EdgeSettings settings, long startedAt)
    {
        StartMemory.Hold();
        if (settings.Migrate)
        {
            CancellationToken ended = default;
            var migrated = await WithDatabase(settings, (database, cancelled) => MigrateCommand.Run(database, onlyPending: false, ended = cancelled));
            // A signal that came too late to stop it is not lost. It ends as when it serves.
            if (ended.IsCancellationRequested)
                return Success;
            if (migrated != Success)
                return migrated;
        }
        await using var app = EdgeHost.Build(settings, TimeProvider.System, SettingsFile.Here);
        return await EdgeHost.Run(app, settings, TimeProvider.System, startedAt);
    }

    static async Task<int> Warm(EdgeSettings settings)
    {
        if (settings is not { Database: not null, Redis: not null, CacheMegabytes: > 0, WarmSeconds: > 0 })
            return Refuse("warm needs DATABASE_URL and REDIS_URL, and a cache (EDGE_CACHE_MB and EDGE_WARM_SECONDS above 0)");
        await using var app = EdgeHost.Build(settings with { Port = 0, LogLevel = LogLevel.Warning }, TimeProvider.System);
        return await app.Services.GetRequiredService<CacheWarmer>().WarmOnce(Console.Out, Console.Error);
    }

    static async Task<int> WithDatabase(EdgeSettings settings, Func<DatabaseOptions, CancellationToken, Task<int>> command)
    {
        if (settings.Database is null)
            return Refuse("this command needs a database: set DATABASE_URL");
        // Not disposed of: a signal may still be on its way to it.
        var ending = new CancellationTokenSource();
        var code = Success;
        // With EDGE_MIGRATE the process goes on to serve, where signals are not this command's any more.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(signal, Interrupted));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, Terminated));
        try
        {
            return await command(settings.Database, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Console.Error.WriteLine("edge: interrupted");
            return code;
        }

        // The first signal lets the command end cleanly; a second one ends the process at once.
        void End(PosixSignalContext signal, int with)
        {
            signal.Cancel = !ending.IsCancellationRequested;
            code = with;
            ending.Cancel();
        }
    }

    static bool TryLoad(out EdgeSettings settings)
    {
        settings = new();
        if (!TryRead(SettingsFile.Here, out var source))
            return false;
        settings = SettingsReader.Read(source);
        return AreRight(source);
    }

    static bool TryRead(SettingsFile file, [NotNullWhen(true)] out SettingsSource? source)
    {
        try
        {
            source = file.Read();
            return true;
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            source = null;
            Console.Error.WriteLine($"edge: appsettings.json cannot be read: {broken.GetBaseException().Message}");
            return false;
        }
    }

    static bool AreRight(SettingsSource source)
    {
        if (source.Mistakes.Count == 0)
            return true;
        Console.Error.WriteLine(source.Mistakes.Count == 1 ? "edge: a setting is wrong:" : $"edge: {source.Mistakes.Count} settings are wrong:");
        foreach (var mistake in source.Mistakes)
            Console.Error.WriteLine("  " + mistake);
        return false;
    }

    internal static int Refuse(string problem)
    {
        Console.Error.WriteLine($"edge: {problem}. Try: edge --help");
        return Usage;
    }
}
