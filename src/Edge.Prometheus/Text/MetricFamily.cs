using System.Text;
using Edge.Prometheus.Names;

namespace Edge.Prometheus.Text;

/// <summary>What a family is, in both formats.</summary>
internal enum FamilyType
{
    Counter,
    Gauge,
    Histogram,

    /// <summary>The resource: a gauge in the text format.</summary>
    Info,
}

/// <summary>All metrics that have one name in Prometheus, of whichever meters. They are written together, under one header.</summary>
internal sealed class MetricFamily(PrometheusName name, FamilyType type)
{
    readonly HashSet<Series> _series = new(new Series.SameLabels());
    bool _hasHelp;

    public PrometheusName Name => name;

    public FamilyType Type => type;

    /// <summary>In the order of meter name and version, then of creation.</summary>
    public List<MetricEntry> Members { get; } = [];

    public byte[] TextHeader { get; private set; } = [];

    public byte[] OpenMetricsHeader { get; private set; } = [];

    /// <summary>Bytes of the names that samples have, each up to its labels.</summary>
    public byte[] Sample { get; } = Encoding.UTF8.GetBytes(name.Sample);

    public byte[] Bucket { get; } = Encoding.UTF8.GetBytes(name.Base + "_bucket{");

    public byte[] Sum { get; } = Encoding.UTF8.GetBytes(name.Base + "_sum");

    public byte[] Count { get; } = Encoding.UTF8.GetBytes(name.Base + "_count");

    public byte[] Created { get; } = Encoding.UTF8.GetBytes(name.Base + "_created");

    /// <summary>A counter whose suffix was switched off is none in OpenMetrics.</summary>
    public bool IsOpenMetricsCounter => type == FamilyType.Counter && name.HasTotal;

    /// <summary>Every name that is taken by this family in one of the formats, so that no other may have it.</summary>
    public IEnumerable<string> TakenNames() => type switch
    {
        FamilyType.Counter when name.HasTotal => [name.Base, name.Sample, name.Base + "_created"],
        FamilyType.Histogram => [name.Base, name.Base + "_bucket", name.Base + "_sum", name.Base + "_count", name.Base + "_created"],
        FamilyType.Info => [name.Base, name.Base + "_info"],
        _ => [name.Base],
    };

    /// <returns>False: another series of this family has the same labels.</returns>
    public bool TryTake(Series series) => _series.Add(series);

    public void GiveBack(Series series)
    {
        if (!series.IsDuplicate) _series.Remove(series);
    }

    public void Add(MetricEntry entry)
    {
        var place = Members.Count;
        while (place > 0 && entry.IsBefore(Members[place - 1])) place--;
        Members.Insert(place, entry);
        // The first description stays: a metric that comes later does not change what was there.
        if (Members.Count == 1 || !_hasHelp) WriteHeaders(entry.Description);
    }

    void WriteHeaders(string description)
    {
        _hasHelp = description.Length > 0;
        // A family of OpenMetrics is named without the suffix of its samples.
        var text = new StringBuilder();
        if (_hasHelp) text.Append("# HELP ").Append(name.Sample).Append(' ').Append(Escaping.Help(Lines(description))).Append('\n');
        text.Append("# TYPE ").Append(name.Sample).Append(' ').Append(TextType(type)).Append('\n');
        TextHeader = Encoding.UTF8.GetBytes(text.ToString());

        text.Clear().Append("# TYPE ").Append(name.Base).Append(' ').Append(OpenMetricsType()).Append('\n');
        if (name.Unit.Length > 0) text.Append("# UNIT ").Append(name.Base).Append(' ').Append(name.Unit).Append('\n');
        if (_hasHelp) text.Append("# HELP ").Append(name.Base).Append(' ').Append(Escaping.OpenMetricsHelp(Lines(description))).Append('\n');
        OpenMetricsHeader = Encoding.UTF8.GetBytes(text.ToString());
    }

    static string TextType(FamilyType type) => type switch
    {
        FamilyType.Counter => "counter",
        FamilyType.Histogram => "histogram",
        _ => "gauge",
    };

    string OpenMetricsType() => type == FamilyType.Counter && !name.HasTotal ? "unknown" : TextType(type);

    /// <summary>Lines end in a line feed, whatever the author's system thinks.</summary>
    static string Lines(string text) => text.ReplaceLineEndings("\n");
}
