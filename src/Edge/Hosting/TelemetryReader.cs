using System.Globalization;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>
/// What is measured and traced, and where to, by the keys of OpenTelemetry's specification. A key for traces alone goes before that for all signals.
/// Blank is absent. What the SDK reads by itself from the environment: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and limits of attributes.
/// </summary>
internal static class TelemetryReader
{
    const string Otlp = "OTEL_EXPORTER_OTLP_";

    static readonly string[] Samplers =
        ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    public static TelemetryOptions Read(SettingsSource source)
    {
        if (source.Flag("OTEL_SDK_DISABLED"))
            return new() { IsOn = false, IsScraped = false };
        var exporter = source.OneOf("OTEL_METRICS_EXPORTER", "prometheus", "prometheus", "otlp", "none");
        var isTraced = source.OneOf("OTEL_TRACES_EXPORTER", "otlp", "otlp", "none") == "otlp";
        return new()
        {
            IsScraped = exporter == "prometheus",
            ScrapeHost = source.Text("OTEL_EXPORTER_PROMETHEUS_HOST") ?? TelemetryOptions.DefaultHost,
            ScrapePort = source.Integer("OTEL_EXPORTER_PROMETHEUS_PORT", 1, 65535, TelemetryOptions.DefaultPort),
            // Asked for by name, so that it goes where collectors are by default.
            Push = exporter == "otlp" ? Collector(source, new(source, "METRICS"), "v1/metrics", fallback: "http://localhost:4318") : null,
            PushIntervalMs = exporter == "otlp" ? source.Integer("OTEL_METRIC_EXPORT_INTERVAL", 1_000, 3_600_000, 60_000) : 60_000,
            Traces = isTraced && new Signal(source, "TRACES") is { Endpoint.Text: not null } traces ? Spans(source, Collector(source, traces, "v1/traces", fallback: null)) : null,
        };
    }

    static TraceOptions Spans(SettingsSource source, OtlpOptions collector)
    {
        const string ratioKey = "OTEL_TRACES_SAMPLER_ARG";
        var ratio = 1.0;
        if (source.Text(ratioKey) is { } text && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out ratio) && ratio is >= 0 and <= 1))
            source.Mistake(ratioKey, "is not a share", "write a number from 0 to 1, for example 0.01, or leave it out for 1");
        var maxQueued = source.Integer("OTEL_BSP_MAX_QUEUE_SIZE", 1, 1_000_000, 2_048);
        return new()
        {
            Collector = collector,
            Sampler = source.OneOf("OTEL_TRACES_SAMPLER", TraceOptions.DefaultSampler, Samplers),
            SampledRatio = ratio,
            DelayMs = source.Integer("OTEL_BSP_SCHEDULE_DELAY", 1, 600_000, 5_000),
            MaxQueued = maxQueued,
            MaxBatch = Math.Min(maxQueued, source.Integer("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, 1_000_000, 512)),
        };
    }

    /// <summary>Read only where it is used, as the keys of spans are: they may be set for a whole cluster, and meant for others.</summary>
    /// <param name="path">Below the address for all signals; that of one signal is taken as it is.</param>
    static OtlpOptions Collector(SettingsSource source, Signal signal, string path, string? fallback)
    {
        var (key, text) = signal.Endpoint;
        if (!Uri.TryCreate(text ?? fallback, UriKind.Absolute, out var endpoint) || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps)
            || endpoint.UserInfo.Length > 0)
        {
            // Not shown: it may have a secret in it.
            source.Mistake(key, "is no address of a collector", "write one like http://localhost:4318, without a user or password");
            return new();
        }
        if (key == Otlp + "ENDPOINT")
            endpoint = new(endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/" + path);

        if (signal.Protocol.Text is not (null or "http/protobuf"))
            source.Mistake(signal.Protocol.Key, "is not spoken here", "write http/protobuf, with a collector's port for that (mostly 4318), or leave it out");
        foreach (var (file, name) in signal.Certificates)
            if (name is not null)
                source.Mistake(file, "is not read here", "put the authority that the collector's certificate is of into a file, and name that by SSL_CERT_FILE");
        if (signal.Headers.Text is { } headers && !IsHeaders(headers))
            source.Mistake(signal.Headers.Key, "is no list of headers", "write name=value, several with commas between, other characters as %20");
        if (signal.Compression.Text is not (null or "gzip" or "none"))
            source.Mistake(signal.Compression.Key, "is neither gzip nor none", "write one of them, or leave it out for none");
        return new()
        {
            Endpoint = endpoint,
            Headers = signal.Headers.Text,
            TimeoutMs = source.Integer(signal.Timeout.Key, 1, 600_000, 10_000),
            IsCompressed = signal.Compression.Text == "gzip",
        };
    }

    /// <summary>Read as the exporter does, which throws.</summary>
    static bool IsHeaders(string headers) => Array.TrueForAll(Uri.UnescapeDataString(headers).Split(','), static pair =>
    {
        var at = pair.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && pair.AsSpan(0, at).Trim() is { Length: > 0 } name && !name.ContainsAnyExcept("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") && !pair.AsSpan().ContainsAnyInRange('\0', '\x1f');
    });

    /// <summary>What is said of one signal, else of all.</summary>
    /// <param name="name">As in the keys.</param>
    sealed class Signal(SettingsSource source, string name)
    {
        public (string Key, string? Text) Endpoint { get; } = Of(source, name, "ENDPOINT");

        public (string Key, string? Text) Protocol { get; } = Of(source, name, "PROTOCOL");

        public (string Key, string? Text) Headers { get; } = Of(source, name, "HEADERS");

        public (string Key, string? Text) Timeout { get; } = Of(source, name, "TIMEOUT");

        public (string Key, string? Text) Compression { get; } = Of(source, name, "COMPRESSION");

        public (string Key, string? Text)[] Certificates { get; } =
            [Of(source, name, "CERTIFICATE"), Of(source, name, "CLIENT_CERTIFICATE"), Of(source, name, "CLIENT_KEY")];

        static (string Key, string? Text) Of(SettingsSource source, string name, string suffix)
        {
            var (own, all) = ($"{Otlp}{name}_{suffix}", Otlp + suffix);
            var (ownText, allText) = (source.Text(own), source.Text(all));
            return ownText is null ? (all, allText) : (own, ownText);
        }
    }
}
