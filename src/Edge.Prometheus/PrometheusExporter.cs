using Edge.Prometheus.Listening;
using Edge.Prometheus.Scraping;
using Edge.Prometheus.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Edge.Prometheus;

/// <summary>
/// Turns what the SDK collects into text when a scrape asks.
/// <para>
/// (1) The coalescer's worker, of which there is one at a time, sets what is to be written and collects by the delegate that its reader gave us. (2) The
/// SDK calls <see cref="Export"/> on the same thread. (3) A collection that came back without an export is a failure and not an empty answer.
/// </para>
/// </summary>
[ExportModes(ExportModes.Push | ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    const int NoTimeout = -1;

    readonly ProblemLog _problems;
    readonly FamilyCatalogue _catalogue;
    readonly Exposition _exposition;
    ScrapeListener? _listener;
    ByteBuffer? _text;
    ByteBuffer? _openMetrics;
    bool _isExported;
    bool _hasResource;

    public PrometheusExporter(PrometheusHttpListenerOptions options)
    {
        _problems = new(options.OnProblem);
        _catalogue = new(options, _problems);
        _exposition = new(_catalogue);
        Coalescer = new(CollectRound, options.ScrapeResponseCacheDurationMilliseconds, options.MaxResponseBytes, options.Clock);
    }

    /// <summary>Set by the reader.</summary>
    public Func<int, bool>? Collect { get; set; }

    public ScrapeCoalescer Coalescer { get; }

    /// <summary>Listens, or tells why it does not. What the callback throws is thrown.</summary>
    public void Start(PrometheusHttpListenerOptions options)
    {
        var started = ScrapeListener.Start(options, Coalescer, _problems);
        _listener = started.Listener;
        if (started.Problem is { } problem) _problems.TellOfStart(problem);
    }

    /// <summary>(2)</summary>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        if (_text is null && _openMetrics is null) return ExportResult.Success;
        _isExported = true;
        try
        {
            Write(batch);
            return ExportResult.Success;
        }
        catch (Exception exception)
        {
            // Whatever was half done is not to be believed.
            _catalogue.Forget();
            _problems.Tell(PrometheusProblemKind.ScrapeFailed, exception.GetType().Name, $"A scrape failed: {exception}");
            return ExportResult.Failure;
        }
    }

    /// <summary>(1)</summary>
    internal ScrapeStatus CollectRound(ByteBuffer? text, ByteBuffer? openMetrics)
    {
        if (Collect is not { } collect || ParentProvider is null) return ScrapeStatus.Unavailable;
        (_text, _openMetrics, _isExported) = (text, openMetrics, false);
        var isCollected = collect(NoTimeout);
        (_text, _openMetrics) = (null, null);
        if (isCollected && _isExported) return StatusOf(text, openMetrics);
        // (3) An export that failed has told of it.
        if (!_isExported) _problems.Tell(PrometheusProblemKind.ScrapeFailed, nameof(Collect), "A scrape failed: the OpenTelemetry SDK did not collect.");
        return ScrapeStatus.Failed;
    }

    protected override bool OnShutdown(int timeoutMilliseconds)
    {
        Coalescer.ShutDown();
        _listener?.Stop(timeoutMilliseconds);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Coalescer.ShutDown();
            _listener?.Stop(timeoutMs: 0);
        }

        base.Dispose(disposing);
    }

    void Write(in Batch<Metric> batch)
    {
        if (!_hasResource)
        {
            _catalogue.SetResource(ParentProvider.GetResource());
            _hasResource = true;
        }

        _catalogue.Update(batch);
        if (_text is not null) _exposition.Write(_text, ExpositionFormat.Text);
        if (_openMetrics is not null) _exposition.Write(_openMetrics, ExpositionFormat.OpenMetrics);
    }

    ScrapeStatus StatusOf(ByteBuffer? text, ByteBuffer? openMetrics)
    {
        if (text is not { IsOverfull: true } && openMetrics is not { IsOverfull: true }) return ScrapeStatus.Ok;
        _problems.Tell(PrometheusProblemKind.ResponseTooLarge, "",
            $"The metrics take more than {nameof(PrometheusHttpListenerOptions.MaxResponseBytes)}. Label with less, or raise it.");
        return ScrapeStatus.TooLarge;
    }
}
