using System.Text.RegularExpressions;

namespace Edge.Testing;

/// <summary>What one scrape names: each series name, as queries spell it, with the labels that any of its series has.</summary>
public sealed partial class ScrapedMetrics
{
    readonly SortedDictionary<string, SortedSet<string>> _labels = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, SortedSet<string>> _values = new(StringComparer.Ordinal);

    ScrapedMetrics()
    {
    }

    /// <summary>Names with their labels, in order. A histogram is three names: _bucket, _count and _sum.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Labels => _labels;

    /// <summary>Of each label all that any series has for it, as written.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Values => _values;

    /// <exception cref="FormatException">A line is neither a comment nor a sample.</exception>
    public static ScrapedMetrics Parse(string text)
    {
        var scraped = new ScrapedMetrics();
        foreach (var line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var sample = Sample().Match(line);
            if (!sample.Success)
                throw new FormatException($"Not a sample: {line}");
            if (!scraped._labels.TryGetValue(sample.Groups["name"].Value, out var labels))
                scraped._labels.Add(sample.Groups["name"].Value, labels = new(StringComparer.Ordinal));
            foreach (var (label, value) in sample.Groups["label"].Captures.Zip(sample.Groups["value"].Captures))
            {
                labels.Add(label.Value);
                if (!scraped._values.TryGetValue(label.Value, out var values))
                    scraped._values.Add(label.Value, values = new(StringComparer.Ordinal));
                values.Add(value.Value);
            }
        }
        return scraped;
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][\w:]*)(\{((?<label>[a-zA-Z_]\w*)="(?<value>([^"\\]|\\.)*)",?)*\})? \S+( \d+)?$""")]
    private static partial Regex Sample();
}
