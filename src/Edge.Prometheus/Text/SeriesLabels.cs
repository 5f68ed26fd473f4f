using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Edge.Prometheus.Text;

/// <summary>The labels that all series of one metric have, its meter's and the resource's, and those of a series with them.</summary>
internal sealed class SeriesLabels
{
    const string ScopePrefix = "otel_scope_";

    readonly List<(string Key, string Value, string Prefix, bool Yields)> _constant = [];
    readonly LabelSet _labels;

    /// <param name="scratch">Shared by all that make labels on the one thread that does.</param>
    /// <param name="resource">Attributes that every series is labelled with.</param>
    public SeriesLabels(Metric metric, bool withScope, IReadOnlyList<KeyValuePair<string, object>> resource, LabelSet scratch)
    {
        _labels = scratch;
        foreach (var (key, value) in resource) _constant.Add((key, LabelValue.Of(value), "", true));
        if (!withScope) return;
        if (metric.MeterName is { Length: > 0 } name) AddScope("name", name);
        if (metric.MeterVersion is { Length: > 0 } version) AddScope("version", version);
        if (metric.MeterSchemaUrl is { Length: > 0 } schemaUrl) AddScope("schema_url", schemaUrl);
        foreach (var (key, value) in metric.MeterTags ?? [])
        {
            // These say what the meter is, and are not to be mixed with what somebody tagged it with.
            if (key is not ("name" or "version" or "schema_url")) AddScope(key, LabelValue.Of(value));
        }
    }

    public byte[] Of(in ReadOnlyTagCollection tags, bool isHistogram)
    {
        _labels.Clear();
        foreach (var (key, value, prefix, yields) in _constant) _labels.Add(key, value, prefix, yields);
        foreach (var tag in tags) _labels.Add(tag.Key ?? "", LabelValue.Of(tag.Value));
        return _labels.Write(isHistogram);
    }

    void AddScope(string key, string value) => _constant.Add((key, value, ScopePrefix, false));
}
