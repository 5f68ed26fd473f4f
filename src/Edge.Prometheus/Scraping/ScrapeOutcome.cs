namespace Edge.Prometheus.Scraping;

/// <summary>How a scrape ended.</summary>
internal enum ScrapeStatus
{
    Ok,

    /// <summary>The collection did not end in the time that this scrape had. 408.</summary>
    TimedOut,

    /// <summary>The SDK did not collect, or writing failed. 500.</summary>
    Failed,

    /// <summary>More than MaxResponseBytes. 500.</summary>
    TooLarge,

    /// <summary>The provider is not built yet, or shut down. 503.</summary>
    Unavailable,
}

/// <param name="Status">Ok: there is a body.</param>
/// <param name="Body">Its reader releases it at the coalescer when done.</param>
internal readonly record struct ScrapeOutcome(ScrapeStatus Status, ScrapeBody? Body = null);
