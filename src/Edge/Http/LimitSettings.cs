using Edge.Core.RateLimiting;

namespace Edge.Http;

/// <summary>What limits there are. In the order in which a request takes of them: two in the other order could wait for each other.</summary>
internal enum LimitPolicy
{
    /// <summary>By client address: whoever is not known otherwise.</summary>
    Public,

    /// <summary>By user, where a route knows the session.</summary>
    User,

    /// <summary>By API key, as its plan says.</summary>
    Key,

    /// <summary>Calls that change something, by whoever is limited by one of the three above.</summary>
    Writes,

    /// <summary>Exports, likewise.</summary>
    Exports,

    /// <summary>Logins by client address.</summary>
    Login,

    /// <summary>Logins by the email that they try.</summary>
    LoginEmail,
}

/// <summary>Which policy a route has beside that of whoever calls.</summary>
internal enum LimitGroup
{
    /// <summary>By method: reads have none, the rest are <see cref="Writes"/>. Operators' routes are not limited.</summary>
    Usual,

    /// <summary>Not limited at all.</summary>
    Free,

    /// <summary>None: only that of whoever calls.</summary>
    Reads,
    Writes,
    Exports,

    /// <summary>By address before the body is read, by email after that.</summary>
    Login,
}

/// <summary>What keys may do that have this plan.</summary>
/// <param name="limit">Null: it is off.</param>
internal sealed class LimitPlan(string name, RateLimit? limit)
{
    public string Name => name;

    public RateLimit? Limit => limit;
}

/// <summary>The limits of an instance. A limit that is null is off. (No record, here and beside: what the compiler adds to those weighs more than they do.)</summary>
internal sealed class LimitSettings
{
    public static LimitSettings Default { get; } = new();

    /// <summary>False: nothing is limited, and no answer says anything of limits.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>Default: 1200 a minute, 300 at once.</summary>
    public RateLimit? Public { get; init; } = new(1200, 60, 300);

    /// <summary>Default: 1200 a minute, 300 at once.</summary>
    public RateLimit? User { get; init; } = new(1200, 60, 300);

    /// <summary>By name. There is always a <see cref="StandardPlan"/>: that of keys whose own is not here. Default: 6000 a minute, 1000 at once.</summary>
    public LimitPlan[] Plans { get; init; } = [new(StandardPlan, new(6000, 60, 1000))];

    /// <summary>Default: 120 a minute, 40 at once.</summary>
    public RateLimit? Writes { get; init; } = new(120, 60, 40);

    /// <summary>Default: 30 an hour, 5 at once.</summary>
    public RateLimit? Exports { get; init; } = new(30, 3600, 5);

    /// <summary>Default: 60 in ten minutes, 15 at once: people behind one address share it.</summary>
    public RateLimit? Login { get; init; } = new(60, 600, 15);

    /// <summary>Default: 10 in ten minutes, 10 at once. Who knows somebody's email can use it up, and keep them from signing in for a minute.</summary>
    public RateLimit? LoginEmail { get; init; } = new(10, 600, 10);

    /// <summary>Policies that only count: a bit for each.</summary>
    public int Shadow { get; init; }

    public bool IsShadow(LimitPolicy policy) => (Shadow & (1 << (int)policy)) != 0;

    /// <summary>Whoever comes from there is not limited.</summary>
    public AddressNetwork[] Exempt { get; init; } = [];

    /// <summary>Logins are refused while Redis cannot be asked. Default off: each instance limits them by itself then.</summary>
    public bool IsLoginStrict { get; init; }

    /// <summary>Without Redis each instance admits this part of a limit. Default 1: all of it. Range 1–10,000.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Clients that each policy tells apart at a time; 64 bytes each once used. Default 65,536. Range 1,024–16,777,216.</summary>
    public int Keys { get; init; } = 65_536;

    public const string StandardPlan = "standard";

    public static readonly string[] PolicyNames = ["public", "user", "key", "writes", "exports", "login", "login-email"];

    public static string NameOf(LimitPolicy policy) => PolicyNames[(int)policy];
}
