using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Edge.Http;

/// <summary>The encodings that we have and a client takes.</summary>
[Flags]
internal enum AcceptedEncodings
{
    None = 0,
    Gzip = 1,
    Brotli = 2,
}

/// <summary>Reads Accept-Encoding (RFC 9110 section 12.5.3).</summary>
internal static class AcceptEncoding
{
    // Nearly all requests of a process carry one of two or three values: the last one read is remembered with its meaning.
    static Remembered s_last = new("", AcceptedEncodings.None);

    public static AcceptedEncodings Read(StringValues header)
    {
        if (header.Count == 0)
            return AcceptedEncodings.None;
        var text = header.Count == 1 ? header[0]! : header.ToString();
        var last = s_last;
        if (last.Text == text)
            return last.Accepted;
        var accepted = Parse(text);
        s_last = new(text, accepted);
        return accepted;
    }

    /// <summary>
    /// Only what has the highest q-value counts; at equal ones the smaller body wins: br, then gzip, then the body as it is. As it is ("identity") it is
    /// taken by everybody who does not refuse it, but wanted only by those who name it.
    /// </summary>
    internal static AcceptedEncodings Parse(ReadOnlySpan<char> header)
    {
        double? brotli = null, gzip = null, any = null;
        var identity = 0.0;
        foreach (var range in header.Split(','))
        {
            var item = header[range];
            var semicolon = item.IndexOf(';');
            var name = (semicolon < 0 ? item : item[..semicolon]).Trim();
            var q = semicolon < 0 ? 1 : Quality(item[(semicolon + 1)..]);
            if (name.Equals("br", StringComparison.OrdinalIgnoreCase))
                brotli = q;
            else if (name.Equals("gzip", StringComparison.OrdinalIgnoreCase) || name.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
                gzip = q;
            else if (name.Equals("identity", StringComparison.OrdinalIgnoreCase))
                identity = q;
            else if (name is "*")
                any = q;
        }
        var (br, gz) = (brotli ?? any ?? 0, gzip ?? any ?? 0);
        var accepted = AcceptedEncodings.None;
        if (br > 0 && br >= gz && br >= identity)
            accepted |= AcceptedEncodings.Brotli;
        if (gz > 0 && gz >= br && gz >= identity)
            accepted |= AcceptedEncodings.Gzip;
        return accepted;
    }

    /// <summary>Of <c>q=0.5</c>; what cannot be read counts as refused.</summary>
    static double Quality(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.Trim();
        if (!parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
            return 1;
        return double.TryParse(parameter[2..].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) && q <= 1 ? q : 0;
    }

    sealed record Remembered(string Text, AcceptedEncodings Accepted);
}
