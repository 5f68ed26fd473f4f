using System.Globalization;

namespace Edge.Prometheus.Scraping;

/// <summary>How long a scrape may take, by what Prometheus says of its patience.</summary>
internal static class ScrapeDeadline
{
    public const string Header = "X-Prometheus-Scrape-Timeout-Seconds";

    /// <summary>No scrape may ask for more.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(120);

    /// <summary>Part of the time that is left for the answer's way back: one that comes when nobody waits any more explains nothing.</summary>
    const double Share = 0.95;

    /// <param name="header">Seconds, with a fraction; null or no such number: the default holds.</param>
    public static TimeSpan Of(string? header, int defaultMs)
    {
        if (!double.TryParse(header, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var seconds)
            || !(seconds > 0))
        {
            return TimeSpan.FromMilliseconds(defaultMs);
        }

        return TimeSpan.FromSeconds(Math.Clamp(seconds * Share, 0.001, Max.TotalSeconds));
    }
}
