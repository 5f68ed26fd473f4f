using System.Runtime.CompilerServices;
using OpenTelemetry.Metrics;

namespace Edge.Prometheus.Text;

/// <summary>
/// Writes one scrape. Names, headers and labels are bytes that the catalogue keeps; only numbers are made, straight into the buffer, so that a scrape
/// of what was scraped before allocates nothing. Used by one thread at a time.
/// </summary>
internal sealed class Exposition(FamilyCatalogue catalogue)
{
    readonly ExemplarWriter _exemplars = new();
    readonly CreatedText _created = new();

    public void Write(ByteBuffer buffer, ExpositionFormat format)
    {
        var isOpenMetrics = format == ExpositionFormat.OpenMetrics;
        buffer.Write(isOpenMetrics ? catalogue.OpenMetricsTarget : catalogue.TextTarget);
        foreach (var family in catalogue.Families)
        {
            if (buffer.IsOverfull) return;
            buffer.Write(isOpenMetrics ? family.OpenMetricsHeader : family.TextHeader);
            foreach (var member in family.Members)
            {
                if (family.Type == FamilyType.Histogram) WriteHistograms(buffer, family, member, format);
                else WriteValues(buffer, family, member, format);
            }
        }

        if (isOpenMetrics) buffer.Write("# EOF\n"u8);
        // An empty answer looks like a broken one.
        else if (buffer.Length == 0 && !buffer.IsOverfull) buffer.Write("# Nothing has been measured yet.\n"u8);
    }

    void WriteValues(ByteBuffer buffer, MetricFamily family, MetricEntry member, ExpositionFormat format)
    {
        var isOpenMetricsCounter = format == ExpositionFormat.OpenMetrics && family.IsOpenMetricsCounter;
        var type = member.Metric.MetricType;
        var place = 0;
        foreach (ref readonly var point in member.Metric.GetMetricPoints())
        {
            var series = member.SeriesAt(place++, point.Tags, catalogue);
            if (series.IsDuplicate) continue;
            WriteName(buffer, family.Sample, series.Labels);
            switch (type)
            {
                case MetricType.LongSum or MetricType.LongSumNonMonotonic: NumberText.Write(buffer, point.GetSumLong()); break;
                case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic: NumberText.Write(buffer, point.GetSumDouble()); break;
                case MetricType.LongGauge: NumberText.Write(buffer, point.GetGaugeLastValueLong()); break;
                default: NumberText.Write(buffer, point.GetGaugeLastValueDouble()); break;
            }

            if (isOpenMetricsCounter)
            {
                _exemplars.WriteLast(buffer, point, isLong: type == MetricType.LongSum);
                buffer.Write((byte)'\n');
                WriteCreated(buffer, family, series, point);
            }
            else
            {
                buffer.Write((byte)'\n');
            }
        }

        member.Forget(place);
    }

    void WriteHistograms(ByteBuffer buffer, MetricFamily family, MetricEntry member, ExpositionFormat format)
    {
        var isOpenMetrics = format == ExpositionFormat.OpenMetrics;
        var place = 0;
        foreach (ref readonly var point in member.Metric.GetMetricPoints())
        {
            var series = member.SeriesAt(place++, point.Tags, catalogue);
            if (series.IsDuplicate) continue;
            var buckets = point.GetHistogramBuckets();
            member.ReadBounds(buckets);
            if (isOpenMetrics) _exemplars.Sort(point, member.Bounds);
            var total = point.GetHistogramCount();
            WriteBuckets(buffer, family, member, series, buckets, total, format);
            if (!isOpenMetrics || !member.HasNegativeBound)
            {
                WriteName(buffer, family.Sum, series.Labels);
                NumberText.Write(buffer, point.GetHistogramSum());
                buffer.Write((byte)'\n');
                WriteName(buffer, family.Count, series.Labels);
                NumberText.Write(buffer, total);
                buffer.Write((byte)'\n');
            }

            if (isOpenMetrics) WriteCreated(buffer, family, series, point);
        }

        member.Forget(place);
    }

    void WriteBuckets(
        ByteBuffer buffer, MetricFamily family, MetricEntry member, Series series, HistogramBuckets buckets, long total, ExpositionFormat format)
    {
        var isOpenMetrics = format == ExpositionFormat.OpenMetrics;
        var bounds = member.BoundTexts(format);
        var (cumulative, i) = (0L, 0);
        foreach (var bucket in buckets)
        {
            cumulative += bucket.BucketCount;
            // The last one is the total, which is written below: as the count, to which it has to be equal.
            if (double.IsPositiveInfinity(bucket.ExplicitBound)) continue;
            WriteBucket(buffer, family, series, bounds[i], cumulative);
            if (isOpenMetrics) _exemplars.WriteOfBucket(buffer, i);
            buffer.Write((byte)'\n');
            i++;
        }

        WriteBucket(buffer, family, series, "le=\"+Inf\"} "u8, total);
        if (isOpenMetrics) _exemplars.WriteOfBucket(buffer, bounds.Length);
        buffer.Write((byte)'\n');
    }

    static void WriteBucket(ByteBuffer buffer, MetricFamily family, Series series, ReadOnlySpan<byte> bound, long count)
    {
        buffer.Write(family.Bucket);
        buffer.Write(series.Labels);
        if (series.Labels.Length > 0) buffer.Write((byte)',');
        buffer.Write(bound);
        NumberText.Write(buffer, count);
    }

    void WriteCreated(ByteBuffer buffer, MetricFamily family, Series series, in MetricPoint point)
    {
        WriteName(buffer, family.Created, series.Labels);
        buffer.Write(_created.Of(point.StartTime));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void WriteName(ByteBuffer buffer, byte[] name, byte[] labels)
    {
        buffer.Write(name);
        if (labels.Length == 0)
        {
            buffer.Write((byte)' ');
            return;
        }

        buffer.Write((byte)'{');
        buffer.Write(labels);
        buffer.Write("} "u8);
    }

    /// <summary>When counting began, in seconds, with its line's end. All points of a metric began together, and so nearly all ask for the same.</summary>
    sealed class CreatedText
    {
        readonly ByteBuffer _text = new(maxBytes: 64);
        DateTimeOffset _of = DateTimeOffset.MinValue;

        public ReadOnlySpan<byte> Of(DateTimeOffset moment)
        {
            if (_of != moment)
            {
                _of = moment;
                _text.Clear();
                NumberText.Write(_text, moment.ToUnixTimeMilliseconds() / 1000.0);
                _text.Write((byte)'\n');
            }

            return _text.Span;
        }
    }
}
