namespace Edge.Telemetry;

/// <summary>A collector, and how it is spoken to: OTLP as protobuf over HTTP.</summary>
internal sealed record OtlpOptions
{
    /// <summary>The whole address of one signal, with its path.</summary>
    public Uri Endpoint { get; init; } = new("http://localhost:4318");

    /// <summary>What goes with each request, as <c>name=value,name=value</c>, percent-encoded. Mostly a secret. Null: nothing.</summary>
    public string? Headers { get; init; }

    /// <summary>How long one batch may take to be handed over.</summary>
    public int TimeoutMs { get; init; } = 10_000;

    public bool IsCompressed { get; init; }
}

/// <summary>Which requests are traced, and how their spans leave.</summary>
internal sealed record TraceOptions
{
    public OtlpOptions Collector { get; init; } = new();

    /// <summary>As OTEL_TRACES_SAMPLER names it.</summary>
    public string Sampler { get; init; } = DefaultSampler;

    /// <summary>Share of traces that the samplers by ratio keep, 0–1.</summary>
    public double SampledRatio { get; init; } = 1;

    /// <summary>Spans wait this long for others to leave with.</summary>
    public int DelayMs { get; init; } = 5_000;

    /// <summary>Spans that may wait; what ends while so many do is lost.</summary>
    public int MaxQueued { get; init; } = 2_048;

    /// <summary>Spans in one request to the collector.</summary>
    public int MaxBatch { get; init; } = 512;

    public const string DefaultSampler = "parentbased_always_on";
}
