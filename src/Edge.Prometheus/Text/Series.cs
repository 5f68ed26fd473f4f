using OpenTelemetry;

namespace Edge.Prometheus.Text;

/// <summary>One set of tags of a metric, with the bytes of its labels, which are made once.</summary>
internal sealed class Series
{
    readonly KeyValuePair<string, object?>[] _tags;

    public Series(in ReadOnlyTagCollection tags, byte[] labels)
    {
        _tags = new KeyValuePair<string, object?>[tags.Count];
        var i = 0;
        foreach (var tag in tags) _tags[i++] = tag;
        Labels = labels;
    }

    /// <summary>Without braces; empty: none.</summary>
    public byte[] Labels { get; }

    /// <summary>Another series of the family has these labels, and is written.</summary>
    public bool IsDuplicate { get; set; }

    /// <summary>
    /// Whether a point is this series'. The SDK keeps the tags of a point for as long as it lives, so that nearly always keys and values are the
    /// same objects and nothing has to be compared.
    /// </summary>
    public bool Is(in ReadOnlyTagCollection tags)
    {
        if (tags.Count != _tags.Length) return false;
        var i = 0;
        foreach (var tag in tags)
        {
            ref readonly var own = ref _tags[i++];
            if (!ReferenceEquals(tag.Key, own.Key) && tag.Key != own.Key) return false;
            if (!ReferenceEquals(tag.Value, own.Value) && !Equals(tag.Value, own.Value)) return false;
        }

        return true;
    }

    /// <summary>By labels.</summary>
    public sealed class SameLabels : IEqualityComparer<Series>
    {
        public bool Equals(Series? one, Series? other) => one!.Labels.AsSpan().SequenceEqual(other!.Labels);

        public int GetHashCode(Series series)
        {
            var hash = default(HashCode);
            hash.AddBytes(series.Labels);
            return hash.ToHashCode();
        }
    }
}
