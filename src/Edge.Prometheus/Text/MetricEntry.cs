using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Edge.Prometheus.Text;

/// <summary>What is remembered of one metric of the SDK between scrapes, so that a scrape writes bytes and makes nothing.</summary>
internal sealed class MetricEntry(Metric metric, MetricFamily? family, SeriesLabels labels)
{
    readonly List<Series> _series = [];
    double[] _bounds = [];
    byte[][] _textBounds = [];
    byte[][] _openMetricsBounds = [];

    public Metric Metric => metric;

    /// <summary>Null: the metric cannot be exposed, and the operator has been told why.</summary>
    public MetricFamily? Family => family;

    public string Description { get; } = metric.Description ?? "";

    /// <summary>A bound below zero: OpenMetrics then allows no sum, and without a sum no count.</summary>
    public bool HasNegativeBound { get; private set; }

    /// <summary>Bounds below +Inf, ascending.</summary>
    public ReadOnlySpan<double> Bounds => _bounds;

    public byte[][] BoundTexts(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics ? _openMetricsBounds : _textBounds;

    public bool IsBefore(MetricEntry other) =>
        (string.CompareOrdinal(metric.MeterName, other.Metric.MeterName) is var byName and not 0
            ? byName
            : string.CompareOrdinal(metric.MeterVersion, other.Metric.MeterVersion)) < 0;

    /// <summary>
    /// The series of a point, by the place that it has among the metric's points. Places stay; they shift once where a point without tags, or the
    /// one for too many of them, is first used after others: then all after it are made anew.
    /// </summary>
    public Series SeriesAt(int place, in ReadOnlyTagCollection tags, FamilyCatalogue catalogue)
    {
        if (place < _series.Count)
        {
            var known = _series[place];
            if (known.Is(tags)) return known;
            Forget(place);
        }

        var series = new Series(tags, labels.Of(tags, family!.Type == FamilyType.Histogram));
        if (!family.TryTake(series))
        {
            series.IsDuplicate = true;
            catalogue.TellOfDuplicate(this, series);
        }

        _series.Add(series);
        return series;
    }

    /// <summary>Forgets the series from a place on.</summary>
    public void Forget(int fromPlace)
    {
        for (var i = fromPlace; i < _series.Count; i++) family!.GiveBack(_series[i]);
        if (fromPlace < _series.Count) _series.RemoveRange(fromPlace, _series.Count - fromPlace);
    }

    /// <summary>Makes the texts of the bounds, where they are not those already made.</summary>
    public void ReadBounds(HistogramBuckets buckets)
    {
        var i = 0;
        var isSame = true;
        foreach (var bucket in buckets)
        {
            if (double.IsPositiveInfinity(bucket.ExplicitBound)) continue;
            isSame &= i < _bounds.Length && _bounds[i] == bucket.ExplicitBound;
            i++;
        }

        if (isSame && i == _bounds.Length) return;
        var bounds = new List<double>();
        foreach (var bucket in buckets)
        {
            if (!double.IsPositiveInfinity(bucket.ExplicitBound)) bounds.Add(bucket.ExplicitBound);
        }

        _bounds = [.. bounds];
        _textBounds = Array.ConvertAll(_bounds, static bound => BoundText(bound, isOpenMetrics: false));
        _openMetricsBounds = Array.ConvertAll(_bounds, static bound => BoundText(bound, isOpenMetrics: true));
        HasNegativeBound = _bounds is [< 0, ..];
    }

    static byte[] BoundText(double bound, bool isOpenMetrics) => Encoding.UTF8.GetBytes($"le=\"{NumberText.Bound(bound, isOpenMetrics)}\"}} ");
}
