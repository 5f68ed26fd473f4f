using Edge.Prometheus.Names;
using OpenTelemetry.Metrics;

namespace Edge.Prometheus.Text;

/// <summary>
/// Exemplars, in OpenMetrics only: <c> # {trace_id="…",span_id="…"} value seconds</c> behind a counter or bucket. The tags that a View took from the
/// metric go with it as far as 128 characters last.
/// </summary>
internal sealed class ExemplarWriter
{
    /// <summary>Of all names and values together: the format's limit.</summary>
    const int MaxCharacters = 128;

    const string TraceId = "trace_id";
    const string SpanId = "span_id";

    readonly List<string> _names = [];
    Exemplar[] _ofBucket = [];
    bool[] _isThere = [];

    /// <summary>The youngest exemplar of a counter's point, where there is one.</summary>
    public void WriteLast(ByteBuffer buffer, in MetricPoint point, bool isLong)
    {
        if (!point.TryGetExemplars(out var exemplars)) return;
        var isFound = false;
        Exemplar last = default;
        foreach (ref readonly var exemplar in exemplars)
        {
            if (isFound && exemplar.Timestamp < last.Timestamp) continue;
            last = exemplar;
            isFound = true;
        }

        if (isFound) Write(buffer, last, isLong);
    }

    /// <summary>Sorts the exemplars of a histogram's point into its buckets: the youngest of each.</summary>
    public void Sort(in MetricPoint point, ReadOnlySpan<double> bounds)
    {
        if (_isThere.Length <= bounds.Length) (_ofBucket, _isThere) = (new Exemplar[bounds.Length + 1], new bool[bounds.Length + 1]);
        Array.Clear(_isThere);
        if (!point.TryGetExemplars(out var exemplars)) return;
        foreach (ref readonly var exemplar in exemplars)
        {
            if (double.IsNaN(exemplar.DoubleValue)) continue;
            // A bound belongs to the bucket below it.
            var place = bounds.BinarySearch(exemplar.DoubleValue);
            if (place < 0) place = ~place;
            if (_isThere[place] && exemplar.Timestamp < _ofBucket[place].Timestamp) continue;
            _ofBucket[place] = exemplar;
            _isThere[place] = true;
        }
    }

    public void WriteOfBucket(ByteBuffer buffer, int bucket)
    {
        if (_isThere[bucket]) Write(buffer, _ofBucket[bucket], isLong: false);
    }

    void Write(ByteBuffer buffer, in Exemplar exemplar, bool isLong)
    {
        buffer.Write(" # {"u8);
        WriteLabels(buffer, exemplar);
        buffer.Write("} "u8);
        if (isLong) NumberText.Write(buffer, exemplar.LongValue);
        else NumberText.Write(buffer, exemplar.DoubleValue);
        buffer.Write((byte)' ');
        NumberText.Write(buffer, exemplar.Timestamp.ToUnixTimeMilliseconds() / 1000.0);
    }

    void WriteLabels(ByteBuffer buffer, in Exemplar exemplar)
    {
        _names.Clear();
        var characters = 0;
        if (exemplar.TraceId != default)
        {
            WriteLabel(buffer, TraceId, exemplar.TraceId.ToHexString(), ref characters);
            WriteLabel(buffer, SpanId, exemplar.SpanId.ToHexString(), ref characters);
        }

        foreach (var tag in exemplar.FilteredTags)
            WriteLabel(buffer, PrometheusName.Label(tag.Key), LabelValue.Of(tag.Value), ref characters);
    }

    void WriteLabel(ByteBuffer buffer, string name, string value, ref int characters)
    {
        // Characters of UTF-16 are never fewer than those that the format counts.
        if (characters + name.Length + value.Length > MaxCharacters || _names.Contains(name)) return;
        characters += name.Length + value.Length;
        if (_names.Count > 0) buffer.Write((byte)',');
        _names.Add(name);
        buffer.Write(name);
        buffer.Write("=\""u8);
        buffer.Write(Escaping.Value(value));
        buffer.Write((byte)'"');
    }
}
