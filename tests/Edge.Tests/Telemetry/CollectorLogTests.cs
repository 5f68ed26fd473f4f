using Edge.Telemetry;
using Edge.Testing;
using OpenTelemetry;

namespace Edge.Tests.Telemetry;

public sealed class CollectorLogTests
{
    readonly LogRecorder<CollectorLog> _lines = new();

    [Fact]
    public void An_outage_is_two_lines_however_long_it_takes()
    {
        var log = new CollectorLog("spans", _lines) { Reason = "it answers 503" };
        foreach (var isTaken in (bool[])[true, false, false, false, true, true, false])
            Assert.Equal(isTaken ? ExportResult.Success : ExportResult.Failure, log.Told(isTaken ? ExportResult.Success : ExportResult.Failure));
        Assert.Equal(
            ["The collector does not take spans: it answers 503", "The collector takes spans again; 3 batches were lost", "The collector does not take spans: it answers 503"],
            _lines.Events.Select(static line => line.Text));
    }
}
