using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Http;

namespace Edge.Telemetry;

/// <summary>
/// The instruments of this service. Most read what its parts count anyway, when a scrape asks: they cost nothing in between. Labels are bounded: names of
/// routes, policies, queries, commands; never a key, an address or an id.
/// </summary>
internal static class EdgeMeter
{
    public const string Name = "Edge";

    public static Meter Create(TimeProvider clock)
    {
        var meter = new Meter(Name);
        var startedAt = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge("edge.process.start.time", () => startedAt, "s", "When this process began, in seconds since 1970");
        KeyValuePair<string, object?>[] build =
        [
            new("version", EdgeVersion.Text), new("framework", RuntimeInformation.FrameworkDescription), new("native", !RuntimeFeature.IsDynamicCodeSupported),
        ];
        meter.CreateObservableGauge("edge.build.info", () => new Measurement<int>(1, build), unit: null, "What runs here; always 1");
        return meter;
    }

    public static int Flag(bool value) => value ? 1 : 0;
}
