namespace Edge.Prometheus.Listening;

/// <summary>Request line and headers, as far as they count.</summary>
/// <param name="KeepsAlive">Another request may follow on the connection.</param>
internal sealed record RequestHead(ScrapeRequest Request, bool KeepsAlive)
{
    /// <param name="text">Up to, and without, the empty line.</param>
    /// <returns>Null: that is no HTTP/1 request.</returns>
    public static RequestHead? Read(string text)
    {
        var lines = text.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"] || method.Length == 0) return null;
        var path = PathOf(target);
        string? accept = null, acceptEncoding = null, timeout = null;
        var keepsAlive = lines[0].EndsWith('1');
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) return null;
            var value = line[(colon + 1)..].Trim(' ', '\t');
            switch (line[..colon].ToUpperInvariant())
            {
                case "ACCEPT": accept = Joined(accept, value); break;
                case "ACCEPT-ENCODING": acceptEncoding = Joined(acceptEncoding, value); break;
                case "X-PROMETHEUS-SCRAPE-TIMEOUT-SECONDS": timeout = value; break;
                case "CONNECTION": keepsAlive &= !value.Contains("close", StringComparison.OrdinalIgnoreCase); break;
                // A body follows, which is not read: what comes behind it cannot be told from it.
                case "CONTENT-LENGTH": keepsAlive &= value == "0"; break;
                case "TRANSFER-ENCODING": keepsAlive = false; break;
            }
        }

        return new(new(method, path, accept, acceptEncoding, timeout), keepsAlive);
    }

    static string Joined(string? before, string value) => before is null ? value : $"{before},{value}";

    /// <summary>Also of a target that names scheme and host, as one through a proxy does.</summary>
    static string PathOf(string target)
    {
        if (Uri.TryCreate(target, UriKind.Absolute, out var whole) && whole.Scheme is "http" or "https") return whole.AbsolutePath;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }
}
