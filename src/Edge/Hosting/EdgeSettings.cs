using Edge.Core.Resilience;
using Edge.Data;
using Edge.Http;
using Edge.Redis;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>Everything that an operator sets, checked. docs/settings.md lists the keys; <see cref="SettingsReader"/> reads them.</summary>
internal sealed record EdgeSettings
{
    /// <summary>Null: no database is configured; routes that need one answer 503.</summary>
    public DatabaseOptions? Database { get; init; }

    /// <summary>Null: no Redis is configured.</summary>
    public RedisOptions? Redis { get; init; }

    /// <summary>Port of the API. Default 8080. 0: any free one. Range 0–65535.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Key of the operators' routes; null: these routes do not exist. At least 16 characters. Never logged.</summary>
    public string? AdminToken { get; init; }

    public Modules Modules { get; init; } = Modules.All;

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public LogFormat LogFormat { get; init; } = LogFormat.Auto;

    /// <summary>Apply pending migrations before the API starts to listen. Default off: deploys do it once, with <c>edge migrate</c>.</summary>
    public bool Migrate { get; init; }

    /// <summary>Seconds between SIGTERM and the end of accepting, in which balancers notice. Default 5. Range 0–300.</summary>
    public int ShutdownDelaySeconds { get; init; } = 5;

    /// <summary>Seconds that requests in flight may still take after that. Default 20. Range 1–3600.</summary>
    public int ShutdownTimeoutSeconds { get; init; } = 20;

    /// <summary>Seconds between two probes of each dependency. Default 10. Range 1–300.</summary>
    public int ProbeIntervalSeconds { get; init; } = 10;

    /// <summary>MiB of memory for cached answers. Default 64. 0: no cache, every request asks the database. Range 0–65536.</summary>
    public int CacheMegabytes { get; init; } = 64;

    /// <summary>Milliseconds that a call of the cache to Redis may take. Default 100. Range 1–10000.</summary>
    public int CacheRedisTimeoutMs { get; init; } = 100;

    /// <summary>Milliseconds after which an instance without Redis has what it holds loaded anew. Default 10000. Range 100–3600000.</summary>
    public int CacheCutOffMs { get; init; } = 10_000;

    /// <summary>What all keys in Redis begin with. Default edge. Letters, digits, dots, dashes, colons; at most 64.</summary>
    public string CachePrefix { get; init; } = "edge";

    /// <summary>Seconds that loading the most asked for answers may keep an instance from being ready. Default 5. 0: nothing is loaded ahead. Range 0–300.</summary>
    public int WarmSeconds { get; init; } = 5;

    /// <summary>How many passwords are hashed at once. Default: half of the cores, at least 1. Range 1–64.</summary>
    public int HashThreads { get; init; } = DefaultHashThreads;

    /// <summary>How many requests may wait for that; more are refused. Default 64. Range 1–10000.</summary>
    public int HashQueue { get; init; } = 64;

    /// <summary>Hours from login to a session's end. Default 720. Range 1–8760.</summary>
    public int SessionHours { get; init; } = 720;

    /// <summary>A session that is used in the second half of its life is extended. Default on.</summary>
    public bool IsSessionSliding { get; init; } = true;

    /// <summary>Most exports that run at once; each holds a connection beside those of the pool. Default 2. Range 1–100.</summary>
    public int ExportsAtOnce { get; init; } = 2;

    /// <summary>Minutes after which an export is cut off. Default 60. Range 1–1440.</summary>
    public int ExportTimeoutMinutes { get; init; } = 60;

    /// <summary>Null: nothing is shed, whatever there is to do. Default: shed by the defaults.</summary>
    public LoadGateOptions? Shedding { get; init; } = new();

    public LimitSettings Limits { get; init; } = LimitSettings.Default;

    public ProxyTrust Proxies { get; init; } = ProxyTrust.Nobody;

    /// <summary>Sites whose pages may read our answers, as browsers send them in Origin; * alone: all. Default: none.</summary>
    public string[] CorsOrigins { get; init; } = [];

    public static int DefaultHashThreads => Math.Clamp(Environment.ProcessorCount / 2, 1, 64);

    /// <summary>Default, where nothing was read: nobody outside is told.</summary>
    public TelemetryOptions Telemetry { get; init; } = TelemetryOptions.Unseen;

    /// <summary>Makes cursors tamper-evident; the same on all instances. At least 16 characters; null: a built-in key (see CursorCodec).</summary>
    public string? CursorKey { get; init; }
}

/// <summary>Groups of features that one instance serves (EDGE_MODULES). Health is always served.</summary>
[Flags]
internal enum Modules
{
    None = 0,
    Catalogue = 1,
    Users = 2,
    Blogs = 4,
    Accounts = 8,
    Orders = 16,
    Dashboard = 32,
    Stories = 64,
    Opportunities = 128,
    Exports = 256,
    Places = 512,
    All = Catalogue | Users | Blogs | Accounts | Orders | Dashboard | Stories | Opportunities | Exports | Places,
}

internal enum LogFormat
{
    /// <summary>Text on a terminal, JSON elsewhere.</summary>
    Auto,
    Json,
    Text,
}
