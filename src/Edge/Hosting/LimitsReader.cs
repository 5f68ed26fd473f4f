using System.Buffers;
using System.Globalization;
using Edge.Core.RateLimiting;
using Edge.Features.ApiKeys;
using Edge.Http;

namespace Edge.Hosting;

/// <summary>The settings of limits, of proxies and of browsers on other sites. docs/limits.md explains them.</summary>
internal static class LimitsReader
{
    const string Syntax = "write for instance 1200/60s burst 300 (units s, m, h, d; without a burst it is the number before the slash), or off";

    static readonly SearchValues<char> HeaderLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    public static LimitSettings ReadLimits(SettingsSource source)
    {
        var usual = LimitSettings.Default;
        return new()
        {
            IsOn = source.Flag("EDGE_LIMITS", fallback: true),
            Public = ReadLimit(source, "EDGE_LIMIT_PUBLIC", usual.Public),
            User = ReadLimit(source, "EDGE_LIMIT_USER", usual.User),
            Plans = ReadPlans(source, usual.Plans),
            Writes = ReadLimit(source, "EDGE_LIMIT_WRITES", usual.Writes),
            Exports = ReadLimit(source, "EDGE_LIMIT_EXPORTS", usual.Exports),
            Login = ReadLimit(source, "EDGE_LIMIT_LOGIN", usual.Login),
            LoginEmail = ReadLimit(source, "EDGE_LIMIT_LOGIN_EMAIL", usual.LoginEmail),
            Shadow = ReadShadow(source),
            Exempt = ReadNetworks(source, "EDGE_LIMIT_EXEMPT"),
            IsLoginStrict = source.Flag("EDGE_LIMIT_LOGIN_STRICT"),
            Instances = source.Integer("EDGE_LIMIT_INSTANCES", 1, 10_000, usual.Instances),
            Keys = source.Integer("EDGE_LIMIT_CLIENTS", 1024, 16_777_216, usual.Keys),
        };
    }

    public static ProxyTrust ReadProxies(SettingsSource source)
    {
        var (proxies, hops, header) = (ReadNetworks(source, "EDGE_PROXIES"), source.Integer("EDGE_PROXY_HOPS", 0, ProxyTrust.MaxHops, 0), source.Text("EDGE_CLIENT_ADDRESS_HEADER"));
        if (header is not null && header.AsSpan().ContainsAnyExcept(HeaderLetters))
            source.Mistake("EDGE_CLIENT_ADDRESS_HEADER", "is not a header's name", "write for instance Fly-Client-IP");
        if (header is not null && hops > 0)
            source.Mistake("EDGE_PROXY_HOPS", "is set beside EDGE_CLIENT_ADDRESS_HEADER, which has one address", "use one of them");
        if (proxies.Length == 0 && (header is not null || hops > 0) && source.Text("EDGE_PROXIES") is null)
            source.Mistake("EDGE_PROXIES", "is missing: without it no proxy is believed", "write the networks that connections come from, as 10.0.0.0/8");
        if (hops == 0 && header is null && Array.Exists(proxies, static network => network.IsEverything))
            source.Mistake("EDGE_PROXIES", "trusts every address, so that the whole of X-Forwarded-For would be believed", "name the proxies' networks, or set EDGE_PROXY_HOPS");
        return proxies.Length == 0 ? ProxyTrust.Nobody : new(proxies, hops, header);
    }

    public static string[] ReadOrigins(SettingsSource source)
    {
        const string Key = "EDGE_CORS_ORIGINS";
        var origins = Words(source, Key, ',');
        foreach (var origin in origins)
            if (origin != "*" && !IsOrigin(origin))
                source.Mistake(Key, $"has '{Shown(origin)}', which no browser sends as Origin", "write scheme and host in lower-case, with the port where it is not the usual one: https://app.example.com");
        if (origins.Length > 1 && Array.IndexOf(origins, "*") >= 0)
            source.Mistake(Key, "has * beside others", "write * alone, or the others");
        return origins;
    }

