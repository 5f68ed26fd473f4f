namespace Edge.Prometheus.Text;

/// <summary>The two formats that a scrape can be answered in.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus' text format, version 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics, version 1.0.0.</summary>
    OpenMetrics,
}
