using System.Net;
using System.Net.Sockets;
using Edge.Prometheus.Scraping;

namespace Edge.Prometheus.Listening;

/// <summary>
/// Takes requests from HttpListener and answers each on its own, at most so many at once.
/// <para>
/// Stopping: (1) the coalescer is shut down first, so that all who wait have their 503 to send; (2) requests in hand are waited for, and new ones get
/// 503 meanwhile; (3) the port is closed, with whatever is left.
/// </para>
/// </summary>
internal sealed class ScrapeListener
{
    const int MaxStopMs = 5_000;

    /// <summary>The SDK may have used up the time that it gives; an answer that is ready takes a moment.</summary>
    const int MinStopMs = 500;
    const int PauseAfterFailureMs = 100;

    readonly HttpListener _listener = new() { IgnoreWriteExceptions = true };
    readonly ManualResetEventSlim _isIdle = new(initialState: true);
    readonly Lock _gate = new();
    readonly PrometheusHttpListenerOptions _options;
    readonly ScrapeAnswers _answers;
    readonly ProblemLog _problems;
    int _inHand;
    volatile bool _isStopped;

    ScrapeListener(PrometheusHttpListenerOptions options, ScrapeCoalescer coalescer, ProblemLog problems)
    {
        _options = options;
        _answers = new(options, coalescer);
        _problems = problems;
    }

    /// <summary>A listener that listens, or the reason why there is none.</summary>
    public static (ScrapeListener? Listener, PrometheusProblem? Problem) Start(
        PrometheusHttpListenerOptions options, ScrapeCoalescer coalescer, ProblemLog problems)
    {
        if (options.Problems() is { Count: > 0 } mistakes) return (null, new(PrometheusProblemKind.InvalidOptions, string.Join(' ', mistakes)));
        var listener = new ScrapeListener(options, coalescer, problems);
        try
        {
            foreach (var prefix in ListenerPrefixes.Of(options.Host, options.Port)) listener._listener.Prefixes.Add(prefix);
            listener._listener.Start();
        }
        catch (Exception exception) when (exception is HttpListenerException or SocketException or ArgumentException or PlatformNotSupportedException)
        {
            listener._listener.Abort();
            return (null, StartFailure.Of(exception, options));
        }

        // Ends when the listener is stopped, and lets nothing escape.
        _ = listener.TakeRequests();
        return (listener, null);
    }

    /// <summary>Idempotent. Returns when the port is free.</summary>
    /// <param name="timeoutMs">Milliseconds for requests in hand; −1 or more than 5,000: 5,000; less than 500: 500.</param>
    public void Stop(int timeoutMs)
    {
        // (2)
        if (!_isStopped) _isIdle.Wait(timeoutMs < 0 ? MaxStopMs : Math.Clamp(timeoutMs, MinStopMs, MaxStopMs));
        _isStopped = true;
        // (3)
        _listener.Close();
    }

    async Task TakeRequests()
    {
        while (!_isStopped)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = Serve(context, isRefused: !TryBegin());
            }
            catch (Exception) when (_isStopped || !_listener.IsListening)
            {
                return;
            }
            catch (Exception exception)
            {
                _problems.Tell(PrometheusProblemKind.ScrapeFailed, nameof(TakeRequests), $"A request could not be taken: {exception.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(PauseAfterFailureMs), _options.Clock);
            }
        }
    }

    async Task Serve(HttpListenerContext context, bool isRefused)
    {
        // The loop that takes requests must not wait for one that can be answered at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await _answers.Answer(context, isRefused);
        }
        catch (Exception exception)
        {
            context.Response.Abort();
            // Those are clients that went away.
            if (exception is not (HttpListenerException or IOException or ObjectDisposedException))
                _problems.Tell(PrometheusProblemKind.ScrapeFailed, exception.GetType().Name, $"A request could not be answered: {exception}");
        }
        finally
        {
            if (!isRefused) End();
        }
    }

    bool TryBegin()
    {
        lock (_gate)
        {
            if (_inHand >= _options.MaxConcurrentRequests) return false;
            _inHand++;
            _isIdle.Reset();
            return true;
        }
    }

    void End()
    {
        lock (_gate)
        {
            if (--_inHand == 0) _isIdle.Set();
        }
    }
}