    static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.GetLeftPart(UriPartial.Authority) == text && uri.UserInfo.Length == 0;

    static RateLimit? ReadLimit(SettingsSource source, string key, RateLimit? fallback)
    {
        if (source.Text(key) is not { } text)
            return fallback;
        if (TryParse(text, out var limit, out var wrong))
            return limit;
        source.Mistake(key, $"is '{Shown(text)}', which {wrong}", Syntax);
        return fallback;
    }

    static LimitPlan[] ReadPlans(SettingsSource source, LimitPlan[] usual)
    {
        const string Key = "EDGE_LIMIT_PLANS";
        var plans = new List<LimitPlan>(usual);
        foreach (var plan in Words(source, Key, ';'))
        {
            var (name, limit) = plan.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (plan[..at].Trim(), plan[(at + 1)..].Trim()) : ("", plan);
            if (!ApiKeyRules.IsPlanName(name))
                source.Mistake(Key, $"has '{Shown(plan)}', which does not begin with a plan's name", "write for instance standard=6000/60s burst 1000; gold=60000/60s; names are of A-Z, a-z, 0-9, _ and -");
            else if (!TryParse(limit, out var parsed, out var wrong))
                source.Mistake(Key, $"gives {name} '{Shown(limit)}', which {wrong}", Syntax);
            else
            {
                plans.RemoveAll(plan => plan.Name == name);
                plans.Add(new(name, parsed));
            }
        }
        return [.. plans];
    }

    static int ReadShadow(SettingsSource source)
    {
        const string Key = "EDGE_LIMIT_SHADOW";
        var policies = 0;
        foreach (var name in Words(source, Key, ','))
        {
            var index = Array.IndexOf(LimitSettings.PolicyNames, name.ToLowerInvariant());
            if (index >= 0)
                policies |= 1 << index;
            else if (name.Equals("all", StringComparison.OrdinalIgnoreCase))
                return -1;
            else
                source.Mistake(Key, $"names '{Shown(name)}', which there is not", $"write a list of: {string.Join(", ", LimitSettings.PolicyNames)}; or all");
        }
        return policies;
    }

    static AddressNetwork[] ReadNetworks(SettingsSource source, string key)
    {
        var words = Words(source, key, ',');
        var networks = new AddressNetwork[words.Length];
        var areRight = true;
        for (var i = 0; i < words.Length; i++)
            if (!AddressNetwork.TryParse(words[i], out networks[i]))
            {
                areRight = false;
                source.Mistake(key, $"has '{Shown(words[i])}', which is no network", "write addresses, or networks whose bits behind the prefix are 0: 10.0.0.0/8, fd00::/8, 192.0.2.7");
            }
        // What could not be read is no network of everything.
        return areRight ? networks : [];
    }

    /// <summary>"1200/60s burst 300"; the number before the unit may be left out (1200/m), and the burst.</summary>
    internal static bool TryParse(string text, out RateLimit? limit, out string wrong)
    {
        (limit, wrong) = (null, "is not a limit");
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
            return true;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words is not ([_] or [_, "burst", _]))
            return false;
        var rate = words[0];
        var slash = rate.IndexOf('/', StringComparison.Ordinal);
        if (slash < 1 || slash == rate.Length - 1)
            return false;
        var unit = rate[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        var number = rate[(slash + 1)..^1];
        var period = 1;
        if (unit == 0 || !IsWhole(rate[..slash], out var count) || (number.Length > 0 && !IsWhole(number, out period)))
            return false;
        var burst = count;
        if (words.Length == 3 && !IsWhole(words[2], out burst))
            return false;
        var made = new RateLimit(count, (int)Math.Min(int.MaxValue, (long)period * unit), burst);
        if (!made.IsValid)
        {
            wrong = "is out of range: numbers from 1 to 1000000, a period of at most a day, a bucket that fills up within 30 days";
            return false;
        }
        limit = made;
        return true;
    }

    static bool IsWhole(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    static string[] Words(SettingsSource source, string key, char separator) =>
        source.Text(key)?.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
