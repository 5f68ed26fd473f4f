using System.Text;
using Edge.Prometheus.Names;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Edge.Prometheus.Text;

/// <summary>
/// Which metric belongs to which family, kept between scrapes. Used by one thread at a time.
/// <para>
/// (1) A metric that is new is translated: name, unit and type give its family. (2) A family takes all names that its samples have in either format;
/// whose names another family has is left out, and the operator told. First come, first served, so that what is new never breaks what was there.
/// (3) Where a metric is gone (its meter was disposed), all is made anew: it is rare, and names and labels that it took may be wanted by others.
/// </para>
/// </summary>
internal sealed class FamilyCatalogue(PrometheusHttpListenerOptions options, ProblemLog problems)
{
    static readonly PrometheusName TargetName = new("target", "", false);

    readonly Dictionary<Metric, MetricEntry> _entries = [];
    readonly Dictionary<string, MetricFamily> _owners = new(StringComparer.Ordinal);
    readonly List<MetricFamily> _families = [];
    readonly LabelSet _scratch = new();
    IReadOnlyList<KeyValuePair<string, object>> _resourceLabels = [];
    MetricFamily? _target;

    /// <summary>Ordered by name.</summary>
    public List<MetricFamily> Families => _families;

    /// <summary><c>target_info</c>, header and all, for the text format; empty: none.</summary>
    public byte[] TextTarget { get; private set; } = [];

    /// <inheritdoc cref="TextTarget"/>
    public byte[] OpenMetricsTarget { get; private set; } = [];

    /// <summary>Once, before the first scrape.</summary>
    public void SetResource(Resource resource)
    {
        var attributes = resource.Attributes.ToList();
        if (options.ResourceConstantLabels is { } isWanted) _resourceLabels = attributes.FindAll(attribute => isWanted(attribute.Key));
        if (!options.TargetInfoEnabled || attributes.Count == 0) return;
        _target = new(TargetName, FamilyType.Info);
        _scratch.Clear();
        foreach (var (key, value) in attributes) _scratch.Add(key, LabelValue.Of(value));
        var sample = $"target_info{{{Encoding.UTF8.GetString(_scratch.Write(isHistogram: false))}}} 1\n";
        TextTarget = Encoding.UTF8.GetBytes($"# HELP target_info Target metadata\n# TYPE target_info gauge\n{sample}");
        OpenMetricsTarget = Encoding.UTF8.GetBytes($"# TYPE target info\n# HELP target Target metadata\n{sample}");
        Take(_target);
    }

    /// <summary>Takes note of what this scrape has.</summary>
    public void Update(in Batch<Metric> metrics)
    {
        if (Look(metrics) == _entries.Count) return;
        // (3)
        Forget();
        Look(metrics);
    }

    /// <summary>Everything but the resource is made anew by the next scrape.</summary>
    public void Forget()
    {
        _entries.Clear();
        _owners.Clear();
        _families.Clear();
        if (_target is not null) Take(_target);
    }

    public void TellOfDuplicate(MetricEntry entry, Series series) => problems.Tell(
        PrometheusProblemKind.DuplicateSeries, entry.Family!.Name.Sample,
        $"{Who(entry.Metric)} has a series with the name and labels of another, {entry.Family.Name.Sample}{{{Encoding.UTF8.GetString(series.Labels)}}}; "
        + "it is left out. Rename the instrument with a View, give its meter a version or tags, or set ScopeInfoEnabled.");

    int Look(in Batch<Metric> metrics)
    {
        var seen = 0;
        foreach (var metric in metrics)
        {
            if (!_entries.TryGetValue(metric, out var entry)) _entries.Add(metric, entry = Enter(metric));
            seen++;
        }

        return seen;
    }

    MetricEntry Enter(Metric metric)
    {
        // (1)
        var family = FamilyOf(metric);
        var entry = new MetricEntry(metric, family, new SeriesLabels(metric, options.ScopeInfoEnabled, _resourceLabels, _scratch));
        family?.Add(entry);
        return entry;
    }

    MetricFamily? FamilyOf(Metric metric)
    {
        if (TypeOf(metric.MetricType) is not { } type)
        {
            problems.Tell(PrometheusProblemKind.ExponentialHistogram, $"{metric.MeterName}/{metric.Name}",
                $"{Who(metric)} has exponential buckets, which Prometheus' text formats cannot hold; it is left out. Give it explicit ones: "
                + $"AddView(\"{metric.Name}\", new ExplicitBucketHistogramConfiguration {{ Boundaries = [0.005, 0.01, …] }}).");
            return null;
        }

        var name = PrometheusName.Of(metric.Name, metric.Unit, type == FamilyType.Counter, options.DisableTotalNameSuffixForCounters);
        if (_owners.TryGetValue(name.Base, out var known) && known.Name.Base == name.Base && known.Name.HasTotal == name.HasTotal && known.Type == type)
            return known;

        // (2)
        var family = new MetricFamily(name, type);
        foreach (var taken in family.TakenNames())
        {
            if (!_owners.TryGetValue(taken, out var owner)) continue;
            problems.Tell(PrometheusProblemKind.NameConflict, $"{metric.MeterName}/{metric.Name}",
                $"{Who(metric)} would be the {Kind(type)} {name.Sample} in Prometheus, and {taken} belongs to the {Kind(owner.Type)} {owner.Name.Sample} already; "
                + "it is left out. Rename one of the two with a View.");
            return null;
        }

        Take(family);
        var place = _families.BinarySearch(family, ByName.Instance);
        _families.Insert(place < 0 ? ~place : place, family);
        return family;
    }

    void Take(MetricFamily family)
    {
        foreach (var name in family.TakenNames()) _owners.Add(name, family);
    }

    static FamilyType? TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => FamilyType.Counter,
        MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic or MetricType.LongGauge or MetricType.DoubleGauge => FamilyType.Gauge,
        MetricType.Histogram => FamilyType.Histogram,
        _ => null,
    };

    static string Kind(FamilyType type) => type switch
    {
        FamilyType.Counter => "counter",
        FamilyType.Histogram => "histogram",
        FamilyType.Info => "info",
        _ => "gauge",
    };

    static string Who(Metric metric) => $"The instrument {metric.Name} of meter {metric.MeterName}";

    sealed class ByName : IComparer<MetricFamily>
    {
        public static readonly ByName Instance = new();

        public int Compare(MetricFamily? one, MetricFamily? other) => string.CompareOrdinal(one!.Name.Base, other!.Name.Base);
    }
}
