using System.Globalization;
using Edge.Prometheus.Text;

namespace Edge.Prometheus.Scraping;

/// <summary>What a request asked for, as far as there is it.</summary>
/// <param name="Format">The text format wherever nothing better was asked for: an answer that is not understood says more than none.</param>
/// <param name="NamesEscaping">The client told how it wants names escaped, and is told how they are.</param>
/// <param name="IsGzip">The body is to be compressed.</param>
internal readonly record struct Negotiation(ExpositionFormat Format, bool NamesEscaping, bool IsGzip)
{
    const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    const string Escaping = "; escaping=underscores";

    public string ContentType => Format == ExpositionFormat.OpenMetrics
        ? NamesEscaping ? OpenMetricsType + Escaping : OpenMetricsType
        : TextType;

    /// <param name="accept">The header, several joined by commas; null: anything.</param>
    /// <param name="acceptEncoding">Likewise; null: uncompressed.</param>
    public static Negotiation Of(string? accept, string? acceptEncoding)
    {
        var (text, openMetrics) = (new Offer(), new Offer());
        foreach (var range in new HeaderList(accept))
        {
            var item = new HeaderItem(range);
            if (item.Weight is not { } weight) continue;
            text.Consider(Match(item, "text/plain", "text/*", "0.0.4"), weight, item.Has("escaping"));
            openMetrics.Consider(Match(item, "application/openmetrics-text", "application/*", "1.0.0"), weight, item.Has("escaping"));
        }

        // Of equals OpenMetrics, which can say more; but not to those who take anything: people and their tools read the other more easily.
        var isOpenMetrics = openMetrics.Weight > 0 && openMetrics.Specificity > 1 && openMetrics.Weight >= text.Weight;
        return new(isOpenMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text, isOpenMetrics && openMetrics.NamesEscaping, WantsGzip(acceptEncoding));
    }

    /// <summary>How closely a range names a type: 0 not at all, 1 as anything, 2 by its first half, 3 by name, 4 by name and version.</summary>
    static int Match(in HeaderItem item, string type, string half, string version)
    {
        if (item.Is("*/*")) return 1;
        if (item.Is(half)) return 2;
        if (!item.Is(type)) return 0;
        if (!item.TryGet("version", out var asked)) return 3;
        return asked.SequenceEqual(version) ? 4 : 0;
    }

    static bool WantsGzip(string? acceptEncoding)
    {
        double? gzip = null, any = null, identity = null;
        foreach (var coding in new HeaderList(acceptEncoding))
        {
            var item = new HeaderItem(coding);
            if (item.Weight is not { } weight) continue;
            if (item.Is("gzip") || item.Is("x-gzip")) gzip = weight;
            else if (item.Is("*")) any = weight;
            else if (item.Is("identity")) identity = weight;
        }

        var wanted = gzip ?? any ?? 0;
        return wanted > 0 && wanted >= (identity ?? 0);
    }

    /// <summary>What the most specific range that names it says of one format.</summary>
    struct Offer
    {
        public int Specificity;
        public double Weight;
        public bool NamesEscaping;

        public void Consider(int specificity, double weight, bool namesEscaping)
        {
            if (specificity < Specificity || specificity == 0 || (specificity == Specificity && weight <= Weight)) return;
            (Specificity, Weight, NamesEscaping) = (specificity, weight, namesEscaping);
        }
    }
}

/// <summary>The parts of a header between commas, without allocating. A comma in quotes parts nothing.</summary>
internal ref struct HeaderList(ReadOnlySpan<char> rest)
{
    ReadOnlySpan<char> _rest = rest;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly HeaderList GetEnumerator() => this;

    public bool MoveNext() => HeaderItem.TryCut(ref _rest, ',', out var part) && Set(part);

    bool Set(ReadOnlySpan<char> part)
    {
        Current = part;
        return true;
    }
}

/// <summary>One part of a header: a value, and parameters behind semicolons. Space around any of it says nothing, nor does case.</summary>
internal readonly ref struct HeaderItem
{
    readonly ReadOnlySpan<char> _value;
    readonly ReadOnlySpan<char> _parameters;

    public HeaderItem(ReadOnlySpan<char> text)
    {
        _parameters = text;
        if (TryCut(ref _parameters, ';', out var value)) _value = value.Trim();
    }

    /// <summary>0 to 1; 1 where nothing is said; null where what is said is no weight, and the part counts for nothing.</summary>
    public double? Weight
    {
        get
        {
            if (!TryGet("q", out var text)) return 1;
            return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) && weight is >= 0 and <= 1 ? weight : null;
        }
    }

    public bool Is(string value) => _value.Equals(value, StringComparison.OrdinalIgnoreCase);

    public bool Has(string name) => TryGet(name, out _);

    /// <summary>A parameter's value, without its quotes.</summary>
    public bool TryGet(string name, out ReadOnlySpan<char> value)
    {
        var rest = _parameters;
        while (TryCut(ref rest, ';', out var parameter))
        {
            var equals = parameter.IndexOf('=');
            if (equals < 0 || !parameter[..equals].Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            value = parameter[(equals + 1)..].Trim().Trim('"');
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Cuts off what stands before the next separator outside of quotes.</summary>
    public static bool TryCut(scoped ref ReadOnlySpan<char> rest, char separator, out ReadOnlySpan<char> part)
    {
        part = rest;
        if (rest.IsEmpty) return false;
        var isQuoted = false;
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '"') isQuoted = !isQuoted;
            if (isQuoted || rest[i] != separator) continue;
            part = rest[..i];
            rest = rest[(i + 1)..];
            return true;
        }

        rest = default;
        return true;
    }
}
