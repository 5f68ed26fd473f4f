using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace Edge.Prometheus;

/// <summary>Adds the exporter to a meter provider.</summary>
public static class PrometheusHttpListenerBuilder
{
    /// <summary>With the defaults, or what <c>services.Configure</c> set.</summary>
    public static MeterProviderBuilder AddPrometheusHttpListener(this MeterProviderBuilder builder) => AddPrometheusHttpListener(builder, null, null);

    /// <inheritdoc cref="AddPrometheusHttpListener(MeterProviderBuilder, string, Action{PrometheusHttpListenerOptions})"/>
    public static MeterProviderBuilder AddPrometheusHttpListener(this MeterProviderBuilder builder, Action<PrometheusHttpListenerOptions> configure) =>
        AddPrometheusHttpListener(builder, null, configure);

    /// <summary>
    /// Answers scrapes from when the provider is built until it is disposed of. A listener that cannot start is reported to
    /// <see cref="PrometheusHttpListenerOptions.OnProblem"/>; the provider is built all the same, and so are its other readers.
    /// </summary>
    /// <param name="name">Of the options, as in <c>services.Configure(name, …)</c>. Null: those without a name.</param>
    /// <param name="configure">Sets options, before anything listens.</param>
    public static MeterProviderBuilder AddPrometheusHttpListener(
        this MeterProviderBuilder builder, string? name, Action<PrometheusHttpListenerOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        name ??= Options.DefaultName;
        if (configure is not null) builder.ConfigureServices(services => services.Configure(name, configure));
        return builder.AddReader(services => Build(
            services.GetRequiredService<IOptionsMonitor<PrometheusHttpListenerOptions>>().Get(name), services.GetService<IConfiguration>()));
    }

    static ScrapeReader Build(PrometheusHttpListenerOptions options, IConfiguration? configuration)
    {
        options.ReadEnvironment(key => configuration is null ? Environment.GetEnvironmentVariable(key) : configuration[key]);
        var exporter = new PrometheusExporter(options);
        var reader = new ScrapeReader(exporter);
        exporter.Start(options);
        return reader;
    }
}
