namespace Edge.Telemetry;

/// <summary>What this instance tells of itself, and to whom. The keys are OpenTelemetry's own.</summary>
internal sealed record TelemetryOptions
{
    public const string DefaultHost = "localhost";
    public const int DefaultPort = 9464;

    /// <summary>Anything is measured and traced at all. Default on.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>Can be scraped. Default on.</summary>
    public bool IsScraped { get; init; } = true;

    /// <summary>Where scrapes are answered, see <see cref="Prometheus.PrometheusHttpListenerOptions.Host"/>.</summary>
    public string ScrapeHost { get; init; } = DefaultHost;

    /// <summary>Range 1–65535.</summary>
    public int ScrapePort { get; init; } = DefaultPort;

    /// <summary>Null: what is measured is not pushed to a collector.</summary>
    public OtlpOptions? Push { get; init; }

    /// <summary>Time between two pushes.</summary>
    public int PushIntervalMs { get; init; } = 60_000;

    /// <summary>Null: nothing is traced.</summary>
    public TraceOptions? Traces { get; init; }

    /// <summary>For an instance of which nobody outside is told.</summary>
    public static TelemetryOptions Unseen { get; } = new() { IsScraped = false };
}
