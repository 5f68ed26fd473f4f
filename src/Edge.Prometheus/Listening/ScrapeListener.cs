using System.Net;
using System.Net.Sockets;
using Edge.Prometheus.Scraping;

namespace Edge.Prometheus.Listening;

/// <summary>
/// Has the port, takes requests and answers each on its own, at most so many at once. HttpListener does so wherever it can; it knows no IPv6 address on
/// Linux, so that those have <see cref="SocketScrapeListener"/>.
/// <para>
/// Stopping: (1) the coalescer is shut down first, so that all who wait have their 503 to send; (2) requests in hand are waited for, and new ones get
/// 503 meanwhile; (3) the port is closed, with whatever is left.
/// </para>
/// </summary>
internal abstract class ScrapeListener(PrometheusHttpListenerOptions options)
{
    volatile bool _isStopped;

    protected RequestsInHand InHand { get; } = new(options.MaxConcurrentRequests);

    protected bool IsStopped => _isStopped;

    /// <summary>A listener that listens, or the reason why there is none.</summary>
    public static (ScrapeListener? Listener, PrometheusProblem? Problem) Start(
        PrometheusHttpListenerOptions options, ScrapeCoalescer coalescer, ProblemLog problems)
    {
        if (options.Problems() is { Count: > 0 } mistakes) return (null, new(PrometheusProblemKind.InvalidOptions, string.Join(' ', mistakes)));
        var answers = new ScrapeAnswers(options, coalescer);
        try
        {
            return IPAddress.TryParse(options.Host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
                ? (SocketScrapeListener.Open(address, options, answers, problems), null)
                : (HttpScrapeListener.Open(options, answers, problems), null);
        }
        catch (Exception exception) when (exception is HttpListenerException or SocketException or ArgumentException or PlatformNotSupportedException)
        {
            return (null, StartFailure.Of(exception, options));
        }
    }

    /// <summary>Idempotent. Returns when the port is free.</summary>
    /// <param name="timeoutMs">For requests in hand: see <see cref="RequestsInHand.WaitUntilNone"/>.</param>
    public void Stop(int timeoutMs)
    {
        // (2)
        if (!_isStopped) InHand.WaitUntilNone(timeoutMs);
        _isStopped = true;
        // (3)
        Close();
    }

    protected abstract void Close();
}
