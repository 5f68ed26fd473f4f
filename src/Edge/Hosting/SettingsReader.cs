using Edge.Core.Resilience;
using Edge.Data;
using Edge.Redis;

namespace Edge.Hosting;

/// <summary>Which keys there are, what they mean and what they must not be. The only place that names them.</summary>
internal static class SettingsReader
{
    const int SecretChars = 16;

    static readonly string[] DatabaseParts = ["DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD", "DB_SSLMODE"];

    public static EdgeSettings Read(SettingsSource source)
    {
        var settings = new EdgeSettings
        {
            Database = ReadDatabase(source),
            Redis = ReadRedis(source),
            Port = ReadPort(source),
            AdminToken = source.Secret("ADMIN_TOKEN", SecretChars),
            Modules = ReadModules(source),
            LogLevel = ReadLogLevel(source),
            LogFormat = source.OneOf("EDGE_LOG_FORMAT", "auto", "auto", "json", "text") switch
            {
                "json" => LogFormat.Json,
                "text" => LogFormat.Text,
                _ => LogFormat.Auto,
            },
            Migrate = source.Flag("EDGE_MIGRATE"),
            ShutdownDelaySeconds = source.Integer("EDGE_SHUTDOWN_DELAY_SECONDS", 0, 300, 5),
            ShutdownTimeoutSeconds = source.Integer("EDGE_SHUTDOWN_TIMEOUT_SECONDS", 1, 3600, 20),
            ProbeIntervalSeconds = source.Integer("EDGE_PROBE_INTERVAL_SECONDS", 1, 300, 10),
            CacheMegabytes = source.Integer("EDGE_CACHE_MB", 0, 65536, 64),
            CacheRedisTimeoutMs = source.Integer("EDGE_CACHE_REDIS_TIMEOUT_MS", 1, 10_000, 100),
            CacheCutOffMs = source.Integer("EDGE_CACHE_CUT_OFF_MS", 100, 3_600_000, 10_000),
            CachePrefix = ReadCachePrefix(source),
            WarmSeconds = source.Integer("EDGE_WARM_SECONDS", 0, 300, 5),
            HashThreads = source.Integer("EDGE_HASH_THREADS", 1, 64, EdgeSettings.DefaultHashThreads),
            HashQueue = source.Integer("EDGE_HASH_QUEUE", 1, 10_000, 64),
            SessionHours = source.Integer("EDGE_SESSION_HOURS", 1, 8760, 720),
            IsSessionSliding = source.Flag("EDGE_SESSION_SLIDING", fallback: true),
            ExportsAtOnce = source.Integer("EDGE_EXPORTS_AT_ONCE", 1, 100, 2),
            ExportTimeoutMinutes = source.Integer("EDGE_EXPORT_TIMEOUT_MINUTES", 1, 1440, 60),
            CursorKey = source.Secret("EDGE_CURSOR_KEY", SecretChars),
            Shedding = ReadShedding(source),
            Limits = LimitsReader.ReadLimits(source),
            Proxies = LimitsReader.ReadProxies(source),
            CorsOrigins = LimitsReader.ReadOrigins(source),
            Telemetry = TelemetryReader.Read(source),
        };
        if (settings.Migrate && Array.TrueForAll([.. DatabaseParts, "DATABASE_URL"], key => source.Text(key) is null))
            source.Mistake("EDGE_MIGRATE", "is on, but no database is configured", "set DATABASE_URL, or leave EDGE_MIGRATE out");
        if (settings.Telemetry.IsScraped && settings.Telemetry.ScrapePort == settings.Port)
            source.Mistake("OTEL_EXPORTER_PROMETHEUS_PORT", $"is the API's port too ({settings.Port})", "choose another for one of the two: metrics have a listener of their own");
        source.RefuseUnknown("EDGE_");
        return settings;
    }

    public static int ReadPort(SettingsSource source) => source.Integer("PORT", 0, 65535, 8080);

    static DatabaseOptions? ReadDatabase(SettingsSource source)
    {
        var min = source.Integer("DB_MIN_CONNECTIONS", 0, 1000, 0);
        var max = source.Integer("DB_MAX_CONNECTIONS", 1, 1000, 20);
        var connectionTimeoutSeconds = source.Integer("DB_CONNECTION_TIMEOUT", 1, 300, 5);
        var commandTimeoutSeconds = source.Integer("DB_COMMAND_TIMEOUT", 1, 3600, 10);
        if (min > max)
            source.Mistake("DB_MIN_CONNECTIONS", $"({min}) is more than DB_MAX_CONNECTIONS ({max})", "lower it, or raise DB_MAX_CONNECTIONS");

        var server = source.Text("DATABASE_URL") is { } url ? ReadDatabaseUrl(source, url) : ReadDatabaseParts(source);
        return server is null ? null : server with
        {
            MinConnections = min,
            MaxConnections = max,
            ConnectionTimeoutSeconds = connectionTimeoutSeconds,
            CommandTimeoutSeconds = commandTimeoutSeconds,
        };
    }

