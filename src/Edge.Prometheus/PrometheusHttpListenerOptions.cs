using System.Globalization;
using System.Net;

namespace Edge.Prometheus;

/// <summary>
/// Where metrics can be scraped and how they are written. Names and defaults are those of OpenTelemetry's own HttpListener exporter; what that
/// has not is marked. Host and port can also come from the environment; what is set here goes before.
/// </summary>
public sealed class PrometheusHttpListenerOptions
{
    internal const string HostVariable = "OTEL_EXPORTER_PROMETHEUS_HOST";
    internal const string PortVariable = "OTEL_EXPORTER_PROMETHEUS_PORT";
    internal const string DefaultPath = "/metrics";
    const string DefaultHost = "localhost";
    const int DefaultPort = 9464;

    string? _host;
    int? _port;
    string? _portProblem;

    /// <summary>
    /// The name or address to listen on. Default <c>localhost</c>: not reachable from other machines, and only for requests that name it so or by
    /// its address. <c>*</c> or <c>+</c>: every IPv4 address of this machine; <c>::</c>: every address, IPv6 and IPv4. Otherwise one IPv4 or IPv6
    /// address (with or without brackets), or a name that resolves to one. Environment: OTEL_EXPORTER_PROMETHEUS_HOST.
    /// </summary>
    public string Host
    {
        get => _host ?? DefaultHost;
        set => _host = value;
    }

    /// <summary>TCP port. Default 9464. Range 1–65535. Environment: OTEL_EXPORTER_PROMETHEUS_PORT.</summary>
    public int Port
    {
        get => _port ?? DefaultPort;
        set => _port = value;
    }

    /// <summary>The one path that is answered. Default <c>/metrics</c>, also for null. Begins with a slash; no query.</summary>
    public string? ScrapeEndpointPath { get; set; } = DefaultPath;

    /// <summary>Milliseconds for which an answer serves further scrapes of its format. Default 300. Range 0–3,600,000. 0: every scrape collects.</summary>
    public int ScrapeResponseCacheDurationMilliseconds { get; set; } = 300;

    /// <summary>Write <c>target_info</c>, whose labels are the resource's attributes (service.name and others). Default true.</summary>
    public bool TargetInfoEnabled { get; set; } = true;

    /// <summary>Label each series with its meter: otel_scope_name, its version, schema URL and tags. Default true.</summary>
    public bool ScopeInfoEnabled { get; set; } = true;

    /// <summary>Which of the resource's attributes, by key, become labels of every series. Null (default): none.</summary>
    public Func<string, bool>? ResourceConstantLabels { get; set; }

    /// <summary>
    /// Do not add <c>_total</c> to the names of counters. Default false. OpenMetrics knows no counter without it: there such a counter is of type
    /// "unknown".
    /// </summary>
    public bool DisableTotalNameSuffixForCounters { get; set; }

    /// <summary>
    /// Milliseconds that a scrape may take whose request does not say (X-Prometheus-Scrape-Timeout-Seconds); then 408. Default 10,000.
    /// Range 1–120,000, which also bounds what a request may say. Ours alone.
    /// </summary>
    public int ScrapeTimeoutMilliseconds { get; set; } = 10_000;

    /// <summary>Most bytes of an answer, uncompressed; a larger one is 500. Default 64 MiB. Range 4 KiB–1 GiB. Ours alone.</summary>
    public int MaxResponseBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Most requests that are answered at once; further ones get 503. Default 64. Range 1–10,000. Ours alone.</summary>
    public int MaxConcurrentRequests { get; set; } = 64;

    /// <summary>
    /// Hears of whatever an operator should know, a listener that could not start among it: the process goes on, without being scraped, unless this
    /// throws for a <see cref="PrometheusProblem.IsStartFailure"/>, which is then thrown by the building of the provider. Default: a line on stderr.
    /// Ours alone.
    /// </summary>
    public Action<PrometheusProblem> OnProblem { get; set; } = static problem => Console.Error.WriteLine($"Prometheus: {problem.Text}");

    /// <summary>Of timers and of the answers' age. Default: the system's. Ours alone.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    internal string Path => ScrapeEndpointPath ?? DefaultPath;

    /// <summary>Takes from the environment what was not set.</summary>
    internal void ReadEnvironment(Func<string, string?> read)
    {
        if (_host is null && read(HostVariable) is { Length: > 0 } host)
            _host = host;
        if (_port is not null || read(PortVariable) is not { Length: > 0 } port)
            return;
        if (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            _port = number;
        else
            _portProblem = $"{PortVariable} is '{port}'; set it between 1 and 65535, or leave it out for {DefaultPort}.";
    }

    /// <summary>Every mistake, each with its key and the fix. Empty: none.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (_portProblem is not null) problems.Add(_portProblem);
        if (!IsHost(Host)) problems.Add($"Host is '{Host}'; set a name, an address, or * for all IPv4 addresses (also: {HostVariable}).");
        if (!IsPath(Path)) problems.Add($"ScrapeEndpointPath is '{Path}'; it begins with a slash and has no spaces, query or fragment, as in {DefaultPath}.");
        Check(nameof(Port), Port, 1, 65_535, $" (also: {PortVariable})");
        Check(nameof(ScrapeResponseCacheDurationMilliseconds), ScrapeResponseCacheDurationMilliseconds, 0, 3_600_000);
        Check(nameof(ScrapeTimeoutMilliseconds), ScrapeTimeoutMilliseconds, 1, 120_000);
        Check(nameof(MaxResponseBytes), MaxResponseBytes, 4 * 1024, 1024 * 1024 * 1024);
        Check(nameof(MaxConcurrentRequests), MaxConcurrentRequests, 1, 10_000);
        return problems;

        void Check(string key, long value, long least, long most, string also = "")
        {
            if (value < least || value > most) problems.Add($"{key} is {value}; set it between {least} and {most}{also}.");
        }
    }

    static bool IsHost(string host) => host is "*" or "+" || IPAddress.TryParse(host, out _)
        || (Uri.CheckHostName(host) == UriHostNameType.Dns && !host.Contains('*', StringComparison.Ordinal));

    static bool IsPath(string path) => path.StartsWith('/') && path.AsSpan().IndexOfAny(" ?#\\%") < 0 && path.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;
}
