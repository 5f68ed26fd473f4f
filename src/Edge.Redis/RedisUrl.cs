using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Edge.Redis;

/// <summary>
/// Reads an address of Redis:
/// <c>redis://[user[:password]@]host[:port][/db]</c>, <c>rediss://</c> for TLS, <c>unix://[user:password@]/path[?db=n]</c>.
/// User, password and path are percent-decoded; a host may be a name, an IPv4 address or an IPv6 address in brackets.
/// <para>Written by hand because a problem must name the part and the fix and never echo the password; System.Uri does neither.</para>
/// </summary>
public static class RedisUrl
{
    const int MaxLength = 2048;
    const string Form = "redis://user:password@host:port/db";

    /// <summary>
    /// On failure <paramref name="problem"/> names the part that is wrong and what to write instead, fit for a log; else it is
    /// empty.
    /// </summary>
    public static bool TryParse(string url, [NotNullWhen(true)] out RedisOptions? options, out string problem)
    {
        options = null;
        problem = url.Length > MaxLength ? $"The Redis URL is longer than {MaxLength} characters."
            : url.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0 ? "The Redis URL has a space or a control character; percent-encode it."
            : Parse(url, out options);
        return problem.Length == 0 && options is not null;
    }

    static string Parse(string url, out RedisOptions? options)
    {
        options = null;
        var schemeEnd = url.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd < 0) return $"The Redis URL has no scheme; write it as {Form}.";
        var scheme = url[..schemeEnd].ToLowerInvariant();
        if (scheme is not ("redis" or "rediss" or "unix"))
            return "The scheme of the Redis URL is unknown; use redis://, rediss:// (TLS) or unix:// (socket).";
        var rest = url[(schemeEnd + 3)..];
        if (rest.Contains('#')) return "The Redis URL has a '#'; if it belongs to the password, write %23.";
        var isUnix = scheme == "unix";

        // A password may hold an '@' or '/' that should have been encoded. The last '@' before the path ends the login, and
        // everything that is refused later is refused without being shown.
        var pathStart = rest.IndexOf('/');
        var loginEnd = rest.AsSpan(0, pathStart < 0 ? rest.Length : pathStart).LastIndexOf('@');
        if (loginEnd < 0 && pathStart >= 0 && rest.AsSpan(pathStart).Contains('@'))
            return "The Redis URL has an '@' behind a '/'; if they belong to the password, write %40 and %2F.";
        var found = new RedisOptions { UseTls = scheme == "rediss" };
        if (loginEnd >= 0)
        {
            var problem = ParseLogin(rest[..loginEnd], ref found);
            if (problem.Length > 0) return problem;
        }

        rest = rest[(loginEnd + 1)..];
        var fault = isUnix ? ParseSocket(rest, ref found) : ParseHost(rest, ref found);
        if (fault.Length == 0) options = found;
        return fault;
    }

    static string ParseLogin(string login, ref RedisOptions options)
    {
        var colon = login.IndexOf(':');
        if (colon < 0) return "The Redis URL has a user without a password; write user:password@ or :password@.";
        if (!TryDecode(login[..colon], out var user)) return "The user in the Redis URL has a broken %-code; write % as %25.";
        if (!TryDecode(login[(colon + 1)..], out var password)) return "The password in the Redis URL has a broken %-code; write % as %25.";
        if (password.Length == 0) return "The password in the Redis URL is empty; leave out the part before '@', or fill it in.";
        options = options with { User = user.Length == 0 ? null : user, Password = password };
        return "";
    }

    static string ParseSocket(string rest, ref RedisOptions options)
    {
        if (!rest.StartsWith('/')) return "A unix:// URL needs an absolute path; write unix:///path/to/redis.sock (three slashes).";
        var query = rest.IndexOf('?');
        if (query >= 0)
        {
            var text = rest[(query + 1)..];
            if (!text.StartsWith("db=", StringComparison.Ordinal) || !TryParseNumber(text[3..], out var database))
                return "The query of the unix:// URL is not understood; only ?db=number is.";
            options = options with { Database = database };
            rest = rest[..query];
        }

        if (!TryDecode(rest, out var path)) return "The path of the unix:// URL has a broken %-code; write % as %25.";
        options = options with { UnixSocketPath = path };
        return "";
    }

    static string ParseHost(string rest, ref RedisOptions options)
    {
        if (rest.Contains('?')) return "The Redis URL has a query ('?'); leave it out, it has no meaning here.";
        var slash = rest.IndexOf('/');
        if (slash >= 0)
        {
            var text = rest[(slash + 1)..];
            var database = 0;
            if (text.Length > 0 && !TryParseNumber(text, out database))
                return "The database in the Redis URL is no number from 0; write /0 at the end, or nothing.";
            options = options with { Database = database };
            rest = rest[..slash];
        }

        var hostEnd = rest.StartsWith('[') ? rest.IndexOf(']') + 1 : rest.IndexOf(':');
        if (rest.StartsWith('[') && hostEnd == 0) return "The IPv6 address in the Redis URL has no closing ']'.";
        if (hostEnd < 0) hostEnd = rest.Length;
        var host = rest[..hostEnd].Trim('[', ']');
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            return "The host in the Redis URL is missing or is no host name; write a name, an IPv4 address, or an IPv6 address in [].";
        options = options with { Host = host };

        var port = rest[hostEnd..];
        if (port.Length == 0) return "";
        if (port[0] != ':' || !TryParseNumber(port[1..], out var number) || number is < 1 or > 65_535)
            return "The port in the Redis URL is no number from 1 to 65535; write host:6379, or leave it out.";
        options = options with { Port = number };
        return "";
    }

    static bool TryParseNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    static bool TryDecode(string text, out string decoded)
    {
        decoded = Uri.UnescapeDataString(text);
        for (var i = text.IndexOf('%'); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return false;
        }

        return true;
    }
}
