namespace Edge.Prometheus.Names;

/// <summary>
/// Units of measure as OpenTelemetry writes them (UCUM: <c>ms</c>, <c>By/s</c>, <c>{request}</c>) as Prometheus has them in names
/// (<c>milliseconds</c>, <c>bytes_per_second</c>, nothing).
/// </summary>
internal static class PrometheusUnit
{
    /// <summary>The suffix without its underscore; empty where the unit says nothing: none, <c>1</c>, or an annotation.</summary>
    public static string Suffix(string? unit)
    {
        if (string.IsNullOrWhiteSpace(unit)) return "";
        var plain = WithoutAnnotations(unit);
        var slash = plain.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return Many(plain);
        var (many, one) = (Many(plain[..slash]), One(plain[(slash + 1)..]));
        if (one.Length == 0) return many;
        return many.Length == 0 ? "per_" + one : $"{many}_per_{one}";
    }

    /// <summary>What stands in braces is a remark for people. A brace that nothing closes is a character like any other, which is none of a name's.</summary>
    static string WithoutAnnotations(string unit)
    {
        int open, close;
        while ((open = unit.IndexOf('{', StringComparison.Ordinal)) >= 0 && (close = unit.IndexOf('}', open)) >= 0)
            unit = unit.Remove(open, close - open + 1);
        return unit;
    }

    static string Many(string unit) => unit.Trim() switch
    {
        "1" => "",
        "%" => "percent",
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tibibytes",
        "KBy" or "kBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "TBy" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        var other => PrometheusName.Sanitize(other, isLabel: false, canBeEmpty: true).Trim('_'),
    };

    static string One(string unit) => unit.Trim() switch
    {
        "s" => "second",
        "m" or "min" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" or "wk" => "week",
        "mo" => "month",
        "y" or "a" => "year",
        "By" => "byte",
        var other => Many(other),
    };
}
