using System.Text;
using Edge.Prometheus.Names;

namespace Edge.Prometheus.Text;

/// <summary>
/// Collects what becomes the labels of one series, and writes them: keys sanitised, in the order of their names, so that a series is spelled the
/// same in every process. Keys that become the same name share one label, their values joined by ";" in the order of the keys as they were.
/// Used again after <see cref="Clear"/>.
/// </summary>
internal sealed class LabelSet
{
    /// <summary>What Prometheus itself does to a label that it needs for itself.</summary>
    const string Exported = "exported_";
    const string BucketBound = "le";

    readonly List<Label> _labels = [];

    public void Clear() => _labels.Clear();

    /// <param name="key">As it was given.</param>
    /// <param name="value">Unescaped.</param>
    /// <param name="prefix">Goes before the sanitised name.</param>
    /// <param name="yields">Is left out where another label has the name.</param>
    public void Add(string key, string value, string prefix = "", bool yields = false) =>
        _labels.Add(new(prefix.Length == 0 ? PrometheusName.Label(key) : PrometheusName.Label(prefix + key), key, value, yields));

    /// <summary><c>a="1",b="2"</c>, without braces. Empty where there is no label.</summary>
    /// <param name="isHistogram">"le" belongs to the buckets: a label that is called so becomes exported_le.</param>
    public byte[] Write(bool isHistogram)
    {
        if (isHistogram) FreeBucketBound();
        _labels.Sort(static (one, other) =>
            string.CompareOrdinal(one.Name, other.Name) is var byName and not 0 ? byName : string.CompareOrdinal(one.Key, other.Key));
        var text = new StringBuilder();
        for (var i = 0; i < _labels.Count;)
        {
            var end = i + 1;
            while (end < _labels.Count && _labels[end].Name == _labels[i].Name) end++;
            WriteOne(text, i, end);
            i = end;
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    void WriteOne(StringBuilder text, int start, int end)
    {
        var hasOwner = false;
        for (var i = start; i < end; i++) hasOwner |= !_labels[i].Yields;
        if (text.Length > 0) text.Append(',');
        text.Append(_labels[start].Name).Append("=\"");
        var isFirst = true;
        for (var i = start; i < end; i++)
        {
            if (hasOwner && _labels[i].Yields) continue;
            if (!isFirst) text.Append(';');
            text.Append(Escaping.Value(_labels[i].Value));
            isFirst = false;
        }

        text.Append('"');
    }

    void FreeBucketBound()
    {
        var free = BucketBound;
        while (_labels.Exists(label => label.Name == free)) free = Exported + free;
        if (free == BucketBound) return;
        for (var i = 0; i < _labels.Count; i++)
        {
            if (_labels[i].Name == BucketBound) _labels[i] = _labels[i] with { Name = free };
        }
    }

    readonly record struct Label(string Name, string Key, string Value, bool Yields);
}
