using System.Text;
using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Core.Metrics;
using Edge.Core.Resilience;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Features.Accounts;
using Edge.Features.Analytics;
using Edge.Features.ApiKeys;
using Edge.Features.Blogs;
using Edge.Features.Dashboard;
using Edge.Features.Exports;
using Edge.Features.Opportunities;
using Edge.Features.Orders;
using Edge.Features.Places;
using Edge.Features.Products;
using Edge.Features.Stories;
using Edge.Features.Users;
using Edge.Health;
using Edge.Http;
using Edge.Performance;
using Edge.Redis;
using Edge.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;

namespace Edge.Hosting;

/// <summary>
/// Puts an instance together: the same for production, tests and benchmarks. The order of <see cref="Build"/> is the order in which a
/// request meets the parts. Nothing here waits for the network.
/// </summary>
internal static partial class EdgeHost
{
    /// <summary>Bytes of a JSON body (API.md, "Common rules").</summary>
    const int RequestBodyBytes = 1024 * 1024;

    const string ExportPool = "exports";

    /// <param name="file">Where settings may change while it runs; null: nowhere.</param>
    public static WebApplication Build(EdgeSettings settings, TimeProvider clock, SettingsFile? file = null)
    {
        // Not the slim builder: that reads the settings a second time, by its own keys, and watches every folder below the working
        // one for changes of appsettings.json.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "edge" });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        var warmed = new List<KeyValuePair<string, Func<CancellationToken, Task<bool>>>>();
        var isWarmed = settings is { CacheMegabytes: > 0, WarmSeconds: > 0, Database: not null };
        var readiness = new Readiness(parts: isWarmed ? 2 : 1);
        AddLogging(builder.Logging, settings, clock);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(settings.Port, static listener => listener.Protocols = HttpProtocols.Http1);
            kestrel.ResponseHeaderEncodingSelector = HeaderLines.EncodingOf;
            kestrel.Limits.MaxRequestLineSize = RequestLimits.ServerFactor * RequestLimits.TargetLimit;
            kestrel.Limits.MaxRequestHeadersTotalSize = RequestLimits.ServerFactor * RequestLimits.HeadersLimit;
            kestrel.Limits.MaxRequestHeaderCount = RequestLimits.ServerFactor * RequestLimits.HeaderCountLimit;
            kestrel.Limits.MaxRequestBodySize = RequestBodyBytes;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(settings.ShutdownTimeoutSeconds));
        builder.Services.AddSingleton<IHostLifetime>(services => new Lifetime(
            readiness, TimeSpan.FromSeconds(settings.ShutdownDelaySeconds), clock,
            services.GetRequiredService<IHostApplicationLifetime>(), services.LogOf<Lifetime>()));
        CacheSetup.Add(builder.Services, settings, clock);
        if (isWarmed)
            CacheSetup.AddWarming(builder.Services, settings, warmed, readiness, clock);
        if (settings.Database is { } options)
        {
            builder.Services.AddSingleton(services => new Database(options, services.GetRequiredService<ILoggerFactory>(), services.GetService<IQueryObserver>()));
            builder.Services.AddKeyedSingleton(ExportPool, (services, _) => new Database(
                OptionsOfExports(options, settings), services.GetRequiredService<ILoggerFactory>(), services.GetService<IQueryObserver>()));
        }
        if (settings.Modules.HasFlag(Modules.Exports))
            builder.Services.AddSingleton(_ => new StreamLimits(settings.ExportsAtOnce, TimeSpan.FromMinutes(settings.ExportTimeoutMinutes), clock));
        AddAccounts(builder.Services, settings, clock);
        if (settings.Shedding is { } shedding)
        {
            builder.Services.AddSingleton(_ => new LoadGate(shedding, clock, new(RandomSource.Mix((ulong)Random.Shared.NextInt64()))));
            builder.Services.AddHostedService(services => new LoadProbe(
                services.GetRequiredService<LoadGate>(), clock, services.LogOf<LoadProbe>()));
        }
        LimitSetup.Add(builder.Services, settings, clock, file);
        TelemetrySetup.Add(builder.Services, settings, clock);
        if (settings.Redis is { } redisOptions)
            builder.Services.AddSingleton(services => new RedisClient(redisOptions, clock, observer: services.GetService<IRedisObserver>()));
        var dependencies = new List<Dependency>();
        builder.Services.AddHostedService(services => new HealthProber(
            dependencies, readiness, TimeSpan.FromSeconds(settings.ProbeIntervalSeconds), clock, services.LogOf<HealthProber>()));

        var app = builder.Build();
        var database = app.Services.GetService<Database>();
        if (database is not null)
            dependencies.Add(new("postgres", async () =>
                await database.Probe() is { } failure ? new ProbeFailure(failure.GetType().Name, DatabaseFailures.Reason(failure)) : null));
        else if (settings.Modules != Modules.None)
            dependencies.Add(Dependency.NotConfigured("postgres"));
        if (app.Services.GetService<RedisClient>() is { } redis)
            dependencies.Add(new("redis", async () =>
                (await redis.Ping()).TryGet(out _, out var failure) ? null : new ProbeFailure(failure.Kind.ToString(), failure.InternalText)));

