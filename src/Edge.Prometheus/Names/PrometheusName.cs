using System.Buffers;

namespace Edge.Prometheus.Names;

/// <summary>What an instrument is called in Prometheus.</summary>
/// <param name="Base">Name with unit, without <c>_total</c>: the family in OpenMetrics.</param>
/// <param name="Unit">The unit that the name ends with after an underscore, as OpenMetrics asks of one that it is told; empty: none.</param>
/// <param name="HasTotal">A counter whose samples end with <c>_total</c>.</param>
internal readonly record struct PrometheusName(string Base, string Unit, bool HasTotal)
{
    const string Total = "_total";

    static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:");
    static readonly SearchValues<char> LabelCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>Of a sample of a counter or gauge.</summary>
    public string Sample => HasTotal ? Base + Total : Base;

    /// <summary>
    /// Sanitised, then with its unit, unless it ends with that already, then with <c>_total</c>, in that order: a counter that was named
    /// <c>time_total</c> with unit <c>s</c> is <c>time_seconds_total</c>.
    /// </summary>
    public static PrometheusName Of(string instrument, string? unit, bool isCounter, bool disableTotal)
    {
        var name = Sanitize(instrument, isLabel: false).TrimEnd('_');
        var hadTotal = isCounter && name.EndsWith(Total, StringComparison.Ordinal);
        if (hadTotal) name = name[..^Total.Length];
        if (name.Length == 0) name = "unnamed";
        var suffix = PrometheusUnit.Suffix(unit);
        if (suffix.Length > 0 && name != suffix && !name.EndsWith('_' + suffix, StringComparison.Ordinal))
            name = $"{name}_{suffix}";
        return new(name, name == suffix ? "" : suffix, isCounter && (hadTotal || !disableTotal));
    }

    /// <summary>
    /// A label's key, unlike a name without colons. Two underscores at its start would make it Prometheus's own; runs of them become one.
    /// </summary>
    public static string Label(string key) => Sanitize(key, isLabel: true);

    /// <summary>Every run of what no name may have, underscores included, becomes one underscore, and one goes before a digit.</summary>
    internal static string Sanitize(string text, bool isLabel, bool canBeEmpty = false)
    {
        var allowed = isLabel ? LabelCharacters : NameCharacters;
        if (text.Length == 0) return canBeEmpty ? "" : "_";
        if (text.AsSpan().IndexOfAnyExcept(allowed) < 0 && !char.IsAsciiDigit(text[0])) return text;
        var clean = new char[text.Length + 1];
        var length = 0;
        if (char.IsAsciiDigit(text[0]) && !canBeEmpty) clean[length++] = '_';
        foreach (var character in text)
        {
            if (allowed.Contains(character)) clean[length++] = character;
            else if (length == 0 || clean[length - 1] != '_') clean[length++] = '_';
        }

        return new string(clean, 0, length);
    }
}
