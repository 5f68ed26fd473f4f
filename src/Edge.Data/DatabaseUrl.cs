using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Edge.Data;

/// <summary>
/// Reads libpq's connection URI: <c>postgres[ql]://user:password@host:port/name?sslmode=…</c>. A socket's folder stands as
/// <c>?host=/folder</c> or, percent-encoded, in the place of the host. Problems never repeat the password.
/// </summary>
public static class DatabaseUrl
{
    public static string[] SslModes { get; } = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

    public static bool TryParse(string url, [NotNullWhen(true)] out DatabaseOptions? options, [NotNullWhen(false)] out string? problem)
    {
        (options, problem) = (null, null);
        var rest = url.AsSpan();
        if (!TakePrefix(ref rest, "postgres://") && !TakePrefix(ref rest, "postgresql://"))
        {
            problem = "does not start with postgres:// or postgresql://";
            return false;
        }

        var query = Split(ref rest, '?');
        var name = Split(ref rest, '/');
        // A password may hold an '@' that nobody encoded; the host cannot.
        var at = rest.LastIndexOf('@');
        var credentials = at < 0 ? default : rest[..at];
        var server = rest[(at + 1)..];
        var password = Split(ref credentials, ':', out var hasPassword);

        var port = 5432;
        if (!TrySplitPort(ref server, ref port))
        {
            problem = "has a port that is not a number from 1 to 65535";
            return false;
        }

        var parsed = new DatabaseOptions
        {
            Host = Decode(server),
            Port = port,
            Name = Decode(name),
            User = Decode(credentials),
            Password = hasPassword ? Decode(password) : null,
        };
        problem = ReadQuery(query, ref parsed) ?? Contradiction(parsed);
        // As libpq does it: to name an authority is to ask for the check. Npgsql would not look at it.
        if (parsed is { SslRootCertificate: not null, SslMode: "require" })
            parsed = parsed with { SslMode = "verify-ca" };
        options = problem is null ? parsed : null;
        return problem is null;
    }

    static string? Contradiction(DatabaseOptions options) => options switch
    {
        { Host: "" } => "names no host",
        { User: "" } => "names no user",
        { Name: "" } => "names no database after the host",
        { SslRootCertificate: not null, SslMode: "disable" or "allow" or "prefer" } =>
            $"has an sslrootcert, which sslmode={options.SslMode} does not look at (require, verify-ca and verify-full do)",
        _ => null,
    };

    static string? ReadQuery(ReadOnlySpan<char> query, ref DatabaseOptions options)
    {
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            if (pair.IsEmpty)
                continue;
            var value = Decode(Split(ref pair, '='));
            switch (pair)
            {
                case "sslmode" when Array.IndexOf(SslModes, value) >= 0:
                    options = options with { SslMode = value };
                    break;
                case "sslmode":
                    return "has an sslmode that is none of " + string.Join(", ", SslModes);
                case "sslrootcert":
                    options = options with { SslRootCertificate = value };
                    break;
                case "host":
                    options = options with { Host = value };
                    break;
                case "port" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535:
                    options = options with { Port = port };
                    break;
                case "port":
                    return "has a port that is not a number from 1 to 65535";
                case "application_name":
                    options = options with { ApplicationName = value };
                    break;
                default:
                    // A '?' in a password that nobody encoded ends up here: only what cannot be part of one is shown.
                    var shown = pair.Contains('@') || pair.Contains('/') || pair.Length > 40 ? "a parameter" : $"the parameter {pair}";
                    return $"has {shown} that Edge does not know (it knows sslmode, sslrootcert, host, port, application_name)";
            }
        }
        return null;
    }

    /// <summary>Takes a <c>:port</c> off the end. An IPv6 address stands in brackets, which are taken off too.</summary>
    static bool TrySplitPort(ref ReadOnlySpan<char> server, ref int port)
    {
        var text = ReadOnlySpan<char>.Empty;
        if (server.StartsWith("[") && server.IndexOf(']') is > 0 and var end)
        {
            text = server[(end + 1)..];
            server = server[1..end];
        }
        else if (server.IndexOf(':') is >= 0 and var colon)
        {
            text = server[colon..];
            server = server[..colon];
        }
        if (text.IsEmpty)
            return true;
        return text[0] == ':'
            && int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is >= 1 and <= 65535;
    }

    static bool TakePrefix(ref ReadOnlySpan<char> text, string prefix)
    {
        if (!text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            return false;
        text = text[prefix.Length..];
        return true;
    }

    /// <summary>Cuts at the first separator: the text keeps what is before it, the result is what is after.</summary>
    static ReadOnlySpan<char> Split(ref ReadOnlySpan<char> text, char separator) => Split(ref text, separator, out _);

    static ReadOnlySpan<char> Split(ref ReadOnlySpan<char> text, char separator, out bool found)
    {
        var at = text.IndexOf(separator);
        found = at >= 0;
        if (!found)
            return default;
        var after = text[(at + 1)..];
        text = text[..at];
        return after;
    }

    static string Decode(ReadOnlySpan<char> text) => Uri.UnescapeDataString(text);
}