        TelemetrySetup.Measure(app.Services, dependencies, readiness);
        var outages = new OutageLog(clock, app.Services.LogOf<OutageLog>());
        var failed = new FailedAnswer(outages, app.Services.LogOf<Front>());
        var limiter = app.Services.GetRequiredService<RateLimiter>();
        var cached = new CachedEndpoints();
        var hits = app.Services.GetService<EdgeCache>() is { } cache ? new CacheHits(cache, limiter, cached) : null;
        var cors = settings.CorsOrigins.Length > 0 ? new Cors(settings.CorsOrigins) : null;
        if (settings.Telemetry.Traces is not null)
            app.Use(static next => new RequestSpans(next).Serve);
        app.Use(next => new Front(next, hits, cors, readiness, outages, failed, app.Services.LogOf<Front>()).Serve);
        app.UseRouting();
        MapRoutes(app, settings, clock, database, outages, failed, warmed, cached, new HealthEndpoints(dependencies, readiness, Sources(app.Services), clock));
        return app;
    }

    /// <summary>Serves until a signal ends it. Returns the process's exit code.</summary>
    /// <param name="startedAt">Timestamp of the process's first managed code, for the log.</param>
    public static async Task<int> Run(WebApplication app, EdgeSettings settings, TimeProvider clock, long startedAt)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException taken) when (taken.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            Console.Error.WriteLine($"edge: {taken.Message} Set PORT to a free one.");
            return EdgeCommand.Failure;
        }
        catch (System.Net.Sockets.SocketException refused)
        {
            Console.Error.WriteLine($"edge: cannot listen on port {settings.Port}: {refused.Message}. Set PORT to one that this user may open.");
            return EdgeCommand.Failure;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // A signal came while it was starting. The host gives up then, and has not begun to answer.
            return EdgeCommand.Success;
        }
        Serving(app.Services.LogOf<Lifetime>(), EdgeVersion.Text, string.Join(' ', app.Urls), clock.GetElapsedTime(startedAt).TotalMilliseconds, settings.Modules, Where(settings));
        _ = StartMemory.Return(clock, app.Lifetime.ApplicationStopping);
        await app.WaitForShutdownAsync();
        return EdgeCommand.Success;
    }

    static void MapRoutes(WebApplication app, EdgeSettings settings, TimeProvider clock, Database? database, OutageLog outages, FailedAnswer failed, List<KeyValuePair<string, Func<CancellationToken, Task<bool>>>> warmed, CachedEndpoints cached, HealthEndpoints health)
    {
        var operations = new List<Operation>();
        var cursors = new CursorCodec(Encoding.UTF8.GetBytes(settings.CursorKey ?? "edge: positions in public lists"));
        var admins = new AdminGate(settings.AdminToken);
        var cache = app.Services.GetService<EdgeCache>();
        var sessions = database is null ? null : new SessionStore(database, cache, app.Services.GetRequiredService<SessionRenewals>(), clock);
        var gate = app.Services.GetService<LoadGate>();
        var routes = new RouteTable(app, operations, cursors, admins, sessions, cache)
        {
            Warmed = warmed, Failed = failed, TagsOf = ChangeTags.Of, Clock = clock, Shedding = gate is null ? null : new(gate),
            Limiter = app.Services.GetRequiredService<RateLimiter>(), Cached = cached, Latencies = app.Services.GetService<Latencies>(),
        };
        health.Map(routes);
        new LimitEndpoints(routes.Limiter).Map(routes);
        new CacheEndpoints(cache, app.Services.GetService<ChangeFeed>(), clock).Map(routes);
        new LoadEndpoints(gate).Map(routes);
        new MetricsEndpoints(routes.Latencies, cache, routes.Limiter, gate, app.Services.GetRequiredService<PoolStatistics>(), clock).Map(routes);

        var features = routes with { Refusal = database is null ? Problem.NoDatabase : null };
        if (settings.Modules.HasFlag(Modules.Accounts))
            new AccountEndpoints(database!, app.Services.GetRequiredService<HashLane>(), SessionRulesOf(settings), clock).Map(features);
        if (settings.Modules.HasFlag(Modules.Catalogue))
            new ProductEndpoints(database!, cache).Map(features);
        if (settings.Modules.HasFlag(Modules.Orders))
            new OrderEndpoints(database!).Map(features);
        if (settings.Modules.HasFlag(Modules.Dashboard))
            new DashboardEndpoints(database!, cache, outages, clock, app.Services.LogOf<DashboardEndpoints>()).Map(features);
        if (settings.Modules.HasFlag(Modules.Users))
        {
            new UserEndpoints(database!).Map(features);
            new AnalyticsEndpoints(database!, cache, clock).Map(features);
        }
        if (settings.Modules.HasFlag(Modules.Blogs))
            new BlogEndpoints(database!).Map(features);
        if (settings.Modules.HasFlag(Modules.Stories))
            new StoryEndpoints(database!, clock).Map(features);
        if (settings.Modules.HasFlag(Modules.Opportunities))
            new OpportunityEndpoints(database!, clock).Map(features);
        if (settings.Modules.HasFlag(Modules.Places))
            new PlaceEndpoints(database!, cache, clock).Map(features);
        if (settings.Modules.HasFlag(Modules.Exports))
            new ExportEndpoints(app.Services.GetKeyedService<Database>(ExportPool)!, app.Services.GetRequiredService<StreamLimits>()).Map(features);

        OpenApi.Map(routes, EdgeVersion.Text);
    }

    /// <summary>
    /// As many connections as there may be exports, none of them kept. A statement may run for as long as an export; that ends one by itself only
    /// where Edge could not, since Postgres does not look at the time while it waits for us to read.
    /// </summary>
    static DatabaseOptions OptionsOfExports(DatabaseOptions options, EdgeSettings settings) => options with
    {
        MinConnections = 0,
        MaxConnections = settings.ExportsAtOnce,
        CommandTimeoutSeconds = 60 * settings.ExportTimeoutMinutes,
        PoolName = ExportPool,
        ApplicationName = $"{options.ApplicationName[..Math.Min(40, options.ApplicationName.Length)]}-exports",
    };

    static void AddAccounts(IServiceCollection services, EdgeSettings settings, TimeProvider clock)
    {
        services.AddSingleton(_ => new HashLane(settings.HashThreads, settings.HashQueue, clock));
        if (settings.Database is null)
            return;
        services.AddSingleton(provider => new SessionRenewals(
            provider.GetRequiredService<Database>(), provider.GetService<EdgeCache>(), SessionRulesOf(settings), clock, provider.LogOf<SessionRenewals>()));
        services.AddHostedService(static provider => provider.GetRequiredService<SessionRenewals>());
        // Without a database there is none, and nobody has a key.
        services.AddSingleton<IApiKeys>(static provider =>
        {
            var database = provider.GetRequiredService<Database>();
            return new ApiKeyStore(provider.GetService<EdgeCache>(), (hash, cancelled) => ApiKeyQueries.ByHash(database, hash, cancelled));
        });
    }

    static HealthSources Sources(IServiceProvider services)
    {
        var lane = services.GetRequiredService<HashLane>();
        return new(
            services.GetRequiredService<PoolStatistics>(), services.GetService<EdgeCache>(), services.GetRequiredService<RateLimiter>(), services.GetService<LoadGate>(), () => lane.Waiting);
    }

    static SessionRules SessionRulesOf(EdgeSettings settings) => new(TimeSpan.FromHours(settings.SessionHours), settings.IsSessionSliding);

    static string Where(EdgeSettings settings) => settings.Database is null
        ? "without a database (DATABASE_URL is not set), so only health answers"
        : "with a database";

    [LoggerMessage(1, LogLevel.Information, "edge {Version} serves {Modules} on {Addresses} after {StartMs:0} ms, {Database}", EventName = "Serving")]
    static partial void Serving(ILogger log, string version, string addresses, double startMs, Modules modules, string database);

    static void AddLogging(ILoggingBuilder logging, EdgeSettings settings, TimeProvider clock)
    {
        var json = settings.LogFormat == LogFormat.Json || (settings.LogFormat == LogFormat.Auto && Console.IsOutputRedirected);
        var colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        logging.ClearProviders();
        logging.SetMinimumLevel(settings.LogLevel);
        // Chatter of the framework that an operator cannot act on. Diagnostics also decides whether each request gets an Activity.
        var quiet = (LogLevel)Math.Max((int)LogLevel.Warning, (int)settings.LogLevel);
        logging.AddFilter("Microsoft.AspNetCore", quiet);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Microsoft.Hosting.Lifetime", quiet);
        // What keeps the host from starting is told by Run, in words; that a background service died is critical.
        logging.AddFilter("Microsoft.Extensions.Hosting", (LogLevel)Math.Max((int)LogLevel.Critical, (int)settings.LogLevel));
        logging.AddFilter("Npgsql", settings.LogLevel <= LogLevel.Debug ? LogLevel.Debug : quiet);
        // Not AddConsole: that sets up three more formatters with options of their own, by reflection and in each start.
        var console = new ConsoleLoggerOptions
        {
            FormatterName = EdgeLogFormatter.Key,
            // A reader of our output that hangs must cost lines, not requests: the default would block whoever logs.
            QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite,
        };
        logging.Services.AddSingleton<ILoggerProvider>(_ => new ConsoleLoggerProvider(new FixedConsoleOptions(console), [new EdgeLogFormatter(json, colours, clock)]));
    }
}