    static DatabaseOptions? ReadDatabaseUrl(SettingsSource source, string url)
    {
        foreach (var part in DatabaseParts)
            if (source.Text(part) is not null)
                source.Mistake(part, "is set beside DATABASE_URL", "use the URL or the parts, not both");
        if (DatabaseUrl.TryParse(url, out var options, out var problem))
        {
            if (options.SslRootCertificate is { } file && !File.Exists(file))
                source.Mistake("DATABASE_URL", $"names sslrootcert={file}, and there is no such file", "write the path of the authority's certificate (PEM), or leave sslrootcert out for those that this machine trusts");
            return options;
        }
        source.Mistake("DATABASE_URL", problem, "write postgres://user:password@host:5432/name?sslmode=require");
        return null;
    }

    static DatabaseOptions? ReadDatabaseParts(SettingsSource source)
    {
        var (host, name, user) = (source.Text("DB_HOST"), source.Text("DB_NAME"), source.Text("DB_USER"));
        var options = new DatabaseOptions
        {
            Host = host ?? "",
            Port = source.Integer("DB_PORT", 1, 65535, 5432),
            Name = name ?? "",
            User = user ?? "",
            Password = source.Text("DB_PASSWORD"),
            SslMode = source.OneOf("DB_SSLMODE", "prefer", DatabaseUrl.SslModes),
        };
        if (Array.TrueForAll(DatabaseParts, part => source.Text(part) is null))
            return null;
        foreach (var (key, value) in new[] { ("DB_HOST", host), ("DB_NAME", name), ("DB_USER", user) })
            if (value is null)
                source.Mistake(key, "is missing beside other DB_ settings", "set it, or use DATABASE_URL alone");
        return options;
    }

    static RedisOptions? ReadRedis(SettingsSource source)
    {
        var (url, host) = (source.Text("REDIS_URL"), source.Text("REDIS_HOST"));
        var port = source.Integer("REDIS_PORT", 1, 65535, 6379);
        if (url is not null && host is not null)
            source.Mistake("REDIS_HOST", "is set beside REDIS_URL", "use one of them");
        if (url is null)
            return host is null ? null : new() { Host = host, Port = port };
        if (RedisUrl.TryParse(url, out var options, out var problem))
            return options;
        source.Mistake("REDIS_URL", "cannot be read", problem);
        return null;
    }

    static LoadGateOptions? ReadShedding(SettingsSource source)
    {
        var isOn = source.Flag("EDGE_SHED", fallback: true);
        var options = new LoadGateOptions
        {
            Floor = source.Integer("EDGE_SHED_FLOOR", 1, 100_000, 16),
            Ceiling = source.Integer("EDGE_SHED_CEILING", 1, 100_000, 1_000),
            QueueMs = source.Integer("EDGE_SHED_QUEUE_MS", 10, 60_000, 500),
        };
        if (options.Floor > options.Ceiling)
            source.Mistake("EDGE_SHED_FLOOR", $"({options.Floor}) is more than EDGE_SHED_CEILING ({options.Ceiling})", "lower it, or raise EDGE_SHED_CEILING");
        return isOn ? options : null;
    }

    static string ReadCachePrefix(SettingsSource source)
    {
        const string Default = "edge";
        var prefix = source.Text("EDGE_CACHE_PREFIX") ?? Default;
        if (prefix.Length <= 64 && prefix.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or ':'))
            return prefix;
        source.Mistake("EDGE_CACHE_PREFIX", "is too long, or has other than letters, digits, dots, dashes and colons", "write for instance shop:staging");
        return Default;
    }

    static Modules ReadModules(SettingsSource source)
    {
        if (source.Text("EDGE_MODULES") is not { } text)
            return Modules.All;
        var modules = Modules.None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!word.All(char.IsAsciiLetter) || !Enum.TryParse<Modules>(word, ignoreCase: true, out var module))
            {
                var names = string.Join(", ", Enum.GetNames<Modules>().Select(static name => name.ToLowerInvariant()));
                source.Mistake("EDGE_MODULES", $"names '{word}', which there is not", $"write a list of: {names}");
                continue;
            }
            modules |= module;
        }
        return modules;
    }

    static LogLevel ReadLogLevel(SettingsSource source) =>
        source.OneOf("EDGE_LOG_LEVEL", "info", "trace", "debug", "info", "warn", "error", "none") switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            "none" => LogLevel.None,
            _ => LogLevel.Information,
        };
}
