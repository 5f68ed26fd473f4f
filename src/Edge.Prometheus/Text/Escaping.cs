namespace Edge.Prometheus.Text;

/// <summary>What may not stand as it is. The two formats agree on label values and differ on HELP.</summary>
internal static class Escaping
{
    /// <summary>Backslash, quote and line feed.</summary>
    public static string Value(string text) => text.AsSpan().IndexOfAny("\\\"\n") < 0
        ? text
        : Help(text).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>The text format escapes backslash and line feed.</summary>
    public static string Help(string text) => text.AsSpan().IndexOfAny("\\\n") < 0
        ? text
        : text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>OpenMetrics escapes quotes as well.</summary>
    public static string OpenMetricsHelp(string text) => Value(text);
}
